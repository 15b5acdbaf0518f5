import { chartText } from '../../../charts/canvas.ts'
import { allValues, type ChartModel } from '../../../charts/chart-model.ts'
import { drawLegend } from '../../../charts/legend.ts'
import { valueAxis, type ValueAxis } from '../../../charts/value-axis.ts'
import { unitLabel } from '../../../format.ts'
import { chartNumberFormat } from '../../number-format.ts'
import { tag } from '../../xml.ts'
import { valueAxisXml } from './chart-axes.ts'
import { seriesHead, valuesXml } from './chart-data.ts'
import { textLabelsXml } from './chart-labels.ts'
import { layout, line, shape, solid } from './chart-parts.ts'
import { chartSpaceXml, legendXml } from './chart-space.ts'
import type { NativeCanvas, NativeChart } from './native-chart.ts'

const axisIds = { across: 111_111_111, up: 222_222_222 } as const
/** PowerPoint does not keep names apart: more points than this stay without. */
const mostNamed = 20

/** Points on two measures. Names stand to the right of their points where there are few. */
export function nativeScatter(model: ChartModel, canvas: NativeCanvas): NativeChart | null {
  const { horizontal, series } = model
  if (horizontal === null) return null
  const { theme, language } = canvas
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const names = series.map((one) => one.name)
  const legendPx = series.length > 1 ? drawLegend(names, 0, canvas).heightPx : 0
  const plotTop = legendPx + 12
  const height = canvas.heightPx - plotTop - 56
  const up = valueAxis(allValues(series), model.unit, { needsZero: false, lengthPx: height, language })
  const left = up.labelWidth + 40
  const xs = horizontal.values.filter((value) => value !== null)
  const across = valueAxis(xs, horizontal.unit, {
    needsZero: false,
    lengthPx: Math.min(560, canvas.widthPx - left),
    language,
  })
  const plot = { x: left, y: plotTop, w: canvas.widthPx - left - Math.max(16, across.labelWidth / 2), h: height }
  const isNamed = model.categories.length <= mostNamed
  const points = series.map((one, index) => {
    const labels = one.values.flatMap((value, at) =>
      value === null ? [] : [{ at, text: model.categories[at]?.label ?? '' }],
    )
    const look = { sizePx: 13, colour: theme.ink, position: 'r' } as const
    return tag(
      'c:ser',
      {},
      seriesHead(index + 1, one.name, index),
      tag('c:spPr', {}, line(null, 0, canvas)),
      markerXml(canvas.colours[index] ?? theme.other, canvas),
      isNamed ? textLabelsXml(labels, look, canvas) : '',
      valuesXml('c:xVal', 1, horizontal.values, chartNumberFormat(horizontal.unit, xs, language)),
      valuesXml('c:yVal', index + 2, one.values, chartNumberFormat(model.unit, allValues(series), language)),
      tag('c:smooth', { val: 0 }),
    )
  })
  const content =
    tag(
      'c:scatterChart',
      {},
      tag('c:scatterStyle', { val: 'lineMarker' }),
      tag('c:varyColors', { val: 0 }),
      ...points,
      tag('c:axId', { val: axisIds.across }),
      tag('c:axId', { val: axisIds.up }),
    ) +
    measureAxis(across, horizontal, 'b', canvas) +
    measureAxis(up, { name: model.valueName, unit: model.unit }, 'l', canvas)
  const style = { sizePx: chartText.legend, colour: theme.ink }
  const head = ['', horizontal.name, ...names].map((value) => ({ value }))
  const rows = model.categories.map((category, at) => [
    { value: category.label },
    { value: horizontal.values[at] ?? null },
    ...series.map((one) => ({ value: one.values[at] ?? null })),
  ])
  return {
    xml: chartSpaceXml(
      { layout: layout(plot, size, 'inner'), content },
      legendPx === 0 ? '' : legendXml(names, legendPx, [], style, size, canvas),
    ),
    cells: [head, ...rows],
  }
}

function markerXml(colour: string, canvas: NativeCanvas): string {
  const look = shape(solid(colour, canvas), line(canvas.theme.background, 1.5, canvas))
  return tag('c:marker', {}, tag('c:symbol', { val: 'circle' }), tag('c:size', { val: 9 }), look)
}

function measureAxis(
  axis: ValueAxis,
  measure: { readonly name: string; readonly unit: ChartModel['unit'] },
  position: 'b' | 'l',
  canvas: NativeCanvas,
): string {
  const [least = 0, most = 1] = axis.scale.domain()
  const [first, second] = axis.ticks
  const of = unitLabel(measure.unit, canvas.language)
  return valueAxisXml(
    {
      id: position === 'b' ? axisIds.across : axisIds.up,
      crossId: position === 'b' ? axisIds.up : axisIds.across,
      position,
      lineColour: null,
      textColour: canvas.theme.muted,
      sizePx: chartText.tick,
      least,
      most,
      step: first === undefined || second === undefined ? null : second - first,
      formatCode: chartNumberFormat(measure.unit, axis.ticks, canvas.language),
      gridColour: canvas.theme.hairline,
      crossesAt: 'min',
      isBetween: false,
      title: of === '' ? measure.name : `${measure.name} (${of})`,
    },
    canvas,
  )
}
