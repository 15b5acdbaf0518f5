import type { State } from './state.ts'

/**
 * Typed text as Slack carries it: `&`, `<` and `>` escaped, names after an @ as mentions, addresses as links. Mentions
 * that are written in Slack's own form stay as they are.
 */
export function encodeTyped(state: State, team: string, text: string): string {
  const byName = new Map(
    [...state.people.values()].filter((each) => each.team === team).map((each) => [each.name.toLowerCase(), each.id]),
  )
  return text
    .split(/(<@[UW][A-Z0-9]+>)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll('&', '&amp;')
            .replaceAll('<', '&lt;')
            .replaceAll('>', '&gt;')
            .replaceAll(/@(\w+)/g, (typed, name: string) => {
              const id = byName.get(name.toLowerCase())
              return id === undefined ? typed : `<@${id}>`
            })
            .replaceAll(/https?:\/\/[^\s<>]+[^\s<>.,;:!?)]/g, (address) => `<${address}>`),
    )
    .join('')
}
