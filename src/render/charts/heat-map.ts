import { missingText, seriesFormatter } from '../format.ts'
import { mixColours, textOn, type Theme } from '../theme.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { chartText, type Canvas } from './canvas.ts'
import { categoryLabels, drawCategoryLabels, labelHeight } from './category-axis.ts'
import { allValues, type ChartModel } from './chart-model.ts'
import { label, rectangle } from './svg.ts'

const gapPx = 2
const legendPx = 28
const mostRowPx = 64
const swatches = 9

/** A row per series, a column per category, the value as depth of colour and, where it fits, as a number. */
export function drawHeatMap(model: ChartModel, canvas: Canvas): string {
  const { series, categories } = model
  const values = allValues(series)
  const colourOf = colourScale(values, canvas.theme)
  const widest = Math.max(...series.map((one) => textWidth(one.name, chartText.label)), 0)
  const nameWidth = Math.min(widest, canvas.widthPx * 0.26)
  const left = nameWidth + 14
  const step = (canvas.widthPx - left) / Math.max(1, categories.length)
  const labels = categoryLabels(model, step, canvas)
  const format = bestFormat(model, values, step - gapPx - 6, canvas.language)
  const isLabelled = format !== null
  const top = isLabelled ? 4 : legendPx
  const room = canvas.heightPx - labelHeight(labels) - top
  const rowPx = Math.min(mostRowPx, room / Math.max(1, series.length))
  const rows = series.map((one, at) => {
    const y = top + at * rowPx
    const middle = y + (rowPx - gapPx) / 2 + 5
    const name = label(truncateText(one.name, nameWidth, chartText.label), {
      x: left - 14,
      y: middle,
      sizePx: chartText.label,
      fill: canvas.theme.ink,
      anchor: 'end',
    })
    const cells = categories.map((_, index) => {
      const value = one.values[index] ?? null
      const x = left + index * step
      const fill = value === null ? canvas.theme.background : colourOf(value)
      const cell = rectangle(x, y, step - gapPx, rowPx - gapPx, fill, 2)
      if (!isLabelled || rowPx < 18) return cell
      const style = { x: x + (step - gapPx) / 2, y: middle, sizePx: 13, anchor: 'middle' } as const
      return value === null
        ? cell + label(missingText, { ...style, fill: canvas.theme.muted })
        : cell + label(format(value), { ...style, fill: textOn(fill) })
    })
    return name + cells.join('')
  })
  const bottom = top + rowPx * series.length
  return (
    (isLabelled ? '' : scaleLegend(model, values, left, colourOf, canvas)) +
    rows.join('') +
    drawCategoryLabels(labels, (index) => left + (index + 0.5) * step - gapPx / 2, bottom, canvas)
  )
}

/** The most exact way to write the values that fits the cells; null when none does. */
export function bestFormat(
  model: ChartModel,
  values: readonly number[],
  roomPx: number,
  language: string,
): ((value: number) => string) | null {
  const formats = [seriesFormatter(model.unit, values, language, 10_000), seriesFormatter(model.unit, values, language)]
  return formats.find((format) => values.every((value) => textWidth(format(value), 13) <= roomPx)) ?? null
}

/** From nearly the background to the full colour; values below zero go the other way in a second colour. */
export function colourScale(values: readonly number[], theme: Theme): (value: number) => string {
  const low = values.reduce((least, value) => Math.min(least, value), values[0] ?? 0)
  const high = values.reduce((most, value) => Math.max(most, value), values[0] ?? 0)
  const [full = theme.accent, opposite = theme.accent] = theme.series
  const shade = (colour: string, share: number): string => mixColours(theme.surface, colour, 0.08 + 0.92 * share)
  if (low < 0) {
    const most = Math.max(-low, high)
    return (value) => shade(value < 0 ? opposite : full, Math.abs(value) / most)
  }
  // Differences far from zero would all look dark: the scale then starts at the lowest value.
  const from = low > high * 0.6 ? low : 0
  return (value) => shade(full, high > from ? (value - from) / (high - from) : 0.5)
}

function scaleLegend(
  model: ChartModel,
  values: readonly number[],
  left: number,
  colourOf: (value: number) => string,
  canvas: Canvas,
): string {
  const low = values.reduce((least, value) => Math.min(least, value), values[0] ?? 0)
  const high = values.reduce((most, value) => Math.max(most, value), values[0] ?? 0)
  const format = seriesFormatter(model.unit, [low, high], canvas.language)
  const style = { y: 13, sizePx: chartText.legend, fill: canvas.theme.ink } as const
  const start = left + textWidth(format(low), chartText.legend) + 8
  const steps = Array.from({ length: swatches }, (_, at) =>
    rectangle(start + at * 18, 2, 18, 14, colourOf(low + ((high - low) * at) / (swatches - 1))),
  )
  return (
    label(format(low), { ...style, x: left }) +
    steps.join('') +
    label(format(high), { ...style, x: start + swatches * 18 + 8 })
  )
}
