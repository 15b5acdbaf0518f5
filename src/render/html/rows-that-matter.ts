import { isAdditiveColumn } from '../charts/read-series.ts'
import { numberAt, type Table } from '../table.ts'

type Row = Table['rows'][number]

/** The rows of a table that a slide without room for all of them shows. */
export interface RowsThatMatter {
  /**
   * `first` when the query says what comes first, `latest` of a table that runs up in time, `largest` of one in no order; by
   * the column `by` then, an index.
   */
  readonly kind: 'first' | 'latest' | 'largest'
  readonly by: number
  /** That many rows, in the order in which they are shown; all of them as they are when there are no more. */
  take(count: number): readonly Row[]
}

/** `shown` are the indexes of the columns that the slide shows; the others decide nothing. */
export function rowsThatMatter(table: Table, shown: readonly number[]): RowsThatMatter {
  const { rows } = table
  const first: RowsThatMatter = { kind: 'first', by: -1, take: (count) => rows.slice(0, count) }
  // Of rows that are not here nobody knows whether they are larger or later.
  if (table.truncated || table.totalRowCount > rows.length || rows.length < 3) return first
  const dates = shown.filter((index) => table.columns[index]?.type === 'date')
  const latest = dates.find((index) => runs(datesOf(rows, index), (one, next) => one <= next))
  if (latest !== undefined) {
    return { kind: 'latest', by: latest, take: (count) => rows.slice(Math.max(0, rows.length - count)) }
  }
  if (dates.some((index) => runs(datesOf(rows, index), (one, next) => one >= next))) return first
  const numbers = table.columns.flatMap(({ type }, index) => (type === 'number' ? [index] : []))
  const isOrdered = numbers.some((index) => {
    const values = rows.map((_, row) => numberAt(table, row, index))
    return runs(values, (one, next) => one >= next) || runs(values, (one, next) => one <= next)
  })
  const by = numbers.find((index) => shown.includes(index) && isMeasure(table, index))
  if (isOrdered || by === undefined) return first
  const ranked = [...rows.keys()].toSorted((one, other) => valueAt(table, other, by) - valueAt(table, one, by))
  return {
    kind: 'largest',
    by,
    take: (count) => (count >= rows.length ? rows : ranked.slice(0, count).map((row) => rows[row] ?? [])),
  }
}

/** Not years and ids, which look like numbers too. */
function isMeasure(table: Table, index: number): boolean {
  const column = table.columns[index]
  return column !== undefined && column.unit.kind !== 'plain' && isAdditiveColumn(column)
}

/** True when each value stands so to the next, none is missing and not all are the same. */
function runs<Value>(values: readonly (Value | null)[], isBefore: (one: Value, next: Value) => boolean): boolean {
  const [start] = values
  if (values.every((value) => value === start)) return false
  return values.every((value, at) => {
    const before = at === 0 ? value : (values[at - 1] ?? null)
    return value !== null && before !== null && isBefore(before, value)
  })
}

/** ISO 8601 texts come one after the other as the days do. */
function datesOf(rows: readonly Row[], index: number): readonly (string | null)[] {
  return rows.map((row) => row[index] ?? null)
}

function valueAt(table: Table, row: number, column: number): number {
  return numberAt(table, row, column) ?? Number.NEGATIVE_INFINITY
}
