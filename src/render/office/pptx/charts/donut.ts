import { allValues, type ChartModel } from '../../../charts/chart-model.ts'
import { tag } from '../../xml.ts'
import { chartNumberFormat } from '../../number-format.ts'
import { categoriesXml, seriesHead, seriesSheet, textCells, valuesXml } from './chart-data.ts'
import { layout, line, shape, solid } from './chart-parts.ts'
import { chartSpaceXml } from './chart-space.ts'
import type { NativeCanvas, NativeChart } from './native-chart.ts'

/** The ring alone, filling its square; the list of its parts is a table beside it. */
export function nativeDonut(model: ChartModel, canvas: NativeCanvas): NativeChart {
  const labels = model.categories.map((category) => category.label)
  const one = model.series[0] ?? { name: model.valueName, values: [] }
  const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx }
  const formatCode = chartNumberFormat(model.unit, allValues(model.series), canvas.language)
  const points = labels.map((_, at) =>
    tag(
      'c:dPt',
      {},
      tag('c:idx', { val: at }),
      tag('c:bubble3D', { val: 0 }),
      shape(solid(canvas.colours[at] ?? canvas.theme.other, canvas), line(canvas.theme.background, 2, canvas)),
    ),
  )
  const content = tag(
    'c:doughnutChart',
    {},
    tag('c:varyColors', { val: 1 }),
    tag(
      'c:ser',
      {},
      seriesHead(0, one.name),
      ...points,
      categoriesXml(labels),
      valuesXml('c:val', 1, one.values, formatCode),
    ),
    tag('c:firstSliceAng', { val: 0 }),
    tag('c:holeSize', { val: 62 }),
  )
  const margin = 8
  const plot = { x: margin, y: margin, w: size.widthPx - margin * 2, h: size.heightPx - margin * 2 }
  return {
    xml: chartSpaceXml({ layout: layout(plot, size, 'inner'), content }, ''),
    cells: seriesSheet(textCells(labels), [one]),
  }
}
