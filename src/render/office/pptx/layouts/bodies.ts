import { plainDate } from '../../../html/plain-date.ts'
import { tableNeedsPx } from '../../../html/data-table.ts'
import { asidePx } from '../../../html/geometry.ts'
import type { SlideOf } from '../../../html/layouts/slide-of.ts'
import { isBlank } from '../../../html/rich-text.ts'
import { cutText, limits } from '../../../limits.ts'
import { truncateText } from '../../../typography/measure.ts'
import { bulletList, bulletsHeight, listOf } from '../bullets.ts'
import { dataTable } from '../data-table.ts'
import { boldShare, fittedText, lineOfText, measure, type Stage } from '../deck-canvas.ts'
import { chartFigure } from '../figure.ts'
import { drawLinks, linksHeight } from '../links.ts'
import { asideTakeaway, stripHeight, stripTakeaway } from '../takeaway.ts'
import type { Rect } from '../units.ts'

/** The column at the right edge of a body, and what is left beside it. */
function withAside(rect: Rect): { readonly main: Rect; readonly aside: Rect } {
  const w = rect.w - asidePx.width - asidePx.gap
  return { main: { ...rect, w }, aside: { ...rect, x: rect.x + w + asidePx.gap, w: asidePx.width } }
}

/** A chart with its takeaway beside it; the whole width when there is none. */
export function chartBody(stage: Stage, slide: SlideOf<'chart'>, rect: Rect): void {
  if (isBlank(slide.takeaway, stage.context)) {
    chartFigure(stage, slide.chart, rect)
    return
  }
  const { main, aside } = withAside(rect)
  chartFigure(stage, slide.chart, main)
  asideTakeaway(stage, slide.takeaway, aside)
}

/** A table with its takeaway beside it, or beneath when the columns need the width. */
export function tableBody(stage: Stage, slide: SlideOf<'table'>, rect: Rect): void {
  const { context } = stage
  if (isBlank(slide.takeaway, context)) {
    dataTable(stage, slide.table, rect)
    return
  }
  const { main, aside } = withAside(rect)
  if (tableNeedsPx(slide.table, context) <= main.w) {
    dataTable(stage, slide.table, main)
    asideTakeaway(stage, slide.takeaway, aside)
    return
  }
  const stripPx = stripHeight(stage, slide.takeaway, rect.w)
  const heightPx = dataTable(stage, slide.table, { ...rect, h: rect.h - (stripPx === 0 ? 0 : stripPx + 20) })
  stripTakeaway(stage, slide.takeaway, { x: rect.x, y: rect.y + heightPx }, rect.w)
}

/** A chart and the table behind it side by side, the takeaway at the foot. */
export function chartTableBody(stage: Stage, slide: SlideOf<'chart_table'>, rect: Rect): void {
  const gapPx = 48
  const stripPx = stripHeight(stage, slide.takeaway, rect.w)
  const h = rect.h - (stripPx === 0 ? 0 : stripPx + 20)
  const wanted = tableNeedsPx(slide.table, stage.context)
  const tableWidth = Math.round(Math.max(rect.w * 0.34, Math.min(rect.w * 0.5, wanted)))
  const chartWidth = rect.w - tableWidth - gapPx
  chartFigure(stage, slide.chart, { ...rect, w: chartWidth, h })
  dataTable(stage, slide.table, { x: rect.x + chartWidth + gapPx, y: rect.y, w: tableWidth, h })
  stripTakeaway(stage, slide.takeaway, { x: rect.x, y: rect.y + rect.h - stripPx - 4 }, rect.w)
}

/** A few points, as large as they fit. */
export function bulletsBody(stage: Stage, slide: SlideOf<'bullets'>, rect: Rect): void {
  const place = { ...rect, y: rect.y + 14, h: rect.h - 14 }
  const layout = listOf(stage, slide.bullets, { ...place, w: Math.min(rect.w, 1040) })
  bulletList(stage, layout, place, stage.theme.accent)
}

/** Two sides with a heading and points each. */
export function comparisonBody(stage: Stage, slide: SlideOf<'comparison'>, rect: Rect): void {
  const gapPx = 32
  const padding = { x: 32, y: 28, border: 4 } as const
  const leastPx = 340
  const sidePx = (rect.w - gapPx) / 2
  const inner = { x: 0, y: 0, w: sidePx - padding.x * 2, h: rect.h - 64 }
  const scale = { sizesPx: [28, 26, 24, 22, 20, 18], lineHeight: 1.25, weight: 600, maxLines: 2 } as const
  const sides = [slide.left, slide.right].map((side) => {
    const headingPx = measure(
      side.heading,
      { widthPx: inner.w * boldShare, heightPx: 70 },
      scale,
      stage.context,
    ).heightPx
    const list = listOf(
      stage,
      side.bullets,
      { ...inner, h: inner.h - headingPx - 28 },
      [24, 22, 20, 18, 17, 16, 15, 14],
    )
    return { ...side, headingPx, list, heightPx: padding.border + padding.y * 2 + headingPx + 24 + bulletsHeight(list) }
  })
  const height = Math.min(rect.h, Math.max(leastPx, ...sides.map((side) => side.heightPx)))
  sides.forEach((side, at) => {
    const x = rect.x + at * (sidePx + gapPx)
    const colour = at === 0 ? stage.theme.accent : (stage.theme.series[1] ?? stage.theme.accent)
    stage.canvas.rectangle({ x, y: rect.y, w: sidePx, h: height }, colour, { radiusPx: 10, name: 'Edge' })
    const panel = { x, y: rect.y + padding.border, w: sidePx, h: height - padding.border }
    stage.canvas.rectangle(panel, stage.theme.surface, { radiusPx: 10, name: 'Panel' })
    const place = { x: x + padding.x, y: rect.y + padding.border + padding.y }
    fittedText(stage, side.heading, place, { widthPx: inner.w, heightPx: 70 }, scale, {
      colour: stage.theme.ink,
      isBold: true,
      options: { name: 'Heading' },
    })
    const list = { ...place, y: place.y + side.headingPx + 24, w: inner.w, h: inner.h - side.headingPx - 28 }
    bulletList(stage, side.list, list, colour)
  })
}

/** The last points on the left; on the right where every number of the deck comes from. */
export function closingBody(stage: Stage, slide: SlideOf<'closing'>, rect: Rect): void {
  const panel = { width: 400, gap: 56 } as const
  const list = { ...rect, w: rect.w - panel.width - panel.gap }
  bulletList(stage, listOf(stage, slide.bullets, list, [24, 22, 20, 18, 17, 16, 15, 14]), list, stage.theme.accent)
  originPanel(stage, { ...rect, x: rect.x + rect.w - panel.width, w: panel.width })
}

function originPanel(stage: Stage, rect: Rect): void {
  const { theme, context } = stage
  const { deck } = context
  const padding = { x: 28, y: 24 } as const
  const widthPx = rect.w - padding.x * 2
  const question = [cutText(deck.question, limits.text)]
  const questionBox = { widthPx, heightPx: 80 }
  const questionScale = { sizesPx: [16, 15, 14], lineHeight: 1.4, weight: 600, maxLines: 3 } as const
  const made = [`${cutText(deck.provenance, limits.label)} · ${plainDate(deck.createdAt, context.language)}`]
  const madeBox = { widthPx, heightPx: 60 }
  const madeScale = { sizesPx: [13], lineHeight: 1.4, weight: 600, maxLines: 3 } as const
  const boldBox = { ...questionBox, widthPx: widthPx * boldShare }
  const questionPx = measure(question, boldBox, questionScale, context).heightPx
  const madePx = measure(made, madeBox, madeScale, context).heightPx
  const itemPx = 57
  const linksPx = linksHeight(context)
  const room = rect.h - 118 - questionPx - madePx - linksPx
  const most = Math.max(1, Math.floor(room / itemPx))
  const isLong = deck.tables.length > most
  const shown = deck.tables.slice(0, isLong ? Math.max(1, Math.floor((room - 37) / itemPx)) : most)
  const hidden = deck.tables.length - shown.length
  const itemsPx = shown.length * itemPx + (hidden > 0 ? 37 : 0)
  const height = padding.y * 2 + 18 + 10 + questionPx + 16 + 1 + itemsPx + 16 + madePx + linksPx
  stage.canvas.rectangle({ ...rect, h: height }, theme.surface, { radiusPx: 10, name: 'Panel' })
  const x = rect.x + padding.x
  let y = rect.y + padding.y
  const small = { sizePx: 13, colour: theme.muted }
  lineOfText(
    stage,
    stage.context.words.sourcesAndMethod,
    { x, y, w: widthPx, h: 18 },
    { ...small, isBold: true },
    { name: 'Heading' },
  )
  y += 28
  fittedText(stage, question, { x, y }, questionBox, questionScale, {
    colour: theme.ink,
    isBold: true,
    options: { name: 'Question' },
  })
  y += questionPx + 16
  const rule = (): void => stage.canvas.rectangle({ x, y, w: widthPx, h: 1 }, theme.hairline, { name: 'Line' })
  rule()
  y += 1
  const number = new Intl.NumberFormat(context.language)
  for (const table of shown) {
    const title = truncateText(table.title, widthPx * 0.97, 15, 600)
    lineOfText(stage, title, { x, y: y + 9, w: widthPx, h: 20 }, { sizePx: 15, colour: theme.ink }, { name: 'Source' })
    const rows = stage.context.words.rowCount(number.format(table.totalRowCount), table.totalRowCount === 1)
    lineOfText(stage, rows, { x, y: y + 29, w: widthPx, h: 18 }, small, { name: 'Rows' })
    y += itemPx - 1
    rule()
    y += 1
  }
  if (hidden > 0) {
    lineOfText(stage, stage.context.words.more(hidden), { x, y: y + 9, w: widthPx, h: 18 }, small, { name: 'More' })
    y += 37
  }
  fittedText(stage, made, { x, y: y + 16 }, madeBox, madeScale, { colour: theme.muted, options: { name: 'Origin' } })
  drawLinks(stage, { x, y: y + 16 + madePx, w: widthPx }, theme.accent)
}
