import { allValues, type ChartModel } from '../../charts/chart-model.ts'
import { columnCount } from '../../charts/small-multiples.ts'
import { valueAxis } from '../../charts/value-axis.ts'
import { nativePanel } from './charts/lines.ts'
import type { NativeCanvas } from './charts/native-chart.ts'
import type { Stage } from './deck-canvas.ts'
import { lineOfText } from './deck-canvas.ts'
import { seriesFormatter } from '../../format.ts'
import { textWidth, truncateText } from '../../typography/measure.ts'
import { placeChart } from './place-chart.ts'
import type { Rect } from './units.ts'

const gap = { x: 32, y: 18 } as const
const headPx = 24

/** A small native line chart for each series, all on one scale. Each can be edited on its own. */
export function smallMultiples(stage: Stage, model: ChartModel, rect: Rect, canvas: NativeCanvas): void {
  const { series } = model
  const { theme } = stage
  const columns = columnCount(series.length, canvas)
  const rows = Math.ceil(series.length / columns)
  const heightPx = (rect.h - gap.y * (rows - 1)) / rows - headPx
  const axis = valueAxis(allValues(series), model.unit, {
    needsZero: false,
    lengthPx: Math.min(210, heightPx),
    language: canvas.language,
  })
  const left = axis.labelWidth + 10
  const widthPx = (rect.w - left - gap.x * (columns - 1)) / columns
  const format = seriesFormatter(model.unit, allValues(series), canvas.language)
  series.forEach((one, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)]
    const x = rect.x + left + column * (widthPx + gap.x)
    const y = rect.y + row * (heightPx + headPx + gap.y)
    const last = one.values.findLast((value) => value !== null)
    const value = last === undefined || last === null ? '' : format(last)
    const valuePx = textWidth(value, 14, 600) + 8
    const style = { sizePx: 14, colour: theme.ink, isBold: true }
    const name = truncateText(one.name, widthPx - valuePx - 10, 14, 600)
    lineOfText(stage, name, { x, y, w: widthPx - valuePx, h: 18 }, style, { name: 'Panel', isOneLine: true })
    const place = { x: x + widthPx - valuePx, y, w: valuePx, h: 18 }
    lineOfText(stage, value, place, { ...style, align: 'end' }, { name: 'Last value' })
    // Panels at the left edge are wider by the marks of the axis that only they have.
    const marks = column === 0 ? left : 0
    const size = { widthPx: widthPx + marks, heightPx }
    const own = { ...model, series: [one], title: `${model.title}: ${one.name}` }
    const native = nativePanel(own, axis, marks, { ...canvas, ...size, colours: [canvas.colours[at] ?? theme.accent] })
    placeChart(stage, own, native, { x: x - marks, y: y + headPx, w: size.widthPx, h: heightPx })
  })
}
