import type { Box } from '../../typography/fit.ts'
import type { DeckContext } from '../context.ts'
import { chartFigure } from '../figure.ts'
import { asidePx } from '../geometry.ts'
import { isBlank } from '../rich-text.ts'
import { asideTakeaway } from '../takeaway.ts'
import type { SlideOf } from './slide-of.ts'

/** A chart with its takeaway beside it; the whole width when there is none. */
export function chartBody(slide: SlideOf<'chart'>, context: DeckContext, box: Box): string {
  if (isBlank(slide.takeaway, context)) return chartFigure(slide.chart, box, context)
  const chartBox = { ...box, widthPx: box.widthPx - asidePx.width - asidePx.gap }
  return (
    `<div class="beside">${chartFigure(slide.chart, chartBox, context)}` +
    `${asideTakeaway(slide.takeaway, { ...box, widthPx: asidePx.width }, context)}</div>`
  )
}
