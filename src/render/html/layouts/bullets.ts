import type { Box } from '../../typography/fit.ts'
import { bulletList } from '../bullet-list.ts'
import type { DeckContext } from '../context.ts'
import type { SlideOf } from './slide-of.ts'

/** Longer lines are hard to read, however wide the slide. */
const mostWidthPx = 1040
/** Under the title, beside the gap that every body has. */
const topPx = 14

/** The part of a body that holds the points. */
export function pointsBox(box: Box): Box {
  return { widthPx: Math.min(box.widthPx, mostWidthPx), heightPx: box.heightPx - topPx }
}

/** A few points, as large as they fit. */
export function bulletsBody(slide: SlideOf<'bullets'>, context: DeckContext, box: Box): string {
  return bulletList(slide.bullets, pointsBox(box), context)
}
