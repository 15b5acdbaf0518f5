import type { Chart } from '../render/deck.ts'
import { columnIndex, type Table } from '../render/table.ts'
import { roleOf } from './units.ts'

const mostLines = 8

/** True when the chart's columns exist, hold what the kind needs, and can be drawn in one picture. */
export function isDrawable(chart: Chart, table: Table): boolean {
  const x = columnIndex(table, chart.x)
  const y = chart.y.map((name) => columnIndex(table, name))
  if (x < 0 || y.length === 0 || y.includes(x)) return false
  if (y.some((index) => index < 0 || table.columns[index]?.type !== 'number')) return false
  if (new Set(y.map((index) => JSON.stringify(table.columns[index]?.unit))).size > 1) return false
  if (chart.series !== undefined) {
    const series = columnIndex(table, chart.series)
    if (series < 0 || series === x || y.includes(series) || chart.y.length > 1) return false
  } else if (hasRepeats(table, x)) {
    return false
  }
  return table.rows.length > 1
}

/** The chart that the data's shape suggests: lines over time, bars over categories; undefined when a table says more. */
export function chooseChart(table: Table): Chart | undefined {
  const named = (role: ReturnType<typeof roleOf>): string[] =>
    table.columns.filter((column) => roleOf(column, table) === role).map((column) => column.name)
  const [measure] = named('measure')
  const [time] = named('time')
  const [category, second] = named('dimension')
  const x = time ?? category
  if (measure === undefined || x === undefined) return undefined
  const other = time === undefined ? second : category
  const series = other !== undefined && distinctCount(table, other) <= mostLines ? other : undefined
  const kind = time === undefined ? 'bar' : 'line'
  const chart: Chart = { kind, table: table.id, x, y: [measure], ...(series === undefined ? {} : { series }) }
  return isDrawable(chart, table) ? chart : undefined
}

function hasRepeats(table: Table, column: number): boolean {
  return new Set(table.rows.map((row) => row[column])).size < table.rows.length
}

function distinctCount(table: Table, name: string): number {
  const column = columnIndex(table, name)
  return new Set(table.rows.map((row) => row[column])).size
}
