import type { RichText } from '../deck.ts'
import type { Box } from '../typography/fit.ts'
import type { DeckContext } from './context.ts'
import { fittedBlock, type FittedBlock } from './fitted.ts'
import { isBlank } from './rich-text.ts'

const rulePx = 22

/** The sizes of a takeaway beside and under what it is about, and the room it has there. */
export const takeawayText = {
  aside: {
    box: (box: Box): Box => ({ widthPx: box.widthPx - rulePx, heightPx: box.heightPx }),
    scale: { sizesPx: [24, 22, 20, 18, 17, 16, 15, 14, 13], lineHeight: 1.45, weight: 600 },
  },
  strip: {
    box: (widthPx: number): Box => ({ widthPx: widthPx - rulePx, heightPx: 70 }),
    scale: { sizesPx: [24, 22, 20, 18, 16, 15, 14], lineHeight: 1.4, weight: 600 },
  },
} as const

/** The takeaway in a column beside a chart or table. */
export function asideTakeaway(text: RichText, box: Box, context: DeckContext): string {
  const { scale, box: inner } = takeawayText.aside
  return `<aside class="takeaway">${fittedBlock('p', 'say', text, inner(box), scale, context).html}</aside>`
}

/** The takeaway in a strip under what it is about; null when there is nothing to say. */
export function stripTakeaway(text: RichText, widthPx: number, context: DeckContext): FittedBlock | null {
  if (isBlank(text, context)) return null
  const { scale, box } = takeawayText.strip
  const block = fittedBlock('p', 'say', text, box(widthPx), scale, context)
  return { html: `<div class="takeaway strip">${block.html}</div>`, heightPx: block.heightPx + 28 }
}
