import type { AdaptiveCard } from './card.ts'
import { verb } from './elements.ts'

/**
 * A card for Microsoft's Agents Playground: without what Teams adds to Adaptive Cards. The Playground writes a note under
 * each message about pictures in full size and wide cards, and its page ends at a button that opens a dialog; such a
 * button becomes an ordinary one, which is answered by a message.
 */
export function forPlayground(card: AdaptiveCard): AdaptiveCard {
  return without(card) as AdaptiveCard // what is left out is optional
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([name]) => name !== 'msteams')
  const shown = Object.fromEntries(fields.map(([name, field]) => [name, without(field)]))
  return shown['type'] === 'Action.Submit' ? { ...shown, type: 'Action.Execute', verb } : shown
}
