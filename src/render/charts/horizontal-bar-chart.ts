import { scaleBand } from 'd3-scale'
import { seriesFormatter } from '../format.ts'
import { textOn } from '../theme.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { barColour, chartText, type Canvas } from './canvas.ts'
import { allValues, totalAt, type ChartModel } from './chart-model.ts'
import { drawLegend } from './legend.ts'
import { stackAt } from './stack.ts'
import { label, line, rectangle } from './svg.ts'
import { drawVerticalGrid, valueAxis, type ValueAxis } from './value-axis.ts'

const mostBarHeight = 44

/** Bars to the right, for long labels: one series, several under each other, or several in one bar. */
export function drawHorizontalBars(model: ChartModel, canvas: Canvas): string {
  const { series, categories } = model
  const legend =
    series.length > 1
      ? drawLegend(
          series.map((one) => one.name),
          0,
          canvas,
        )
      : { svg: '', heightPx: 0 }
  const values = model.isStacked ? categories.map((_, index) => totalAt(series, index)) : allValues(series)
  const format = seriesFormatter(model.unit, values, canvas.language, 1_000_000)
  const widest = Math.max(...categories.map((category) => textWidth(category.label, chartText.label)), 0)
  const labelWidth = Math.min(widest, canvas.widthPx * 0.36)
  const valueWidth = Math.max(...values.map((value) => textWidth(format(value), chartText.label, 600)), 0) + 12

  const rowsInBand = model.isStacked ? 1 : series.length
  const isLabelled = canvas.heightPx / (categories.length * rowsInBand) >= 18
  const negative = values.some((value) => value < 0)
  const plot = {
    left: labelWidth + 14,
    right: canvas.widthPx - (isLabelled ? valueWidth : 8),
    top: legend.heightPx,
    bottom: canvas.heightPx - (isLabelled ? 0 : 28),
  }
  const axis = valueAxis(values, model.unit, {
    needsZero: true,
    lengthPx: plot.right - plot.left,
    language: canvas.language,
  })
  if (isLabelled) axis.scale.domain([Math.min(0, ...values), Math.max(0, ...values) || 1])
  axis.scale.range([plot.left + (isLabelled && negative ? valueWidth : 0), plot.right])
  const band = scaleBand<number>()
    .domain([...categories.keys()])
    .range([plot.top, plot.bottom])
    .paddingInner(0.34)
    .paddingOuter(0.17)
  const bandHeight = Math.min(band.bandwidth(), mostBarHeight * rowsInBand)

  const rows = categories.map((category, index) => {
    const y = (band(index) ?? 0) + (band.bandwidth() - bandHeight) / 2
    const name = label(truncateText(category.label, labelWidth, chartText.label), {
      x: plot.left - 14,
      y: y + bandHeight / 2 + 5,
      sizePx: chartText.label,
      fill: canvas.theme.ink,
      anchor: 'end',
    })
    const place = { y, height: bandHeight, axis, canvas, format, isLabelled }
    return name + (model.isStacked ? drawStack(model, index, place) : drawGroup(model, index, place))
  })
  const zero = axis.scale(0)
  return (
    legend.svg +
    (isLabelled ? '' : drawVerticalGrid(axis, plot, canvas)) +
    rows.join('') +
    line(zero, plot.top, zero, plot.bottom, canvas.theme.muted)
  )
}

interface RowPlace {
  readonly y: number
  readonly height: number
  readonly axis: ValueAxis
  readonly canvas: Canvas
  readonly format: (value: number) => string
  readonly isLabelled: boolean
}

function drawGroup(model: ChartModel, index: number, place: RowPlace): string {
  const { axis, canvas } = place
  const gap = model.series.length > 1 ? 2 : 0
  const height = place.height / model.series.length - gap
  const zero = axis.scale(0)
  return model.series
    .map((series, at) => {
      const value = series.values[index]
      if (value === null || value === undefined) return ''
      const end = axis.scale(value)
      const y = place.y + at * (height + gap)
      const colour = barColour(canvas, at, model.categories[index])
      const bar = rectangle(
        Math.min(end, zero),
        y,
        Math.max(Math.abs(end - zero), value === 0 ? 0 : 1),
        height,
        colour,
        2,
      )
      return bar + (place.isLabelled ? valueLabel(place, value, end, y + height / 2) : '')
    })
    .join('')
}

function drawStack(model: ChartModel, index: number, place: RowPlace): string {
  const { axis, canvas, format } = place
  const parts = stackAt(model.series, index).map((segment) => {
    const colour = canvas.colours[segment.series] ?? canvas.theme.other
    const left = axis.scale(segment.from)
    const width = axis.scale(segment.to) - left
    const text = format(segment.to - segment.from)
    const part = rectangle(left, place.y, Math.max(0.5, width - (width > 3 ? 1 : 0)), place.height, colour)
    const isReadable = textWidth(text, 13) + 12 <= width && place.height >= 20
    const style = { x: left + width / 2, y: place.y + place.height / 2 + 5, sizePx: 13, anchor: 'middle' } as const
    return part + (isReadable ? label(text, { ...style, fill: textOn(colour) }) : '')
  })
  const total = totalAt(model.series, index)
  return (
    parts.join('') + (place.isLabelled ? valueLabel(place, total, axis.scale(total), place.y + place.height / 2) : '')
  )
}

function valueLabel(place: RowPlace, value: number, end: number, middle: number): string {
  return label(place.format(value), {
    x: value < 0 ? end - 8 : end + 8,
    y: middle + 5,
    sizePx: chartText.label,
    weight: 600,
    fill: place.canvas.theme.ink,
    anchor: value < 0 ? 'end' : 'start',
  })
}
