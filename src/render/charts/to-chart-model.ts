import type { Chart } from '../deck.ts'
import { humanizeName } from '../format.ts'
import type { Table } from '../table.ts'
import { words } from '../words.ts'
import type { ChartModel } from './chart-model.ts'
import { chooseKind } from './choose-kind.ts'
import { limitCategories, limitSeries, sortBySize } from './group.ts'
import { readSeries } from './read-series.ts'

const mostSeries = 6
const mostCategories = 12
const mostBars = 36

/** Reads a chart's data and takes every decision about it. The deck must have passed `checkDeck`. */
export function toChartModel(chart: Chart, table: Table, language: string): ChartModel {
  const data = readSeries(chart, table, language)
  const chosen = chooseKind(chart.kind, data, data.y.unit)
  const limitedSeries = limitSeries(data.series, { most: mostSeries, isAdditive: data.isAdditive })

  const isBars = chosen.kind !== 'line' && chosen.kind !== 'area'
  const sorted =
    isBars && !data.isOrdered
      ? sortBySize(data.categories, limitedSeries.series)
      : { categories: data.categories, series: limitedSeries.series }
  const side = chosen.isStacked ? 1 : limitedSeries.series.length
  const most = Math.max(4, Math.min(mostCategories, Math.floor(mostBars / side)))
  const grouped =
    isBars && !data.isOrdered
      ? limitCategories(sorted.categories, sorted.series, { most, isAdditive: data.isAdditive, noun: 'categories' })
      : { ...sorted, notes: [] }

  const valueName = chart.series === undefined && data.series.length > 1 ? '' : humanizeName(data.y.name)
  return {
    ...chosen,
    title: chart.title?.trim() || titleOf(valueName || data.series.map((one) => one.name).join(', '), data.xName),
    valueName,
    unit: data.y.unit,
    categories: grouped.categories,
    grain: data.grain,
    series: grouped.series,
    colouredBy: chosen.kind === 'donut' ? data.xName : humanizeName(chart.series ?? ''),
    isAdditive: data.isAdditive,
    notes: [...truncation(table, language), ...data.notes, ...limitedSeries.notes, ...grouped.notes],
  }
}

function truncation(table: Table, language: string): readonly string[] {
  if (!table.truncated) return []
  const number = new Intl.NumberFormat(language)
  return [words.rowsMissing(number.format(table.rows.length), number.format(table.totalRowCount))]
}

function titleOf(values: string, category: string): string {
  return `${values} by ${category.charAt(0).toLowerCase()}${category.slice(1)}`
}
