/**
 * What the buttons and menus of our messages carry: which turn, and which of several. Never the question or any other
 * text: that is looked up in the stored reply, so that a forged or old value can name nothing but a turn of its thread.
 */

/** What a menu beside a slide can do. */
export const slideCommands = ['edit', 'chart', 'drop', 'why'] as const
export type SlideCommand = (typeof slideCommands)[number]

/** Something a person pressed or picked. `turnId` is the turn whose reply shows it. */
export type Action =
  /** End the running turn; try the same question again; show the SQL; repeat a private answer where others see it. */
  | { readonly name: 'stop' | 'retry' | 'sql' | 'publish'; readonly turnId: string }
  /** Ask the suggestion with this place, from zero, in the reply's `result.suggestions`. */
  | { readonly name: 'ask'; readonly turnId: string; readonly index: number }
  /** `index` is the slide's place, from zero, in the reply's `slides`. */
  | { readonly name: 'slide'; readonly turnId: string; readonly index: number; readonly command: SlideCommand }
  | { readonly name: 'feedback'; readonly turnId: string; readonly rating: 'good' | 'bad' }
  /** A button that opens an address: Slack tells us, and expects nothing but an acknowledgement. */
  | { readonly name: 'link' }

/** Bolt's constraint for all of ours: `app.action(actionIds, …)`. */
export const actionIds = /^deckhand\./

/**
 * `action_id` and `value` of an element. Ids of several elements in one block differ, as Slack demands. For `feedback`
 * and `slide` the value belongs to a single button or option, and the id, the same for all of them, to the element.
 * `place` tells apart buttons that are alike: several links.
 */
export function encodeAction(action: Action, place?: number | string): { action_id: string; value: string } {
  const id = `deckhand.${action.name}`
  switch (action.name) {
    case 'ask':
      return { action_id: `${id}.${action.index}`, value: `${action.turnId}:${action.index}` }
    case 'slide':
      return { action_id: id, value: `${action.turnId}:${action.index}:${action.command}` }
    case 'feedback':
      return { action_id: id, value: `${action.turnId}:${action.rating}` }
    case 'link':
      return { action_id: place === undefined ? id : `${id}.${place}`, value: '' }
    default:
      return { action_id: id, value: action.turnId }
  }
}

/** What was pressed; undefined when it is not an element of ours, or altered. `value` of a menu is the option's. */
export function parseAction(actionId: string, value: string): Action | undefined {
  const [prefix, name] = actionId.split('.')
  const [turnId = '', second = '', third = '', ...rest] = value.split(':')
  if (prefix !== 'deckhand' || rest.length > 0) return undefined
  if (name === 'link') return { name }
  if (!/^[\w.-]{1,200}$/.test(turnId)) return undefined
  const parts = value.split(':').length
  switch (name) {
    case 'stop':
    case 'retry':
    case 'sql':
    case 'publish':
      return parts === 1 ? { name, turnId } : undefined
    case 'ask': {
      const index = toIndex(second)
      return index !== undefined && parts === 2 ? { name, turnId, index } : undefined
    }
    case 'slide': {
      const index = toIndex(second)
      const command = slideCommands.find((known) => known === third)
      return index !== undefined && command ? { name, turnId, index, command } : undefined
    }
    case 'feedback':
      return (second === 'good' || second === 'bad') && parts === 2 ? { name, turnId, rating: second } : undefined
    default:
      return undefined
  }
}

function toIndex(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined
}
