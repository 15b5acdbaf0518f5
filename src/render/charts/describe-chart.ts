import { seriesFormatter } from '../format.ts'
import { allValues, type ChartModel, type Series } from './chart-model.ts'

const kindNames = {
  bar: 'Bar chart',
  stacked_bar: 'Stacked bar chart',
  horizontal_bar: 'Bar chart',
  line: 'Line chart',
  area: 'Area chart',
  donut: 'Donut chart',
} as const

/** More values than this are summed up by their ends instead of read out. */
const mostReadValues = 12

/** The chart in a few sentences, for people who cannot see it. */
export function describeChart(model: ChartModel, language: string): string {
  const format = seriesFormatter(model.unit, allValues(model.series), language)
  const parts = model.series.map((one) => {
    const text = describeSeries(model, one, format)
    return model.series.length === 1 ? text : `${one.name}: ${text}`
  })
  return `${kindNames[model.kind]}: ${model.title}. ${parts.join('. ')}.`
}

function describeSeries(model: ChartModel, series: Series, format: (value: number) => string): string {
  const points = series.values.flatMap((value, index) =>
    value === null ? [] : [{ value, name: model.categories[index]?.label ?? '' }],
  )
  const read = (point: { value: number; name: string } | undefined): string =>
    point === undefined ? '' : `${point.name} ${format(point.value)}`
  if (points.length === 0) return 'no values'
  if (points.length <= mostReadValues) return points.map(read).join(', ')
  const lowest = points.reduce((least, point) => (point.value < least.value ? point : least))
  const highest = points.reduce((most, point) => (point.value > most.value ? point : most))
  return `${points.length} values from ${read(points[0])} to ${read(points.at(-1))}, lowest ${read(lowest)}, highest ${read(highest)}`
}
