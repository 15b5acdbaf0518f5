import { scalePoint, scaleUtc } from 'd3-scale'
import { area as areaPath, line as linePath } from 'd3-shape'
import { seriesFormatter } from '../format.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { wordsFor } from '../words.ts'
import { chartText, type Canvas, type Plot } from './canvas.ts'
import { categoryLabels, drawCategoryLabels, labelHeight } from './category-axis.ts'
import { allValues, totalAt, type ChartModel } from './chart-model.ts'
import { drawLegend } from './legend.ts'
import { stackAt } from './stack.ts'
import { element, label, round } from './svg.ts'
import { drawHorizontalGrid, valueAxis } from './value-axis.ts'

/** More lines than this get a legend instead of a name at their end. */
const mostNamedLines = 5
const endLabelPx = 20

/** Lines, or areas on top of each other. Gaps stay gaps; a value with none beside it is a dot. */
export function drawLines(model: ChartModel, canvas: Canvas): string {
  const { series, categories } = model
  const isStacked = model.kind === 'area' && series.length > 1
  const values = isStacked ? categories.map((_, index) => totalAt(series, index)) : allValues(series)
  const ends = endLabels(model, canvas, isStacked)
  const legend =
    ends.length === 0 && series.length > 1
      ? drawLegend(
          series.map((one) => one.name),
          0,
          canvas,
        )
      : { svg: '', heightPx: 0 }
  const endWidth = Math.max(0, ...ends.map((end) => end.widthPx))

  const language = canvas.language
  const axis = valueAxis(values, model.unit, {
    needsZero: model.kind === 'area',
    lengthPx: canvas.heightPx - 60,
    language,
  })
  const left = axis.labelWidth + 14
  const right = canvas.widthPx - (endWidth > 0 ? endWidth + 14 : 12)
  const step = (right - left) / Math.max(1, categories.length - 1)
  const labels = categoryLabels(model, step, canvas)
  const plot = { left, right, top: legend.heightPx + 12, bottom: canvas.heightPx - labelHeight(labels) }
  axis.scale.range([plot.bottom, plot.top])
  const xOf = xScale(model, plot)
  const shapes = isStacked
    ? drawStackedAreas(model, xOf, axis.scale, canvas)
    : drawEach(model, xOf, axis.scale, plot, canvas)
  return (
    legend.svg +
    drawHorizontalGrid(axis, plot, canvas) +
    shapes +
    drawCategoryLabels(labels, xOf, plot.bottom, canvas) +
    drawEndLabels(ends, axis.scale, plot, canvas)
  )
}

/** A note for the reader when the value axis of this chart leaves zero out. */
export function axisNote(model: ChartModel, language: string): string | null {
  if (model.kind !== 'line') return null
  const axis = valueAxis(allValues(model.series), model.unit, { needsZero: false, lengthPx: 400, language: 'en' })
  return axis.startsAtZero ? null : wordsFor(language).axisNotZero
}

function xScale(model: ChartModel, plot: Plot): (index: number) => number {
  const first = model.categories[0]?.time
  const last = model.categories.at(-1)?.time
  if (typeof first === 'number' && typeof last === 'number' && last > first) {
    const scale = scaleUtc().domain([first, last]).range([plot.left, plot.right])
    return (index) => scale(model.categories[index]?.time ?? first)
  }
  const scale = scalePoint<number>()
    .domain([...model.categories.keys()])
    .range([plot.left, plot.right])
  return (index) => scale(index) ?? plot.left
}

type Scale = (value: number) => number

function drawEach(model: ChartModel, xOf: Scale, yOf: Scale, plot: Plot, canvas: Canvas): string {
  return model.series
    .map((one, at) => {
      const colour = canvas.colours[at] ?? canvas.theme.other
      const path = linePath<number | null>()
        .defined((value) => value !== null)
        .x((_, index) => round(xOf(index)))
        .y((value) => round(yOf(value ?? 0)))
      const isRunning = model.categories.at(-1)?.isPartial === true
      const stroke = (values: readonly (number | null)[], dashes?: string): string =>
        element('path', {
          d: path([...values]) ?? '',
          fill: 'none',
          stroke: colour,
          'stroke-width': model.series.length > 3 ? 2.5 : 3,
          'stroke-linejoin': 'round',
          'stroke-linecap': 'round',
          'stroke-dasharray': dashes,
        })
      // The way to a period that is not over yet is dashed: its value will still move.
      const lastTwo = one.values.map((value, index) => (index >= one.values.length - 2 ? value : null))
      const line = isRunning ? stroke(one.values.slice(0, -1)) + stroke(lastTwo, '2 7') : stroke(one.values)
      const fill = areaPath<number | null>()
        .defined((value) => value !== null)
        .x((_, index) => round(xOf(index)))
        .y0(round(yOf(0)))
        .y1((value) => round(yOf(value ?? 0)))
      const under =
        model.kind === 'area'
          ? element('path', { d: fill([...one.values]) ?? '', fill: colour, 'fill-opacity': 0.16 })
          : ''
      return under + line + drawDots(model, one.values, xOf, yOf, colour, plot, canvas)
    })
    .join('')
}

/** Dots for values without neighbours, for all values of a short series, and for the last one. */
function drawDots(
  model: ChartModel,
  values: readonly (number | null)[],
  xOf: Scale,
  yOf: Scale,
  colour: string,
  plot: Plot,
  canvas: Canvas,
): string {
  const isOpen = (index: number): boolean => model.categories[index]?.isPartial === true
  const lastIndex = values.findLastIndex((value) => value !== null)
  const isShort = values.length <= 16 && (plot.right - plot.left) / values.length >= 28
  return values
    .map((value, index) => {
      if (value === null) return ''
      const isAlone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      if (!isShort && !isAlone && index !== lastIndex) return ''
      return element('circle', {
        cx: xOf(index),
        cy: yOf(value),
        r: 4.5,
        fill: isOpen(index) ? canvas.theme.background : colour,
        stroke: isOpen(index) ? colour : canvas.theme.background,
        'stroke-width': isOpen(index) ? 2.5 : 1.5,
      })
    })
    .join('')
}

function drawStackedAreas(model: ChartModel, xOf: Scale, yOf: Scale, canvas: Canvas): string {
  const bounds = model.categories.map(
    (_, index) => new Map(stackAt(model.series, index).map((part) => [part.series, part])),
  )
  return model.series
    .map((_, at) => {
      const below = (index: number): number =>
        model.series.slice(0, at).reduce((sum, one) => sum + (one.values[index] ?? 0), 0)
      const path = areaPath<number>()
        .x((index) => round(xOf(index)))
        .y0((index) => round(yOf(bounds[index]?.get(at)?.from ?? below(index))))
        .y1((index) => round(yOf(bounds[index]?.get(at)?.to ?? below(index))))
      return element('path', {
        d: path([...model.categories.keys()]) ?? '',
        fill: canvas.colours[at] ?? canvas.theme.other,
        stroke: canvas.theme.background,
        'stroke-width': 1.5,
      })
    })
    .join('')
}

interface EndLabel {
  readonly name: string
  readonly value: string
  readonly at: number
  readonly colour: string
  readonly widthPx: number
}

/** Name and last value at the right end of each line; none when there are too many, or a single one that the title names. */
function endLabels(model: ChartModel, canvas: Canvas, isStacked: boolean): readonly EndLabel[] {
  if (model.series.length > mostNamedLines) return []
  const last = model.series.map((one) => one.values.findLast((value) => value !== null) ?? null)
  const format = seriesFormatter(model.unit, allValues(model.series), canvas.language)
  let height = 0
  return model.series.flatMap((one, index) => {
    const value = last[index]
    if (value === null || value === undefined) return []
    const at = isStacked ? height + value / 2 : value
    height += value
    const name = model.series.length === 1 ? '' : truncateText(one.name, 150, chartText.label)
    const text = format(value)
    const widthPx =
      (name === '' ? 0 : 18 + textWidth(`${name} `, chartText.label)) + textWidth(text, chartText.label, 600)
    return [{ name, value: text, at, colour: canvas.colours[index] ?? canvas.theme.other, widthPx }]
  })
}

function drawEndLabels(ends: readonly EndLabel[], yOf: Scale, plot: Plot, canvas: Canvas): string {
  const places = spread(
    ends.map((end) => yOf(end.at)),
    { least: plot.top, most: plot.bottom, gap: endLabelPx },
  )
  return ends
    .map((end, index) => {
      const y = (places[index] ?? 0) + 5
      let x = plot.right + 12
      let svg = ''
      if (end.name !== '') {
        svg += element('rect', { x, y: y - 6.5, width: 12, height: 4, rx: 2, fill: end.colour })
        svg += label(end.name, { x: x + 18, y, sizePx: chartText.label, fill: canvas.theme.ink })
        x += 18 + textWidth(`${end.name} `, chartText.label)
      }
      return svg + label(end.value, { x, y, sizePx: chartText.label, weight: 600, fill: canvas.theme.ink })
    })
    .join('')
}

/** Moves positions apart so that none is closer than `gap` to the next, keeping their order and the limits. */
function spread(wanted: readonly number[], limits: { least: number; most: number; gap: number }): readonly number[] {
  const order = wanted.map((place, index) => ({ place, index })).toSorted((a, b) => a.place - b.place)
  let floor = limits.least
  for (const entry of order) {
    entry.place = Math.max(entry.place, floor)
    floor = entry.place + limits.gap
  }
  let ceiling = limits.most
  for (const entry of order.toReversed()) {
    entry.place = Math.min(entry.place, ceiling)
    ceiling = entry.place - limits.gap
  }
  const places = wanted.map(() => 0)
  for (const entry of order) places[entry.index] = entry.place
  return places
}
