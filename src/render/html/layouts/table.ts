import type { Box } from '../../typography/fit.ts'
import type { DeckContext } from '../context.ts'
import { dataTable, tableNeedsPx } from '../data-table.ts'
import { asidePx } from '../geometry.ts'
import { isBlank } from '../rich-text.ts'
import { asideTakeaway, stripTakeaway } from '../takeaway.ts'
import type { SlideOf } from './slide-of.ts'

/** True when the takeaway has its column beside the table; the columns do not need that width. */
export function hasAside(slide: SlideOf<'table'>, context: DeckContext, box: Box): boolean {
  return tableNeedsPx(slide.table, context) <= box.widthPx - asidePx.width - asidePx.gap
}

/** A table with its takeaway beside it, or beneath when the columns need the width. */
export function tableBody(slide: SlideOf<'table'>, context: DeckContext, box: Box): string {
  if (isBlank(slide.takeaway, context)) return dataTable(slide.table, box, context)
  if (hasAside(slide, context, box)) {
    const narrow = { ...box, widthPx: box.widthPx - asidePx.width - asidePx.gap }
    return (
      `<div class="beside">${dataTable(slide.table, narrow, context)}` +
      `${asideTakeaway(slide.takeaway, { ...box, widthPx: asidePx.width }, context)}</div>`
    )
  }
  const strip = stripTakeaway(slide.takeaway, box.widthPx, context)
  const height = box.heightPx - (strip === null ? 0 : strip.heightPx + 20)
  return `${dataTable(slide.table, { ...box, heightPx: height }, context)}${strip?.html ?? ''}`
}
