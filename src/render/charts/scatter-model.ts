import type { Chart } from '../deck.ts'
import { columnFormatter } from '../format.ts'
import { columnIndex, numberAt, type Table } from '../table.ts'
import { wordsFor } from '../words.ts'
import type { ChartModel } from './chart-model.ts'
import { mostSeries } from './choose-kind.ts'
import { nameOf } from './read-series.ts'

/** More points than this are a cloud; the rest changes nothing but the size of the file. */
const mostPoints = 400

/**
 * A point per row, two measures against each other. `x` is the measure along the bottom; when it is no number, it names
 * the points and `y` holds both measures. Null when there are no two measures.
 */
export function toScatter(chart: Chart, table: Table, language: string): ChartModel | null {
  const words = wordsFor(language)
  const x = columnIndex(table, chart.x)
  const y = chart.y.map((name) => columnIndex(table, name))
  const [across = -1, up = -1] = table.columns[x]?.type === 'number' && !y.includes(x) ? [x, y[0]] : y
  const [acrossColumn, upColumn] = [table.columns[across], table.columns[up]]
  if (acrossColumn === undefined || upColumn === undefined || across === up) return null

  const split = chart.series === undefined ? -1 : columnIndex(table, chart.series)
  const names = x === across ? table.columns.findIndex((column, at) => column.type === 'text' && at !== split) : x
  const group = split >= 0 ? columnFormatter(table, split, language) : null
  const nameAt = names < 0 ? group : columnFormatter(table, names, language)
  const all = table.rows.flatMap((row, index) => {
    const [horizontal, vertical] = [numberAt(table, index, across), numberAt(table, index, up)]
    if (horizontal === null || vertical === null) return []
    const name = nameAt?.(row[names < 0 ? split : names] ?? null) ?? `${index + 1}`
    return [{ name, group: group?.(row[split] ?? null) ?? '', horizontal, vertical }]
  })
  const points = all.slice(0, mostPoints)
  const groups = [...new Set(points.map((point) => point.group))]
  // More groups than colours tell nothing apart: one colour, and the names of the points remain.
  const shown = groups.length > mostSeries ? [''] : groups
  return {
    kind: 'scatter',
    isStacked: false,
    title: chart.title?.trim() || words.against(nameOf(table, up), nameOf(table, across)),
    valueName: nameOf(table, up),
    unit: upColumn.unit,
    xName: names >= 0 ? nameOf(table, names) : '',
    categories: points.map((point) => ({ label: point.name, time: null })),
    grain: null,
    series: shown.map((name) => ({
      name: name === '' ? nameOf(table, up) : name,
      values: points.map((point) => (shown.length === 1 || point.group === name ? point.vertical : null)),
      isOther: false,
    })),
    colouredBy: split >= 0 ? nameOf(table, split) : '',
    isAdditive: false,
    horizontal: {
      name: nameOf(table, across),
      unit: acrossColumn.unit,
      values: points.map((point) => point.horizontal),
    },
    notes: [
      ...(all.length < table.rows.length ? [words.pointsWithoutValue(table.rows.length - all.length)] : []),
      ...(points.length < all.length ? [words.pointsHidden(all.length - points.length)] : []),
    ],
  }
}
