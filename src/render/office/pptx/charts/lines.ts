import { chartText } from '../../../charts/canvas.ts'
import { categoryLabels, labelHeight } from '../../../charts/category-axis.ts'
import { allValues, totalAt, type ChartModel } from '../../../charts/chart-model.ts'
import { drawLegend } from '../../../charts/legend.ts'
import { valueAxis, type ValueAxis } from '../../../charts/value-axis.ts'
import { seriesFormatter } from '../../../format.ts'
import { textWidth } from '../../../typography/measure.ts'
import { chartNumberFormat } from '../../number-format.ts'
import { tag } from '../../xml.ts'
import { categoryAxisXml, dateAxisXml, valueAxisXml } from './chart-axes.ts'
import { categoriesXml, seriesHead, seriesSheet, textCells, valuesXml } from './chart-data.ts'
import { oneLabelXml } from './chart-labels.ts'
import { layout, line, shape, solid } from './chart-parts.ts'
import { chartSpaceXml, legendXml } from './chart-space.ts'
import { dateAxisOf, type DateAxis } from './date-axis.ts'
import type { NativeCanvas, NativeChart } from './native-chart.ts'

const axisIds = { category: 111_111_111, value: 222_222_222 } as const
/** More lines than this get a legend instead of a name at their end. */
const mostNamedLines = 5
const endLabelPx = 20

interface Frame {
  readonly axis: ValueAxis
  readonly formatCode: string
  readonly axisFormatCode: string
  /** Where the name and last value of each line stand, moved by so many px; null when a legend names them. */
  readonly ends: readonly number[] | null
  readonly hasDots: boolean
  /** The `c:cat` of every series. */
  readonly categories: string
}

/** Lines, or areas on top of each other. A single area is a light surface under a line; both read the same cells. */
export function nativeLines(model: ChartModel, canvas: NativeCanvas): NativeChart {
  const labels = model.categories.map((category) => category.label)
  const isStacked = model.kind === 'area' && model.series.length > 1
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const values = isStacked ? model.categories.map((_, at) => totalAt(model.series, at)) : allValues(model.series)
  const hasEnds = !isStacked && model.series.length <= mostNamedLines
  const legendPx =
    model.series.length === 1 || hasEnds
      ? 0
      : drawLegend(
          model.series.map((one) => one.name),
          0,
          canvas,
        ).heightPx
  const axis = valueAxis(values, model.unit, {
    needsZero: model.kind === 'area',
    lengthPx: canvas.heightPx - 60,
    language: canvas.language,
  })
  const left = axis.labelWidth + 14
  const right = canvas.widthPx - (hasEnds ? endWidth(model, canvas) + 22 : 12)
  const step = (right - left) / Math.max(1, labels.length - 1)
  const bottom = canvas.heightPx - labelHeight(categoryLabels(model, step, canvas))
  const plot = { x: left, y: legendPx + 12, w: right - left, h: bottom - legendPx - 12 }
  axis.scale.range([bottom, plot.y])
  const dates = dateAxisOf(model, step)
  const frame: Frame = {
    axis,
    formatCode: chartNumberFormat(model.unit, values, canvas.language),
    axisFormatCode: chartNumberFormat(model.unit, axis.ticks, canvas.language),
    ends: hasEnds ? endMoves(model, axis, plot.y, bottom) : null,
    hasDots: labels.length <= 16 && step >= 28,
    categories: dates?.categories ?? categoriesXml(labels),
  }
  const surfaces = model.kind === 'area' ? areaChart(model, isStacked, frame, canvas) : ''
  const lines = isStacked ? '' : lineChart(model, frame, canvas)
  const content = surfaces + lines + axesXml(frame, dates, labels, step, canvas)
  const style = { sizePx: chartText.legend, colour: canvas.theme.ink }
  const legend =
    legendPx === 0
      ? ''
      : legendXml(
          model.series.map((one) => one.name),
          legendPx,
          [],
          style,
          size,
          canvas,
        )
  return {
    xml: chartSpaceXml({ layout: layout(plot, size, 'inner'), content }, legend),
    cells: seriesSheet(dates?.cells ?? textCells(labels), model.series),
  }
}

/** One small line chart of several on the same scale. Its own marks stand in the first `marksPx` of its width, if any. */
export function nativePanel(model: ChartModel, axis: ValueAxis, marksPx: number, canvas: NativeCanvas): NativeChart {
  const labels = model.categories.map((category) => category.label)
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const plot = { x: marksPx, y: 4, w: canvas.widthPx - marksPx - 6, h: canvas.heightPx - 28 }
  const step = plot.w / Math.max(1, labels.length - 1)
  const dates = dateAxisOf(model, step)
  const frame: Frame = {
    axis,
    formatCode: chartNumberFormat(model.unit, allValues(model.series), canvas.language),
    axisFormatCode: chartNumberFormat(model.unit, axis.ticks, canvas.language),
    ends: null,
    hasDots: false,
    categories: dates?.categories ?? categoriesXml(labels),
  }
  const content = lineChart(model, frame, canvas) + axesXml(frame, dates, labels, step, canvas, marksPx > 0)
  return {
    xml: chartSpaceXml({ layout: layout(plot, size, 'inner'), content }, ''),
    cells: seriesSheet(dates?.cells ?? textCells(labels), model.series),
  }
}

function areaChart(model: ChartModel, isStacked: boolean, frame: Frame, canvas: NativeCanvas): string {
  const series = model.series.map((one, index) => {
    const colour = canvas.colours[index] ?? canvas.theme.other
    const look = isStacked
      ? shape(solid(colour, canvas), line(canvas.theme.background, 1.5, canvas))
      : shape(solid(colour, canvas, 0.16), line(null, 0, canvas))
    return tag(
      'c:ser',
      {},
      seriesHead(index, one.name),
      look,
      frame.categories,
      valuesXml('c:val', index + 1, one.values, frame.formatCode),
    )
  })
  return tag(
    'c:areaChart',
    {},
    tag('c:grouping', { val: isStacked ? 'stacked' : 'standard' }),
    tag('c:varyColors', { val: 0 }),
    ...series,
    axisReferences,
  )
}

const axisReferences = tag('c:axId', { val: axisIds.category }) + tag('c:axId', { val: axisIds.value })

function lineChart(model: ChartModel, frame: Frame, canvas: NativeCanvas): string {
  // Under a single line of an area chart the same series is drawn twice: the line takes the next number.
  const first = model.kind === 'area' ? model.series.length : 0
  const series = model.series.map((one, at) => {
    const colour = canvas.colours[at] ?? canvas.theme.other
    const stroke = line(colour, model.series.length > 3 ? 2.5 : 3, canvas)
    const last = one.values.findLastIndex((value) => value !== null)
    const dots = one.values
      .map((_, point) => dotXml(model, one.values, point, { last, colour, hasDots: frame.hasDots }, canvas))
      .join('')
    const label =
      frame.ends === null || last < 0
        ? ''
        : oneLabelXml(
            last,
            {
              formatCode: frame.formatCode,
              sizePx: chartText.label,
              colour: canvas.theme.ink,
              isBold: true,
              position: 'r',
              showsName: model.series.length > 1,
              showsKey: model.series.length > 1,
            },
            (frame.ends[at] ?? 0) / canvas.heightPx,
            canvas,
          )
    return tag(
      'c:ser',
      {},
      seriesHead(at, one.name, first + at),
      tag('c:spPr', {}, stroke),
      frame.hasDots ? markerXml(colour, canvas) : tag('c:marker', {}, tag('c:symbol', { val: 'none' })),
      dots,
      label,
      frame.categories,
      valuesXml('c:val', at + 1, one.values, frame.formatCode),
      tag('c:smooth', { val: 0 }),
    )
  })
  return tag(
    'c:lineChart',
    {},
    tag('c:grouping', { val: 'standard' }),
    tag('c:varyColors', { val: 0 }),
    ...series,
    tag('c:marker', { val: 1 }),
    axisReferences,
  )
}

function markerXml(colour: string, canvas: NativeCanvas): string {
  return tag(
    'c:marker',
    {},
    tag('c:symbol', { val: 'circle' }),
    tag('c:size', { val: 6 }),
    shape(solid(colour, canvas), line(canvas.theme.background, 1.5, canvas)),
  )
}

/**
 * A dot for the last value and for values without neighbours, which a line alone would not show. What leads to a period
 * that is not over is dashed, and its dot is hollow.
 */
function dotXml(
  model: ChartModel,
  values: readonly (number | null)[],
  at: number,
  look: { readonly last: number; readonly colour: string; readonly hasDots: boolean },
  canvas: NativeCanvas,
): string {
  if ((values[at] ?? null) === null) return ''
  const isPartial = model.categories[at]?.isPartial === true
  const isAlone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null
  if (!isPartial && (look.hasDots || (!isAlone && at !== look.last))) return ''
  const stroke = line(look.colour, model.series.length > 3 ? 2.5 : 3, canvas, isPartial)
  const marker = isPartial ? hollowXml(look.colour, canvas) : markerXml(look.colour, canvas)
  return tag('c:dPt', {}, tag('c:idx', { val: at }), marker, tag('c:bubble3D', { val: 0 }), tag('c:spPr', {}, stroke))
}

function hollowXml(colour: string, canvas: NativeCanvas): string {
  const look = shape(solid(canvas.theme.background, canvas), line(colour, 1.5, canvas))
  return tag('c:marker', {}, tag('c:symbol', { val: 'circle' }), tag('c:size', { val: 6 }), look)
}

function endWidth(model: ChartModel, canvas: NativeCanvas): number {
  const format = seriesFormatter(model.unit, allValues(model.series), canvas.language)
  return Math.max(
    0,
    ...model.series.map((one) => {
      const value = one.values.findLast((candidate) => candidate !== null)
      if (value === undefined || value === null) return 0
      const name = model.series.length === 1 ? 0 : 18 + textWidth(`${one.name} `, chartText.label, 600)
      return name + textWidth(format(value), chartText.label, 600)
    }),
  )
}

/** How far each end label moves down from its line so that none covers another, in px. */
function endMoves(model: ChartModel, axis: ValueAxis, top: number, bottom: number): readonly number[] {
  const wanted = model.series.map((one) => axis.scale(one.values.findLast((value) => value !== null) ?? 0))
  const order = wanted.map((place, index) => ({ place, index })).toSorted((a, b) => a.place - b.place)
  let floor = top
  for (const entry of order) {
    entry.place = Math.max(entry.place, floor)
    floor = entry.place + endLabelPx
  }
  let ceiling = bottom
  for (const entry of order.toReversed()) {
    entry.place = Math.min(entry.place, ceiling)
    ceiling = entry.place - endLabelPx
  }
  const moves = wanted.map(() => 0)
  for (const entry of order) moves[entry.index] = entry.place - (wanted[entry.index] ?? 0)
  return moves
}

function axesXml(
  frame: Frame,
  dates: DateAxis | null,
  labels: readonly string[],
  step: number,
  canvas: NativeCanvas,
  hasMarks = true,
): string {
  const { theme } = canvas
  const [least = 0, most = 1] = frame.axis.scale.domain()
  const [first, second] = frame.axis.ticks
  const widest = Math.max(...labels.map((label) => textWidth(label, chartText.tick)), 0)
  const base = {
    id: axisIds.category,
    crossId: axisIds.value,
    position: 'b',
    lineColour: theme.muted,
    textColour: theme.ink,
    sizePx: chartText.tick,
  } as const
  const category =
    dates === null
      ? categoryAxisXml({ ...base, skip: Math.ceil((widest + 16) / Math.max(1, step)) }, canvas)
      : dateAxisXml({ ...base, ...dates }, canvas)
  const value = valueAxisXml(
    {
      id: axisIds.value,
      crossId: axisIds.category,
      position: 'l',
      lineColour: null,
      textColour: theme.muted,
      sizePx: chartText.tick,
      least,
      most,
      step: first === undefined || second === undefined ? null : second - first,
      formatCode: frame.axisFormatCode,
      gridColour: theme.hairline,
      crossesAt: 'autoZero',
      isBetween: false,
      hasLabels: hasMarks,
    },
    canvas,
  )
  return category + value
}
