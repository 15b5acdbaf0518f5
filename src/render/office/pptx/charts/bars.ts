import { wordsFor } from '../../../words.ts'
import { barColour, chartText } from '../../../charts/canvas.ts'
import { categoryLabels, isCut, labelHeight } from '../../../charts/category-axis.ts'
import { allValues, totalAt, type ChartModel } from '../../../charts/chart-model.ts'
import { drawLegend } from '../../../charts/legend.ts'
import { valueAxis } from '../../../charts/value-axis.ts'
import { seriesFormatter } from '../../../format.ts'
import { textOn } from '../../../theme.ts'
import { textWidth } from '../../../typography/measure.ts'
import { chartNumberFormat, signedNumberFormats } from '../../number-format.ts'
import { columnName, type WorkbookCell } from '../../workbook.ts'
import { tag } from '../../xml.ts'
import type { Rect } from '../units.ts'
import { categoryAxisXml, valueAxisXml } from './chart-axes.ts'
import { categoriesXml, seriesHead, seriesSheet, textCells, valuesXml } from './chart-data.ts'
import { labelsXml } from './chart-labels.ts'
import { layout, line, shape, solid } from './chart-parts.ts'
import { chartSpaceXml, legendXml } from './chart-space.ts'
import type { NativeCanvas, NativeChart } from './native-chart.ts'

const axisIds = { category: 111_111_111, value: 222_222_222 } as const
/** Thicker bars look like blocks; as in the SVG charts. */
const labelPx = 22
const mostBarPx = { upright: 112, lying: 44 } as const

interface Frame {
  readonly isLying: boolean
  readonly isLabelled: boolean
  readonly plot: Rect
  readonly formatCode: string
  /** Values from this size up are written short. */
  readonly compactFrom: number
  readonly gapPercent: number
  readonly scale: { readonly least: number; readonly most: number; readonly step: number | null }
  readonly legendPx: number
}

/** Bars upright or lying, side by side or stacked, placed and labelled as in the picture of the same chart. */
export function nativeBars(model: ChartModel, canvas: NativeCanvas): NativeChart {
  const labels = model.categories.map((category) => category.label)
  const frame = isLying(model, canvas) ? lyingFrame(model, canvas) : uprightFrame(model, canvas)
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const axes = tag('c:axId', { val: axisIds.category }) + tag('c:axId', { val: axisIds.value })
  const bars = tag(
    'c:barChart',
    {},
    tag('c:barDir', { val: frame.isLying ? 'bar' : 'col' }),
    tag('c:grouping', { val: model.isStacked ? 'stacked' : 'clustered' }),
    tag('c:varyColors', { val: 0 }),
    ...model.series.map((_, index) => seriesXml(model, index, labels, frame, canvas)),
    tag('c:gapWidth', { val: frame.gapPercent }),
    tag('c:overlap', { val: model.isStacked ? 100 : -4 }),
    axes,
  )
  const hasTotals = model.isStacked && !frame.isLying && frame.isLabelled
  const totals = hasTotals ? totalsXml(model, labels, frame, canvas) : ''
  const content = bars + totals + axesXml(frame, canvas)
  const hidden = hasTotals ? [model.series.length] : []
  const legend =
    frame.legendPx === 0
      ? ''
      : legendXml(
          model.series.map((one) => one.name),
          frame.legendPx,
          hidden,
          { sizePx: chartText.legend, colour: canvas.theme.ink },
          size,
          canvas,
        )
  const cells = seriesSheet(textCells(labels), model.series)
  return {
    xml: chartSpaceXml({ layout: layout(frame.plot, size, 'inner'), content }, legend),
    cells: hasTotals ? cells.map((row, at) => [...row, totalCell(model, at, canvas)]) : cells,
  }
}

function isLying(model: ChartModel, canvas: NativeCanvas): boolean {
  if (model.kind === 'horizontal_bar') return true
  if (model.grain !== null) return false
  const step = (canvas.widthPx - 60) / Math.max(1, model.categories.length)
  return model.categories.some((category) => isCut(category.label, step - 8))
}

function shownValues(model: ChartModel): readonly number[] {
  return model.isStacked ? model.categories.map((_, at) => totalAt(model.series, at)) : allValues(model.series)
}

function legendHeight(model: ChartModel, canvas: NativeCanvas): number {
  if (model.series.length === 1) return 0
  return drawLegend(
    model.series.map((one) => one.name),
    0,
    canvas,
  ).heightPx
}

function uprightFrame(model: ChartModel, canvas: NativeCanvas): Frame {
  const { series, categories } = model
  const values = shownValues(model)
  const legendPx = legendHeight(model, canvas)
  const step = canvas.widthPx / Math.max(1, categories.length)
  const side = model.isStacked ? 1 : series.length
  const band = Math.min(step * 0.6, mostBarPx.upright * side)
  const room = side === 1 ? step - 6 : band / side + 6
  const widest = (compactFrom: number): number => widestText(model, values, canvas, compactFrom)
  const compactFrom = widest(1_000_000) <= room ? 1_000_000 : 10_000
  const isLabelled = widest(compactFrom) <= room && categories.length * side <= 24
  const bottom = labelHeight(categoryLabels(model, step, canvas))
  const top = legendPx + 24
  const height = canvas.heightPx - top - bottom
  const axis = valueAxis(values, model.unit, { needsZero: true, lengthPx: height, language: canvas.language })
  const left = isLabelled ? 0 : axis.labelWidth + 14
  return {
    isLying: false,
    isLabelled,
    plot: { x: left, y: top, w: canvas.widthPx - left, h: height },
    formatCode: chartNumberFormat(model.unit, values, canvas.language, isLabelled ? compactFrom : 10_000),
    compactFrom,
    gapPercent: gapPercent(step, band),
    scale: isLabelled ? withRoomBelow(scaleOf(axis), height) : scaleOf(axis),
    legendPx,
  }
}

/** Labels of negative bars stand under them, so the axis begins that much further down. */
function withRoomBelow(scale: Frame['scale'], heightPx: number): Frame['scale'] {
  const { least, most } = scale
  return least < 0 ? { ...scale, least: least - ((most - least) * labelPx) / Math.max(1, heightPx - labelPx) } : scale
}

function lyingFrame(model: ChartModel, canvas: NativeCanvas): Frame {
  const { series, categories } = model
  const values = shownValues(model)
  const legendPx = legendHeight(model, canvas)
  const widestName = Math.max(...categories.map((category) => textWidth(category.label, chartText.label)), 0)
  const left = Math.min(widestName, canvas.widthPx * 0.36) + 14
  const valuePx = widestText(model, values, canvas, 1_000_000) + 12
  const side = model.isStacked ? 1 : series.length
  const isLabelled = !model.isStacked && canvas.heightPx / (categories.length * side) >= 18
  const plot = {
    x: left,
    y: legendPx,
    w: canvas.widthPx - left - (isLabelled ? valuePx : 8),
    h: canvas.heightPx - legendPx - (isLabelled ? 0 : 28),
  }
  const axis = valueAxis(values, model.unit, { needsZero: true, lengthPx: plot.w, language: canvas.language })
  const least = Math.min(0, ...values)
  const most = Math.max(0, ...values) || 1
  // Labels of negative bars stand before them, so the axis begins that much further down.
  const before = least < 0 ? ((most - least) * valuePx) / Math.max(1, plot.w - valuePx) : 0
  const step = plot.h / Math.max(1, categories.length)
  return {
    isLying: true,
    isLabelled,
    plot,
    formatCode: chartNumberFormat(model.unit, values, canvas.language, 1_000_000),
    compactFrom: 1_000_000,
    gapPercent: gapPercent(step, Math.min(step * 0.66, mostBarPx.lying * side)),
    scale: isLabelled ? { least: least - before, most, step: null } : scaleOf(axis),
    legendPx,
  }
}

function widestText(model: ChartModel, values: readonly number[], canvas: NativeCanvas, compactFrom: number): number {
  const format = seriesFormatter(model.unit, values, canvas.language, compactFrom)
  return Math.max(...values.map((value) => textWidth(format(value), chartText.label, 600)), 0)
}

function gapPercent(step: number, band: number): number {
  return Math.max(0, Math.min(500, Math.round(((step - band) / Math.max(1, band)) * 100)))
}

function scaleOf(axis: ReturnType<typeof valueAxis>): Frame['scale'] {
  const [least = 0, most = 1] = axis.scale.domain()
  const [first, second] = axis.ticks
  return { least, most, step: first === undefined || second === undefined ? null : second - first }
}

function seriesXml(
  model: ChartModel,
  index: number,
  labels: readonly string[],
  frame: Frame,
  canvas: NativeCanvas,
): string {
  const one = model.series[index]
  if (one === undefined) return ''
  const colour = canvas.colours[index] ?? canvas.theme.other
  const points = model.categories.flatMap((category, at) => {
    const own = barColour(canvas, index, category)
    if (own === colour) return []
    const look = shape(solid(own, canvas), line(null, 0, canvas))
    return [
      tag(
        'c:dPt',
        {},
        tag('c:idx', { val: at }),
        tag('c:invertIfNegative', { val: 0 }),
        tag('c:bubble3D', { val: 0 }),
        look,
      ),
    ]
  })
  return tag(
    'c:ser',
    {},
    seriesHead(index, one.name),
    shape(solid(colour, canvas), model.isStacked ? line(canvas.theme.background, 1, canvas) : line(null, 0, canvas)),
    tag('c:invertIfNegative', { val: 0 }),
    ...points,
    model.isStacked ? segmentLabels(model, index, colour, frame, canvas) : barLabels(model, index, frame, canvas),
    categoriesXml(labels),
    valuesXml('c:val', index + 1, one.values, frame.formatCode),
  )
}

function barLabels(model: ChartModel, index: number, frame: Frame, canvas: NativeCanvas): string {
  if (!frame.isLabelled) return ''
  const values = model.series[index]?.values ?? []
  const formats = signedNumberFormats(values, model.unit, shownValues(model), canvas.language, frame.compactFrom)
  const style = { formatCode: frame.formatCode, sizePx: chartText.label, colour: canvas.theme.ink, isBold: true }
  return labelsXml({ ...style, position: 'outEnd' }, [], canvas, formats)
}

/** Values inside the parts of a stack, where the part is large enough for them. */
function segmentLabels(model: ChartModel, index: number, colour: string, frame: Frame, canvas: NativeCanvas): string {
  const values = model.series[index]?.values ?? []
  const long = frame.isLying ? frame.plot.w : frame.plot.h
  const across =
    ((frame.isLying ? frame.plot.h : frame.plot.w) / Math.max(1, values.length)) * (100 / (100 + frame.gapPercent))
  const format = seriesFormatter(model.unit, shownValues(model), canvas.language, frame.compactFrom)
  const hidden = values.flatMap((value, at) => {
    if (value === null) return []
    const length = (Math.abs(value) / Math.max(Number.MIN_VALUE, frame.scale.most - frame.scale.least)) * long
    const width = textWidth(format(value), 13) + 10
    const fits = frame.isLying ? length >= width && across >= 20 : length >= 22 && width <= across
    return fits ? [] : [at]
  })
  return labelsXml(
    { formatCode: frame.formatCode, sizePx: 13, colour: textOn(colour), position: 'ctr' },
    hidden,
    canvas,
  )
}

/** The sum over each stack: an unseen line through the tops that only writes its values. */
function totalsXml(model: ChartModel, labels: readonly string[], frame: Frame, canvas: NativeCanvas): string {
  const index = model.series.length
  const values = model.categories.map((_, at) => totalAt(model.series, at))
  const style = { formatCode: frame.formatCode, sizePx: chartText.label, colour: canvas.theme.ink, isBold: true }
  const series = tag(
    'c:ser',
    {},
    seriesHead(index, wordsFor(canvas.language).total),
    tag('c:spPr', {}, line(null, 0, canvas)),
    tag('c:marker', {}, tag('c:symbol', { val: 'none' })),
    labelsXml({ ...style, position: 't' }, [], canvas),
    categoriesXml(labels),
    valuesXml('c:val', index + 1, values, frame.formatCode),
    tag('c:smooth', { val: 0 }),
  )
  return tag(
    'c:lineChart',
    {},
    tag('c:grouping', { val: 'standard' }),
    tag('c:varyColors', { val: 0 }),
    series,
    tag('c:marker', { val: 1 }),
    tag('c:axId', { val: axisIds.category }),
    tag('c:axId', { val: axisIds.value }),
  )
}

function totalCell(model: ChartModel, row: number, canvas: NativeCanvas): WorkbookCell {
  if (row === 0) return { value: wordsFor(canvas.language).total }
  return {
    value: totalAt(model.series, row - 1),
    formula: `SUM(B${row + 1}:${columnName(model.series.length)}${row + 1})`,
  }
}

function axesXml(frame: Frame, canvas: NativeCanvas): string {
  const { theme } = canvas
  const category = categoryAxisXml(
    {
      id: axisIds.category,
      crossId: axisIds.value,
      position: frame.isLying ? 'l' : 'b',
      lineColour: theme.muted,
      textColour: theme.ink,
      sizePx: chartText.tick,
      isReversed: frame.isLying,
    },
    canvas,
  )
  const value = valueAxisXml(
    {
      id: axisIds.value,
      crossId: axisIds.category,
      position: frame.isLying ? 'b' : 'l',
      isHidden: frame.isLabelled,
      lineColour: null,
      textColour: theme.muted,
      sizePx: chartText.tick,
      ...frame.scale,
      formatCode: frame.formatCode,
      gridColour: frame.isLabelled ? null : theme.hairline,
      crossesAt: frame.isLying ? 'max' : 'autoZero',
      isBetween: true,
    },
    canvas,
  )
  return category + value
}
