import type { Chart } from '../render/deck.ts'
import { columnIndex, type Table } from '../render/table.ts'
import { roleOf } from './units.ts'

/** More series than this are a grid of small charts over time, or a heat map over categories. */
const mostLines = 5
/** More members than this have no place in any picture. */
const mostPanels = 14

/** True when the chart's columns exist, hold what the kind needs, and can be drawn in one picture. */
export function isDrawable(chart: Chart, table: Table): boolean {
  const x = columnIndex(table, chart.x)
  const y = chart.y.map((name) => columnIndex(table, name))
  if (x < 0 || y.length === 0 || y.includes(x)) return false
  if (y.some((index) => index < 0 || table.columns[index]?.type !== 'number')) return false
  if (chart.kind === 'scatter') return isScatter(chart, x, table)
  if (new Set(y.map((index) => JSON.stringify(table.columns[index]?.unit))).size > 1) return false
  if (chart.series !== undefined) {
    const series = columnIndex(table, chart.series)
    if (series < 0 || series === x || y.includes(series) || chart.y.length > 1) return false
  } else if (hasRepeats(table, x)) {
    return false
  }
  return table.rows.length > 1
}

/** Two measures are there: x and one of y, or two of y with x naming the points. Rows may repeat, each is a point. */
function isScatter(chart: Chart, x: number, table: Table): boolean {
  const isKnownGroup = chart.series === undefined || columnIndex(table, chart.series) >= 0
  const measures = (table.columns[x]?.type === 'number' ? 1 : 0) + new Set(chart.y).size
  return isKnownGroup && measures >= 2 && table.rows.length > 2
}

/**
 * The chart that the data's shape suggests: lines over time, bars over categories, a grid of small charts or a heat map
 * for more members than colours; undefined when a table says more.
 */
export function chooseChart(table: Table): Chart | undefined {
  const named = (role: ReturnType<typeof roleOf>): string[] =>
    table.columns.filter((column) => roleOf(column, table) === role).map((column) => column.name)
  const [measure] = named('measure')
  const [time] = named('time')
  const [category, second] = named('dimension')
  const x = time ?? category
  if (measure === undefined || x === undefined) return undefined
  const other = time === undefined ? second : category
  const series = other !== undefined && distinctCount(table, other) <= mostPanels ? other : undefined
  const isMany = series !== undefined && distinctCount(table, series) > mostLines
  const kind = time === undefined ? (isMany ? 'heat_map' : 'bar') : isMany ? 'small_multiples' : 'line'
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
