import type { RichText } from '../../deck.ts'
import type { Box } from '../../typography/fit.ts'
import { bulletList } from '../bullet-list.ts'
import type { DeckContext } from '../context.ts'
import { fittedBlock } from '../fitted.ts'
import type { SlideOf } from './slide-of.ts'

const gapPx = 32
const paddingPx = 32

/** Two sides with a heading and points each. */
export function comparisonBody(slide: SlideOf<'comparison'>, context: DeckContext, box: Box): string {
  const side = { widthPx: (box.widthPx - gapPx) / 2 - paddingPx * 2, heightPx: box.heightPx - paddingPx * 2 }
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
  const scale = { sizesPx: [28, 26, 24, 22, 20, 18], lineHeight: 1.25, weight: 600, maxLines: 2 } as const
  const heading = fittedBlock('h3', 'side-heading', side.heading, { ...box, heightPx: 70 }, scale, context)
  const list = { ...box, heightPx: box.heightPx - heading.heightPx - 28 }
  return `<div class="side ${name}">${heading.html}${bulletList(side.bullets, list, context, [24, 22, 20, 18, 17, 16, 15, 14])}</div>`
}
