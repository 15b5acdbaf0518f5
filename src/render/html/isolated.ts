import type { DeckContext } from './context.ts'

/**
 * A part of a line that must not be mixed up with what stands beside it: in a right-to-left deck, a date after Latin text
 * would be reordered with it. Unicode's own marks do that, which work in every format.
 */
export function isolated(text: string, context: Pick<DeckContext, 'direction'>): string {
  return context.direction === 'rtl' ? `\u2068${text}\u2069` : text
}
