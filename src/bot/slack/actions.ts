import { type Action, parseAction as parseData } from '../chat/action.ts'

/** A button that opens an address: Slack tells us, and expects nothing but an acknowledgement. */
interface LinkAction {
  readonly name: 'link'
}

/** Bolt's constraint for all of ours: `app.action(actionIds, …)`. */
export const actionIds = /^deckhand\./

/**
 * `action_id` and `value` of an element. Ids of several elements in one block differ, as Slack demands. For `feedback`
 * and `slide` the value belongs to a single button or option, and the id, the same for all of them, to the element.
 * `place` tells apart buttons that are alike: several links.
 */
export function encodeAction(
  action: Action | LinkAction,
  place?: number | string,
): { action_id: string; value: string } {
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
export function parseAction(actionId: string, value: string): Action | LinkAction | undefined {
  const [prefix, name] = actionId.split('.')
  const [turnId, second = '', third, ...rest] = value.split(':')
  if (prefix !== 'deckhand' || rest.length > 0) return undefined
  const parts = value.split(':').length
  switch (name) {
    case 'link':
      return { name }
    case 'ask':
      return parts === 2 ? read({ name, turnId, index: toIndex(second) }) : undefined
    case 'slide':
      return read({ name, turnId, index: toIndex(second), command: third })
    case 'feedback':
      return parts === 2 ? read({ name, turnId, rating: second }) : undefined
    default:
      return parts === 1 ? read({ name, turnId }) : undefined
  }
}

function read(action: unknown): Action | undefined {
  return parseData({ deckhand: action })
}

function toIndex(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined
}
