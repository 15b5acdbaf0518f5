import { allValues, type ChartModel } from '../../charts/chart-model.ts'
import { describeChart } from '../../charts/describe-chart.ts'
import { bestFormat, colourScale } from '../../charts/heat-map.ts'
import { missingText } from '../../format.ts'
import { textOn } from '../../theme.ts'
import { textWidth, truncateText } from '../../typography/measure.ts'
import type { Stage } from './deck-canvas.ts'
import { gridCell, tableGraphic, type CellBlock, type RowBlock } from './table-graphic.ts'
import type { Rect } from './units.ts'

const headPx = 28
const mostRowPx = 64

/** A table whose cells carry the value as depth of colour and, where it fits, as a number. */
export function heatMap(stage: Stage, model: ChartModel, rect: Rect): void {
  const { theme, context } = stage
  const { series, categories } = model
  const values = allValues(series)
  const colourOf = colourScale(values, theme)
  const namePx = Math.min(Math.max(...series.map((one) => textWidth(one.name, 14)), 0), rect.w * 0.26) + 14
  const cellPx = (rect.w - namePx) / Math.max(1, categories.length)
  const format = bestFormat(model, values, cellPx - 8, context.language)
  const rowPx = Math.min(mostRowPx, (rect.h - headPx) / Math.max(1, series.length))
  const rule = { colour: theme.background, widthPx: 2 }
  const rows = series.map((one): RowBlock => {
    const cells = categories.map((_, at): CellBlock => {
      const value = one.values[at] ?? null
      const fill = value === null ? theme.background : colourOf(value)
      const text = format === null ? '' : value === null ? missingText : format(value)
      const colour = value === null ? theme.muted : textOn(fill)
      return { ...gridCell(text, { sizePx: rowPx < 22 ? 10 : 13, colour, align: 'centre' }), fill, hasGap: true }
    })
    const name = gridCell(truncateText(one.name, namePx - 14, 14), { sizePx: rowPx < 22 ? 10 : 14, colour: theme.ink })
    return { heightPx: rowPx, cells: [name, ...cells], rule }
  })
  // Names that have no room stand at every second or third column.
  const widest = Math.max(...categories.map((category) => textWidth(category.label, 12)), 0)
  const every = Math.max(1, Math.ceil((Math.min(widest, 110) + 8) / cellPx))
  const head: RowBlock = {
    heightPx: headPx,
    cells: [
      gridCell('', { sizePx: 12, colour: theme.muted }),
      ...categories.map((category, at) => {
        const text = at % every === 0 ? truncateText(category.label, cellPx * every - 6, 12) : ''
        return gridCell(text, { sizePx: 12, colour: theme.ink, align: every === 1 ? 'centre' : 'start' })
      }),
    ],
    rule: null,
  }
  const widths = [namePx, ...categories.map(() => cellPx)]
  const content = tableGraphic(widths, [head, ...rows], { hasHeader: true, look: stage.look })
  const place = { ...rect, h: headPx + rowPx * rows.length }
  stage.canvas.graphic(place, 'Heat map', describeChart(model, context.language), content)
}
