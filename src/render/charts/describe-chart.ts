import { seriesFormatter } from '../format.ts'
import { cutText, limits } from '../limits.ts'
import { wordsFor } from '../words.ts'
import { allValues, type ChartModel, type Series } from './chart-model.ts'

/** More values than this are summed up by their ends instead of read out. */
const mostReadValues = 12

/** The chart in a few sentences, for people who cannot see it. */
export function describeChart(model: ChartModel, language: string): string {
  const words = wordsFor(language)
  const kind = words.chart[model.kind === 'horizontal_bar' ? 'bar' : model.kind]
  const format = seriesFormatter(model.unit, allValues(model.series), language)
  const parts = model.series.map((one) => {
    const text = describeSeries(model, one, format, language)
    return model.series.length === 1 ? text : `${one.name}: ${text}`
  })
  return cutText(`${kind}: ${model.title}. ${parts.join('. ')}.`, limits.text)
}

function describeSeries(
  model: ChartModel,
  series: Series,
  format: (value: number) => string,
  language: string,
): string {
  const words = wordsFor(language)
  const { horizontal } = model
  const across =
    horizontal === null
      ? null
      : seriesFormatter(
          horizontal.unit,
          horizontal.values.filter((value) => value !== null),
          language,
        )
  const points = series.values.flatMap((value, index) => {
    if (value === null) return []
    const beside = horizontal?.values[index] ?? null
    const name = model.categories[index]?.label ?? ''
    return [{ value, name: across === null || beside === null ? name : `${name} (${across(beside)})` }]
  })
  const read = (point: { value: number; name: string } | undefined): string =>
    point === undefined ? '' : `${point.name} ${format(point.value)}`
  if (points.length === 0) return words.noValues
  if (points.length <= mostReadValues) return points.map(read).join(', ')
  const lowest = points.reduce((least, point) => (point.value < least.value ? point : least))
  const highest = points.reduce((most, point) => (point.value > most.value ? point : most))
  return words.range(points.length, read(points[0]), read(points.at(-1)), read(lowest), read(highest))
}
