import { commandNames, shapes } from './command.ts'

/** All commands, one a line, behind what one writes before them (`/deckhand`, `deckhand`; '' in a chat with us). */
export function helpText(prefix: string, environments: readonly string[]): string {
  const rows = commandNames.map((name) => {
    const { usage, does } = shapes[name]
    return `${[prefix, name, usage].filter((part) => part !== '').join(' ')} – ${does}`
  })
  return [...rows, `ENV is ${environments.join(' or ')}.`].join('\n')
}
