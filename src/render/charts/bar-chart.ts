import { scaleBand } from 'd3-scale'
import { seriesFormatter } from '../format.ts'
import { textOn } from '../theme.ts'
import { textWidth } from '../typography/measure.ts'
import { barColour, chartText, type Canvas, type Plot } from './canvas.ts'
import { categoryLabels, drawCategoryLabels, labelHeight } from './category-axis.ts'
import { allValues, totalAt, type ChartModel } from './chart-model.ts'
import { drawLegend } from './legend.ts'
import { stackAt } from './stack.ts'
import { label, line, rectangle } from './svg.ts'
import { drawHorizontalGrid, valueAxis, type ValueAxis } from './value-axis.ts'

/** Vertical bars: one series, several side by side, or several on top of each other. */
export function drawBars(model: ChartModel, canvas: Canvas): string {
  const { series, categories } = model
  const legend =
    series.length > 1
      ? drawLegend(
          series.map((one) => one.name),
          0,
          canvas,
        )
      : { svg: '', heightPx: 0 }
  const totals = categories.map((_, index) => totalAt(series, index))
  const values = model.isStacked ? totals : allValues(series)
  const short = seriesFormatter(model.unit, values, canvas.language)
  const long = seriesFormatter(model.unit, values, canvas.language, 1_000_000)

  const layout = (
    plotLeft: number,
  ): { plot: Plot; band: ReturnType<typeof scaleBand<number>>; labels: ReturnType<typeof categoryLabels> } => {
    const band = scaleBand<number>()
      .domain([...categories.keys()])
      .range([plotLeft, canvas.widthPx])
      .paddingInner(model.grain !== null && categories.length > 12 ? 0.25 : 0.4)
      .paddingOuter(0.2)
    if (band.bandwidth() > mostBarWidth * series.length) band.padding(1 - (mostBarWidth * series.length) / band.step())
    const labels = categoryLabels(model, band.step(), canvas)
    const bottom = canvas.heightPx - labelHeight(labels)
    return { plot: { left: plotLeft, top: legend.heightPx + 24, right: canvas.widthPx, bottom }, band, labels }
  }

  // With a value on every bar the axis would say everything twice.
  const bare = layout(0)
  const barWidth = model.isStacked ? bare.band.bandwidth() : bare.band.bandwidth() / series.length
  const room = series.length === 1 || model.isStacked ? bare.band.step() - 6 : barWidth + 6
  const widest = (format: (value: number) => string): number =>
    Math.max(...values.map((value) => textWidth(format(value), chartText.label, 600)), 0)
  const format = widest(long) <= room ? long : short
  const isLabelled = widest(format) <= room && categories.length * (model.isStacked ? 1 : series.length) <= 24
  const needs = { needsZero: true, lengthPx: bare.plot.bottom - bare.plot.top, language: canvas.language }
  const axis = valueAxis(values, model.unit, needs)
  const { plot, band, labels } = isLabelled ? bare : layout(axis.labelWidth + 14)
  axis.scale.range([plot.bottom - (hasNegative(values) ? 20 : 0), plot.top])

  const bars = categories.map((_, index) => {
    const x = band(index) ?? 0
    return model.isStacked
      ? drawStack(model, index, { x, width: band.bandwidth(), axis, canvas, format, isLabelled })
      : drawGroup(model, index, { x, width: band.bandwidth(), axis, canvas, format, isLabelled })
  })
  const zero = axis.scale(0)
  return (
    legend.svg +
    (isLabelled ? '' : drawHorizontalGrid(axis, plot, canvas)) +
    bars.join('') +
    line(plot.left, zero, plot.right, zero, canvas.theme.muted) +
    drawCategoryLabels(labels, (index) => (band(index) ?? 0) + band.bandwidth() / 2, plot.bottom, canvas)
  )
}

/** Wider bars look like blocks; the rest becomes white space. */
const mostBarWidth = 112

interface BarPlace {
  readonly x: number
  readonly width: number
  readonly axis: ValueAxis
  readonly canvas: Canvas
  readonly format: (value: number) => string
  readonly isLabelled: boolean
}

function drawGroup(model: ChartModel, index: number, place: BarPlace): string {
  const { axis, canvas } = place
  const gap = model.series.length > 1 && place.width / model.series.length > 8 ? 2 : 0
  const width = place.width / model.series.length - gap
  const zero = axis.scale(0)
  return model.series
    .map((series, at) => {
      const value = series.values[index]
      if (value === null || value === undefined) return ''
      const x = place.x + at * (width + gap)
      const y = axis.scale(value)
      const bar = rectangle(
        x,
        Math.min(y, zero),
        width,
        Math.max(Math.abs(zero - y), value === 0 ? 0 : 1),
        barColour(canvas, at, model.categories[index]),
        2,
      )
      if (!place.isLabelled) return bar
      const style = {
        x: x + width / 2,
        y: value < 0 ? y + 18 : y - 8,
        sizePx: chartText.label,
        weight: 600,
        anchor: 'middle',
      } as const
      return bar + label(place.format(value), { ...style, fill: canvas.theme.ink })
    })
    .join('')
}

function drawStack(model: ChartModel, index: number, place: BarPlace): string {
  const { axis, canvas, format } = place
  const segments = stackAt(model.series, index).map((segment) => {
    const colour = barColour(canvas, segment.series, model.categories[index])
    const top = axis.scale(segment.to)
    const height = axis.scale(segment.from) - top
    const text = format(segment.to - segment.from)
    const isReadable = height >= 22 && textWidth(text, 13) + 8 <= place.width
    // One pixel of background between the parts tells them apart without colour.
    const part = rectangle(
      place.x,
      top + (height > 3 ? 1 : 0),
      place.width,
      Math.max(0.5, height - (height > 3 ? 1 : 0)),
      colour,
    )
    const style = { x: place.x + place.width / 2, y: top + height / 2 + 5, sizePx: 13, anchor: 'middle' } as const
    return part + (isReadable ? label(text, { ...style, fill: textOn(colour) }) : '')
  })
  const total = totalAt(model.series, index)
  const style = {
    x: place.x + place.width / 2,
    y: axis.scale(total) - 8,
    sizePx: chartText.label,
    weight: 600,
    anchor: 'middle',
  } as const
  return segments.join('') + (place.isLabelled ? label(format(total), { ...style, fill: canvas.theme.ink }) : '')
}

function hasNegative(values: readonly number[]): boolean {
  return values.some((value) => value < 0)
}
