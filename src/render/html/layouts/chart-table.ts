import type { Box } from '../../typography/fit.ts'
import type { DeckContext } from '../context.ts'
import { dataTable, tableNeedsPx } from '../data-table.ts'
import { chartFigure } from '../figure.ts'
import { stripTakeaway } from '../takeaway.ts'
import type { SlideOf } from './slide-of.ts'

const gapPx = 48

/** A chart and the table behind it side by side, the takeaway beneath. The table gets what it needs, up to half. */
export function chartTableBody(slide: SlideOf<'chart_table'>, context: DeckContext, box: Box): string {
  const strip = stripTakeaway(slide.takeaway, box.widthPx, context)
  const heightPx = box.heightPx - (strip === null ? 0 : strip.heightPx + 20)
  const wanted = tableNeedsPx(slide.table, context)
  const tableWidth = Math.round(Math.max(box.widthPx * 0.34, Math.min(box.widthPx * 0.5, wanted)))
  const chartBox = { widthPx: box.widthPx - tableWidth - gapPx, heightPx }
  return (
    `<div class="beside" style="gap:${gapPx / 10}rem">${chartFigure(slide.chart, chartBox, context)}` +
    `${dataTable(slide.table, { widthPx: tableWidth, heightPx }, context)}</div>${strip?.html ?? ''}`
  )
}
