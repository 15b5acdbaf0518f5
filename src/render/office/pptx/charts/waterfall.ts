import { chartText } from '../../../charts/canvas.ts'
import { categoryLabels, isCut, labelHeight } from '../../../charts/category-axis.ts'
import type { ChartModel } from '../../../charts/chart-model.ts'
import { drawLegend } from '../../../charts/legend.ts'
import { waterfallBars, type WaterfallBar } from '../../../charts/waterfall-chart.ts'
import { seriesFormatter } from '../../../format.ts'
import { wordsFor } from '../../../words.ts'
import { chartNumberFormat } from '../../number-format.ts'
import { tag } from '../../xml.ts'
import { categoryAxisXml, valueAxisXml } from './chart-axes.ts'
import { categoriesXml, seriesHead, seriesSheet, textCells, valuesXml } from './chart-data.ts'
import { textLabelsXml } from './chart-labels.ts'
import { layout, line, shape, solid } from './chart-parts.ts'
import { chartSpaceXml, legendXml } from './chart-space.ts'
import type { NativeCanvas, NativeChart } from './native-chart.ts'

const axisIds = { category: 111_111_111, value: 222_222_222 } as const
const mostBarPx = 96

/**
 * Stacked bars on an unseen base, the way waterfalls are built in every version of PowerPoint; an unseen line over the bars
 * carries their values. Null where a bar crosses zero, which a base cannot carry, and where names have no room under bars.
 */
export function nativeWaterfall(model: ChartModel, canvas: NativeCanvas): NativeChart | null {
  const bars = waterfallBars(model)
  const step = canvas.widthPx / Math.max(1, bars.length)
  if (bars.some((bar) => bar.from < 0 || bar.to < 0)) return null
  if (model.categories.some((category) => isCut(category.label, step - 8))) return null
  const { theme } = canvas
  const words = wordsFor(canvas.language)
  const labels = model.categories.map((category) => category.label.trim())
  const low = bars.map((bar) => Math.min(bar.from, bar.to))
  const tops = bars.map((bar) => Math.max(bar.from, bar.to))
  const heightOf = (is: (bar: WaterfallBar) => boolean): readonly (number | null)[] =>
    bars.map((bar) => (is(bar) ? Math.abs(bar.to - bar.from) : null))
  const parts = [
    { name: '–', values: low, colour: null },
    { name: words.total, values: heightOf((bar) => bar.isTotal), colour: theme.muted },
    {
      name: words.increase,
      values: heightOf((bar) => !bar.isTotal && bar.to >= bar.from),
      colour: theme.series[0] ?? theme.accent,
    },
    {
      name: words.decrease,
      values: heightOf((bar) => !bar.isTotal && bar.to < bar.from),
      colour: theme.series[1] ?? theme.warning,
    },
  ]
  const formatCode = chartNumberFormat(model.unit, tops, canvas.language)
  const format = seriesFormatter(
    model.unit,
    bars.map((bar) => bar.to - bar.from),
    canvas.language,
  )
  const texts = bars.map((bar, at) => {
    const text = format(bar.isTotal ? bar.to : bar.to - bar.from)
    return { at, text: bar.isTotal || bar.to <= bar.from ? text : `+${text}` }
  })
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const legendPx = drawLegend([words.total, words.increase, words.decrease], 0, canvas).heightPx
  const bottom = canvas.heightPx - labelHeight(categoryLabels(model, step, canvas))
  const plot = { x: 0, y: legendPx + 24, w: canvas.widthPx, h: bottom - legendPx - 24 }
  const references = tag('c:axId', { val: axisIds.category }) + tag('c:axId', { val: axisIds.value })
  const columns = tag(
    'c:barChart',
    {},
    tag('c:barDir', { val: 'col' }),
    tag('c:grouping', { val: 'stacked' }),
    tag('c:varyColors', { val: 0 }),
    ...parts.map((part, index) =>
      tag(
        'c:ser',
        {},
        seriesHead(index, part.name),
        shape(part.colour === null ? null : solid(part.colour, canvas), line(null, 0, canvas)),
        tag('c:invertIfNegative', { val: 0 }),
        categoriesXml(labels),
        valuesXml('c:val', index + 1, part.values, formatCode),
      ),
    ),
    tag('c:gapWidth', { val: Math.round((step / Math.min(step * 0.64, mostBarPx) - 1) * 100) }),
    tag('c:overlap', { val: 100 }),
    references,
  )
  const carrier = tag(
    'c:lineChart',
    {},
    tag('c:grouping', { val: 'standard' }),
    tag('c:varyColors', { val: 0 }),
    tag(
      'c:ser',
      {},
      seriesHead(parts.length, model.valueName),
      tag('c:spPr', {}, line(null, 0, canvas)),
      tag('c:marker', {}, tag('c:symbol', { val: 'none' })),
      textLabelsXml(texts, { sizePx: chartText.label, colour: theme.ink, isBold: true, position: 't' }, canvas),
      categoriesXml(labels),
      valuesXml('c:val', parts.length + 1, tops, formatCode),
      tag('c:smooth', { val: 0 }),
    ),
    tag('c:marker', { val: 1 }),
    references,
  )
  const axis = { lineColour: theme.muted, textColour: theme.ink, sizePx: chartText.tick } as const
  const axes =
    categoryAxisXml({ ...axis, id: axisIds.category, crossId: axisIds.value, position: 'b' }, canvas) +
    valueAxisXml(
      {
        ...axis,
        id: axisIds.value,
        crossId: axisIds.category,
        position: 'l',
        isHidden: true,
        least: 0,
        most: Math.max(...tops) || 1,
        step: null,
        formatCode,
        gridColour: null,
        crossesAt: 'autoZero',
        isBetween: true,
      },
      canvas,
    )
  const legend = legendXml(
    [words.total, words.increase, words.decrease],
    legendPx,
    [0, parts.length],
    { sizePx: chartText.legend, colour: theme.ink },
    size,
    canvas,
  )
  return {
    xml: chartSpaceXml({ layout: layout(plot, size, 'inner'), content: columns + carrier + axes }, legend),
    cells: seriesSheet(textCells(labels), [...parts, { name: model.valueName, values: tops }]),
  }
}
