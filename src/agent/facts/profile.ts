import { capitalized, unitWords } from '../../render/format.ts'
import type { Column, Table, Unit } from '../../render/table.ts'
import { roleOf } from '../units.ts'
import { type Additivity, additivityOf, canAverage } from './additivity.ts'
import { type Big, toDecimal } from './decimal.ts'
import { periodLabel } from './periods.ts'
import { type Partiality, partialityOf } from './partial.ts'
import { type TimeAxis, timeAxisOf } from './time-axis.ts'
import { wordsOf } from './words.ts'

/** A number column that measures something, with its cells as exact decimals. */
export interface Measure {
  readonly index: number
  readonly name: string
  /** "Revenue" of `revenue_usd`: the unit is told apart. */
  readonly label: string
  readonly unit: Unit
  readonly additivity: Additivity
  readonly canAverage: boolean
  readonly values: readonly (Big | null)[]
  /** The same in floating point, for sorting and statistics; 0 where missing. */
  readonly rounded: readonly number[]
}

/** What a table is made of, found once and read by everything that computes or checks facts. */
export interface Profile {
  readonly table: Table
  readonly measures: readonly Measure[]
  /** Columns of categories. */
  readonly dimensions: readonly number[]
  readonly axis: TimeAxis | null
  /** Why the rows are not all there are; null when they are. */
  readonly partial: Partiality | null
  /** Days since 1970-01-01; null when not known. Periods that hold it, or come later, are not over. */
  readonly today: number | null
  /** Rows that are data, and not the subtotal lines that some queries add. */
  readonly body: readonly number[]
  /** What a row is about: "EMEA, Q4 2023"; unique in the table. */
  readonly rowLabel: (row: number) => string
}

export function profileOf(table: Table, today: number | null = null): Profile {
  const roles = table.columns.map((column) => roleOf(column, table))
  const axis = timeAxisOf(table)
  const indexesOf = (role: string): number[] => roles.flatMap((found, index) => (found === role ? [index] : []))
  const measures = indexesOf('measure').map((index) => measureOf(table, index))
  const dimensions = indexesOf('dimension').filter((index) => table.columns[index]?.type !== 'number')
  const naming = dimensions.length > 0 || axis ? dimensions : [...indexesOf('identifier'), ...indexesOf('dimension')]
  return {
    table,
    measures: withDistinctLabels(measures),
    dimensions,
    axis,
    partial: partialityOf(table),
    today,
    body: bodyRows(table, dimensions),
    rowLabel: rowLabeller(table, naming.slice(0, 3), axis),
  }
}

function measureOf(table: Table, index: number): Measure {
  const column = table.columns[index] as Column // index comes from this table's own columns
  return {
    index,
    name: column.name,
    label: labelOf(column.name),
    unit: column.unit,
    additivity: additivityOf(column),
    canAverage: canAverage(column),
    values: table.rows.map((row) => toDecimal(row[index])),
    rounded: table.rows.map((row) => Number(row[index] ?? 0) || 0),
  }
}

/** A column name in words, first letter capital, without the unit that a formatted value shows anyway. */
export function labelOf(columnName: string): string {
  const words = wordsOf(columnName)
  while (words.length > 1 && unitWords.has(words.at(-1) ?? '')) words.pop()
  if (words[0] === 'in' || words.at(-1) === 'in') words.splice(words.lastIndexOf('in'), 1)
  const text = (words.length === 0 ? [columnName.trim()] : words.map(capitalized)).join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function withDistinctLabels(measures: readonly Measure[]): Measure[] {
  const taken = Map.groupBy(measures, (measure) => measure.label)
  return measures.map((measure) =>
    (taken.get(measure.label)?.length ?? 0) > 1 ? { ...measure, label: wordsOf(measure.name).join(' ') } : measure,
  )
}

const totalCell = /^(?:(?:grand|sub)[ -]?total|totals?|overall|gesamt|summe|\(?all\)?|all \p{L}+)$/iu

/** Leaves out lines such as "Total", whose values already hold the others. */
function bodyRows(table: Table, dimensions: readonly number[]): number[] {
  const all = table.rows.map((_, row) => row)
  const isTotal = (row: number): boolean =>
    dimensions.some((index) => totalCell.test(table.rows[row]?.[index]?.trim() ?? ''))
  const body = all.filter((row) => !isTotal(row))
  return body.length === 0 ? all : body
}

function rowLabeller(table: Table, naming: readonly number[], axis: TimeAxis | null): (row: number) => string {
  const labels = table.rows.map((cells, row) => {
    const parts = naming.flatMap(
      (index) =>
        cells[index]?.trim() ||
        (cells[index] === null ? `no ${wordsOf(table.columns[index]?.name ?? '').join(' ')}` : []),
    )
    const period = axis?.periods[row]
    if (period) parts.push(periodLabel(period))
    return parts.join(', ')
  })
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return (row) => {
    const label = labels[row] ?? ''
    if (label === '') return `row ${row + 1}`
    return counts.get(label) === 1 ? label : `${label}, row ${row + 1}`
  }
}
