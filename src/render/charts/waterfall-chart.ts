import { scaleBand } from 'd3-scale'
import { seriesFormatter } from '../format.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { wordsFor } from '../words.ts'
import { chartText, type Canvas } from './canvas.ts'
import { categoryLabels, drawCategoryLabels, isCut, labelHeight } from './category-axis.ts'
import type { ChartModel } from './chart-model.ts'
import { drawLegend } from './legend.ts'
import { element, label, line, rectangle } from './svg.ts'
import { valueAxis } from './value-axis.ts'

const mostBarPx = 96

/** One bar of a waterfall: where it starts and ends on the value axis. */
export interface WaterfallBar {
  readonly from: number
  readonly to: number
  readonly isTotal: boolean
}

/** The bars of a waterfall in order. Steps stand on the end of the bar before, totals on zero. */
export function waterfallBars(model: ChartModel): readonly WaterfallBar[] {
  let level = 0
  return model.categories.map((category, index) => {
    const value = model.series[0]?.values[index] ?? 0
    const isTotal = category.isTotal === true
    const from = isTotal ? 0 : level
    level = isTotal ? value : level + value
    return { from, to: level, isTotal }
  })
}

/** Totals and the steps between them, upright; lying when the names have no room under the bars. */
export function drawWaterfall(model: ChartModel, canvas: Canvas): string {
  const words = wordsFor(canvas.language)
  const bars = waterfallBars(model)
  const legend = drawLegend([words.total, words.increase, words.decrease], 0, {
    ...canvas,
    colours: [canvas.theme.muted, ...changeColours(canvas)],
  })
  const step = canvas.widthPx / Math.max(1, bars.length)
  const isLying = model.categories.some((category) => isCut(category.label, step - 8))
  const steps = bars.map((bar) => bar.to - bar.from)
  const short = seriesFormatter(model.unit, steps, canvas.language)
  const format = (bar: WaterfallBar): string => {
    const text = short(bar.isTotal ? bar.to : bar.to - bar.from)
    return bar.isTotal || bar.to <= bar.from ? text : `+${text}`
  }
  const draw = isLying ? drawLying : drawUpright
  return legend.svg + draw(model, bars, format, legend.heightPx, canvas)
}

/** Colours of what was added and of what was taken away. */
function changeColours({ theme }: Canvas): readonly [increase: string, decrease: string] {
  return [theme.series[0] ?? theme.accent, theme.series[1] ?? theme.warning]
}

function colourOf(bar: WaterfallBar, canvas: Canvas): string {
  const [increase, decrease] = changeColours(canvas)
  return bar.isTotal ? canvas.theme.muted : bar.to >= bar.from ? increase : decrease
}

type Format = (bar: WaterfallBar) => string

function drawUpright(
  model: ChartModel,
  bars: readonly WaterfallBar[],
  format: Format,
  top: number,
  canvas: Canvas,
): string {
  const band = scaleBand<number>()
    .domain([...bars.keys()])
    .range([0, canvas.widthPx])
    .paddingInner(0.36)
    .paddingOuter(0.18)
  if (band.bandwidth() > mostBarPx) band.padding(1 - mostBarPx / band.step())
  const labels = categoryLabels(model, band.step(), canvas)
  const bottom = canvas.heightPx - labelHeight(labels)
  const axis = axisOf(model, bars, bottom - top, canvas)
  axis.range([bottom - (bars.some((bar) => bar.to < 0) ? 22 : 0), top + 24])
  const width = band.bandwidth()
  const shapes = bars.map((bar, index) => {
    const x = band(index) ?? 0
    const [low, high] = [axis(Math.min(bar.from, bar.to)), axis(Math.max(bar.from, bar.to))]
    const text = label(format(bar), {
      x: x + width / 2,
      y: bar.to < bar.from ? low + 18 : high - 8,
      sizePx: chartText.label,
      weight: 600,
      anchor: 'middle',
      fill: canvas.theme.ink,
    })
    const next = band(index + 1)
    const bridge = next === undefined ? '' : connector(x + width, axis(bar.to), next, axis(bar.to), canvas)
    return bridge + rectangle(x, high, width, Math.max(1, low - high), colourOf(bar, canvas), 2) + text
  })
  const zero = axis(0)
  return (
    shapes.join('') +
    line(0, zero, canvas.widthPx, zero, canvas.theme.muted) +
    drawCategoryLabels(labels, (index) => (band(index) ?? 0) + width / 2, bottom, canvas)
  )
}

function drawLying(
  model: ChartModel,
  bars: readonly WaterfallBar[],
  format: Format,
  top: number,
  canvas: Canvas,
): string {
  const band = scaleBand<number>()
    .domain([...bars.keys()])
    .range([top, canvas.heightPx])
    .paddingInner(0.3)
    .paddingOuter(0.15)
  const height = Math.min(44, band.bandwidth())
  const widest = Math.max(...model.categories.map((category) => textWidth(category.label, chartText.label)))
  const nameWidth = Math.min(widest, canvas.widthPx * 0.36)
  const valueWidth = Math.max(...bars.map((bar) => textWidth(format(bar), chartText.label, 600))) + 14
  const left = nameWidth + 14
  const axis = axisOf(model, bars, canvas.widthPx - left, canvas)
  const hasLeft = bars.some((bar) => bar.to < 0)
  axis.range([left + (hasLeft ? valueWidth : 0), canvas.widthPx - valueWidth])
  const rows = bars.map((bar, index) => {
    const y = (band(index) ?? 0) + (band.bandwidth() - height) / 2
    const middle = y + height / 2 + 5
    const [from, to] = [axis(Math.min(bar.from, bar.to)), axis(Math.max(bar.from, bar.to))]
    const name = label(truncateText(model.categories[index]?.label ?? '', nameWidth, chartText.label), {
      x: left - 14,
      y: middle,
      sizePx: chartText.label,
      fill: canvas.theme.ink,
      anchor: 'end',
    })
    // Beside the right end there is always room: the next bar starts a row further down.
    const isBelow = bar.to < 0 && bar.from <= 0
    const value = label(format(bar), {
      x: isBelow ? from - 8 : to + 8,
      y: middle,
      sizePx: chartText.label,
      weight: 600,
      anchor: isBelow ? 'end' : 'start',
      fill: canvas.theme.ink,
    })
    const next = band(index + 1)
    const bridge = next === undefined ? '' : connector(axis(bar.to), y + height, axis(bar.to), next, canvas)
    return name + bridge + rectangle(from, y, Math.max(1, to - from), height, colourOf(bar, canvas), 2) + value
  })
  const zero = axis(0)
  return rows.join('') + line(zero, top, zero, canvas.heightPx, canvas.theme.muted)
}

type Scale = ReturnType<typeof valueAxis>['scale']

function axisOf(model: ChartModel, bars: readonly WaterfallBar[], lengthPx: number, canvas: Canvas): Scale {
  const ends = bars.flatMap((bar) => [bar.from, bar.to])
  const { scale } = valueAxis(ends, model.unit, { needsZero: true, lengthPx, language: canvas.language })
  // Every bar carries its value, so no round marks are needed and the bars may use all the room.
  return scale.domain([Math.min(0, ...ends), Math.max(0, ...ends) || 1])
}

function connector(x1: number, y1: number, x2: number, y2: number, canvas: Canvas): string {
  return element('line', { x1, y1, x2, y2, stroke: canvas.theme.muted, 'stroke-dasharray': '3 3' })
}
