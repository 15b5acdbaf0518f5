import type { RichText } from '../../deck.ts'
import type { Box } from '../../typography/fit.ts'
import { bulletList } from '../bullet-list.ts'
import type { DeckContext } from '../context.ts'
import { fittedBlock } from '../fitted.ts'
import type { SlideOf } from './slide-of.ts'

const gapPx = 32
const paddingPx = 32

/** Where the texts of one side stand, and their sizes. */
export const sideText = {
  heading: { heightPx: 70, scale: { sizesPx: [28, 26, 24, 22, 20, 18], lineHeight: 1.25, weight: 600, maxLines: 2 } },
  sizesPx: [24, 22, 20, 18, 17, 16, 15, 14],
} as const

/** The inside of one side of a body. */
export function sideBox(box: Box): Box {
  return { widthPx: (box.widthPx - gapPx) / 2 - paddingPx * 2, heightPx: box.heightPx - paddingPx * 2 }
}

/** What a heading of that height leaves of a side to its points. */
export function sidePointsBox(side: Box, headingPx: number): Box {
  return { ...side, heightPx: side.heightPx - headingPx - 28 }
}

/** Two sides with a heading and points each. */
export function comparisonBody(slide: SlideOf<'comparison'>, context: DeckContext, box: Box): string {
  const side = sideBox(box)
  return (
    `<div class="sides">${sideHtml(slide.left, side, context, 'first')}` +
    `${sideHtml(slide.right, side, context, 'second')}</div>`
  )
}

function sideHtml(
  side: { readonly heading: RichText; readonly bullets: readonly RichText[] },
  box: Box,
  context: DeckContext,
  name: string,
): string {
  const { heightPx, scale } = sideText.heading
  const heading = fittedBlock('h3', 'side-heading', side.heading, { ...box, heightPx }, scale, context)
  const list = sidePointsBox(box, heading.heightPx)
  return `<div class="side ${name}">${heading.html}${bulletList(side.bullets, list, context, sideText.sizesPx)}</div>`
}
