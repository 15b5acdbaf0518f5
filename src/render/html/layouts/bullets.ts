import type { Box } from '../../typography/fit.ts'
import { bulletList } from '../bullet-list.ts'
import type { DeckContext } from '../context.ts'
import type { SlideOf } from './slide-of.ts'

/** Longer lines are hard to read, however wide the slide. */
const mostWidthPx = 1040

/** A few points, as large as they fit. */
export function bulletsBody(slide: SlideOf<'bullets'>, context: DeckContext, box: Box): string {
  return bulletList(slide.bullets, { ...box, widthPx: Math.min(box.widthPx, mostWidthPx) }, context)
}
