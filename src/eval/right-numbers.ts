import type { Deck } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import type { Table, Unit } from '../render/table.ts'
import type { Expectations } from './case.ts'
import type { ExpectedRows, Judged } from './scores.ts'

type Wanted = Pick<Expectations, 'unit' | 'tolerance' | 'ordered' | 'more_rows'>
type Row = readonly (string | null)[]

/** How well one table holds the expected rows: for each of them, the row it was found in and how much of it. */
interface Fit {
  readonly table: Table
  readonly rows: readonly { readonly row: number; readonly found: number }[]
}

const mostFaults = 5

/**
 * How many of the expected numbers the deck holds. A row is found by its names and days, and each of its numbers in one
 * column for all rows, in its unit. What no table has may be a fact that code computed from one. Rows beside the expected
 * ones are a fault, too: who asks for five wants no ten.
 */
export function judgeNumbers(expected: ExpectedRows, wanted: Wanted, deck: Deck | undefined): Judged {
  const numberColumns = expected.columns.flatMap(({ isNumber }, index) => (isNumber ? [index] : []))
  const weight = Math.max(1, numberColumns.length)
  if (expected.rows.length === 0) {
    return deck ? { score: 0, faults: ['there should be no rows, and there is a deck'] } : { score: 1, faults: [] }
  }
  if (!deck) return { score: 0, faults: [`${expected.rows.length} rows are expected, and there is no deck`] }

  const fits = deck.tables.map((table) => fitTable(expected, numberColumns, wanted, table))
  const best = fits.toSorted((a, b) => foundIn(b) - foundIn(a))[0]
  const faults: string[] = []
  let found = 0
  for (const [index, row] of expected.rows.entries()) {
    const inTable = best?.rows[index]?.found ?? 0
    const inFacts = inTable === weight ? 0 : countInFacts(expected, row, numberColumns, wanted, deck.facts)
    const held = Math.max(inTable, inFacts)
    found += held
    if (held < weight) faults.push(`${row.map((cell) => cell ?? 'nothing').join(', ')}: ${held} of ${weight} found`)
  }
  const rest = faults.splice(mostFaults)
  if (rest.length > 0) faults.push(`${rest.length} more rows`)

  let score = found / (expected.rows.length * weight)
  const fromTable = best !== undefined && foundIn(best) > 0
  if (fromTable && !wanted.more_rows && best.table.rows.length > expected.rows.length) {
    score *= expected.rows.length / best.table.rows.length
    faults.push(`${best.table.rows.length} rows, ${expected.rows.length} are expected`)
  }
  if (fromTable && wanted.ordered && !isAscending(best.rows.map(({ row }) => row).filter((row) => row >= 0))) {
    score /= 2
    faults.push('the rows are in another order')
  }
  return { score, faults }
}

function fitTable(expected: ExpectedRows, numberColumns: readonly number[], wanted: Wanted, table: Table): Fit {
  const taken = new Set<number>()
  const rows = expected.rows.map((row) => {
    const index = table.rows.findIndex((cells, at) => !taken.has(at) && holdsNames(expected, row, cells))
    if (index >= 0) taken.add(index)
    return index
  })
  const found = rows.map((row): number => (row >= 0 && numberColumns.length === 0 ? 1 : 0))
  const used = new Set<number>()
  for (const [place, column] of numberColumns.entries()) {
    const unit = wanted.unit[place] ?? wanted.unit.at(-1) ?? 'any'
    const hits = table.columns.map(({ type, unit: given }, at) => {
      if (type !== 'number' || used.has(at) || !fitsUnit(unit, given)) return []
      return rows.map((row, index) => {
        const cell = row < 0 ? undefined : table.rows[row]?.[at]
        return isSame(expected.rows[index]?.[column] ?? null, cell ?? null, given, wanted.tolerance)
      })
    })
    const counts = hits.map((hit) => hit.filter(Boolean).length)
    const most = Math.max(0, ...counts)
    if (most === 0) continue
    const at = counts.indexOf(most)
    used.add(at)
    hits[at]?.forEach((hit, index) => {
      if (hit) found[index] = (found[index] ?? 0) + 1
    })
  }
  return { table, rows: rows.map((row, index) => ({ row, found: found[index] ?? 0 })) }
}

function foundIn(fit: Fit): number {
  return fit.rows.reduce((sum, { found }) => sum + found, 0)
}

/** Numbers of a row that are facts whose label names what the row is about. */
function countInFacts(
  expected: ExpectedRows,
  row: Row,
  numberColumns: readonly number[],
  wanted: Wanted,
  facts: readonly Fact[],
): number {
  const names = row.flatMap((cell, index) => (cell === null || expected.columns[index]?.isNumber ? [] : [fold(cell)]))
  const about = facts.filter(({ label }) => names.every((name) => fold(label).includes(name)))
  return numberColumns.filter((column, place) => {
    const unit = wanted.unit[place] ?? wanted.unit.at(-1) ?? 'any'
    return about.some(
      (fact) =>
        fact.valueType === 'number' &&
        fitsUnit(unit, fact.unit) &&
        isSame(row[column] ?? null, fact.value, fact.unit, wanted.tolerance),
    )
  }).length
}

/** Every name and day of the expected row stands in a cell. */
function holdsNames(expected: ExpectedRows, row: Row, cells: Row): boolean {
  const given = new Set(cells.map((cell) => fold(cell ?? '')))
  return row.every((cell, index) => expected.columns[index]?.isNumber || given.has(fold(cell ?? '')))
}

/** Days compare without their time, words without regard to case. */
function fold(text: string): string {
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? text.slice(0, 10) : text.trim().toLowerCase()
}

function fitsUnit(wanted: string, given: Unit): boolean {
  if (wanted === 'any') return true
  if (wanted === 'percent') return given.kind === 'percent' || given.kind === 'ratio'
  if (given.kind === 'currency') return given.code === wanted.toUpperCase()
  if (given.kind === 'duration') return given.unit === wanted
  return given.kind === wanted
}

function isSame(expected: string | null, given: string | null, unit: Unit, tolerance: number): boolean {
  if (expected === null || given === null) return expected === given
  const [a, b] = [Number(expected), Number(given) * (unit.kind === 'ratio' ? 100 : 1)]
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false
  // What was rounded to two digits may differ in the last of them.
  return Math.abs(a - b) <= Math.max(Math.abs(a) * tolerance, 0.0101)
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? -1))
}
