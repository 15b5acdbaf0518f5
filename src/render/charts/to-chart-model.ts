import { dateGrain } from '../dates.ts'
import type { Chart } from '../deck.ts'
import { humanizeName } from '../format.ts'
import { columnIndex, type Table } from '../table.ts'
import { wordsFor } from '../words.ts'
import type { ChartModel } from './chart-model.ts'
import { chooseKind, mostSeries } from './choose-kind.ts'
import { limitCategories, limitSeries, sortBySize } from './group.ts'
import { isOrdinal, readSeries } from './read-series.ts'
import { toScatter } from './scatter-model.ts'
import { toWaterfall } from './waterfall-model.ts'

const mostCategories = 12
const mostBars = 36
/** Rows of a heat map, and panels of small multiples. */
const mostRows = 14
const mostPanels = 12
/** Columns of a heat map whose order means nothing. */
const mostColumns = 16

/**
 * Reads a chart's data and takes every decision about it. The deck must have passed `checkDeck`. `today` (ISO 8601, the
 * deck's `createdAt`) tells which period is not over yet.
 */
export function toChartModel(chart: Chart, table: Table, language: string, today?: string): ChartModel {
  const notes = truncation(table, language)
  const special =
    chart.kind === 'scatter'
      ? toScatter(chart, table, language)
      : chart.kind === 'waterfall'
        ? toWaterfall(chart, table, language, today)
        : null
  if (special !== null) return { ...special, notes: [...notes, ...special.notes] }
  const model = toSeriesModel(turned(chart, table), table, language, today)
  return { ...model, notes: [...notes, ...model.notes] }
}

function toSeriesModel(chart: Chart, table: Table, language: string, today?: string): ChartModel {
  const words = wordsFor(language)
  const data = readSeries(chart, table, language, today)
  const chosen = chooseKind(chart.kind, data, data.y.unit)
  const { kind } = chosen
  const isGrid = kind === 'heat_map' || kind === 'small_multiples'
  const inOrder =
    isGrid && !isOrderedColumn(chart.series, table) && !data.series.every((one) => isOrdinal(one.name))
      ? data.series.toSorted((a, b) => weight(b) - weight(a))
      : data.series
  const limitedSeries = limitSeries(inOrder, {
    most: kind === 'heat_map' ? mostRows : kind === 'small_multiples' ? mostPanels : mostSeries,
    // "Other" beside single members would set the one scale that all panels share.
    isAdditive: data.isAdditive && kind !== 'small_multiples',
    words,
  })

  const isSorted = kind !== 'line' && kind !== 'area' && kind !== 'small_multiples' && !data.isOrdered
  const sorted = isSorted
    ? sortBySize(data.categories, limitedSeries.series)
    : { categories: data.categories, series: limitedSeries.series }
  const side = chosen.isStacked ? 1 : limitedSeries.series.length
  const most = kind === 'heat_map' ? mostColumns : Math.max(4, Math.min(mostCategories, Math.floor(mostBars / side)))
  const grouped = isSorted
    ? limitCategories(sorted.categories, sorted.series, { most, isAdditive: data.isAdditive, words })
    : { ...sorted, notes: [] }

  const valueName = chart.series === undefined && data.series.length > 1 ? '' : humanizeName(data.y.name)
  return {
    ...chosen,
    title: chart.title?.trim() || words.by(valueName || data.series.map((one) => one.name).join(', '), data.xName),
    valueName,
    unit: data.y.unit,
    xName: data.xName,
    categories: grouped.categories,
    grain: data.grain,
    series: grouped.series,
    colouredBy: kind === 'donut' ? data.xName : humanizeName(chart.series ?? ''),
    isAdditive: data.isAdditive,
    horizontal: null,
    notes: [...data.notes, ...limitedSeries.notes, ...grouped.notes],
  }
}

/** Time runs to the right: a grid asked for with its dates as rows is turned. */
function turned(chart: Chart, table: Table): Chart {
  if (chart.series === undefined || (chart.kind !== 'heat_map' && chart.kind !== 'small_multiples')) return chart
  const isDate = (name: string): boolean => table.columns[columnIndex(table, name)]?.type === 'date'
  return isDate(chart.series) && !isDate(chart.x) ? { ...chart, x: chart.series, series: chart.x } : chart
}

function isOrderedColumn(name: string | undefined, table: Table): boolean {
  const index = name === undefined ? -1 : columnIndex(table, name)
  const column = table.columns[index]
  if (column === undefined) return false
  const cells = table.rows.map((row) => row[index] ?? null)
  return column.type === 'number' || (column.type === 'date' && dateGrain(column.name, cells) !== 'minute')
}

function weight(series: { readonly values: readonly (number | null)[] }): number {
  return series.values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0)
}

function truncation(table: Table, language: string): readonly string[] {
  if (!table.truncated) return []
  const number = new Intl.NumberFormat(language)
  return [wordsFor(language).rowsMissing(number.format(table.rows.length), number.format(table.totalRowCount))]
}
