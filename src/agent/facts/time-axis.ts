import type { Column, Table } from '../../render/table.ts'
import {
  type Grain,
  type Period,
  comparePeriods,
  dayOf,
  monthOf,
  parsePeriod,
  quarterOf,
  samePeriod,
  weekOf,
  widen,
  yearOf,
} from './periods.ts'
import { wordsOf } from './words.ts'

/** How a column tells time: whole dates and periods stand alone; years, quarters, months and weeks may combine. */
export type TimePart = 'date' | 'period' | 'year' | 'quarter' | 'month' | 'week'

const partNames: readonly (readonly [TimePart, ReadonlySet<string>, number, number])[] = [
  ['year', new Set(['year', 'yr', 'fy', 'jahr', 'annee', 'ano']), 1900, 2100],
  ['quarter', new Set(['quarter', 'qtr', 'quartal', 'trimestre']), 1, 4],
  ['month', new Set(['month', 'mth', 'monat', 'mois', 'mes']), 1, 12],
  ['week', new Set(['week', 'wk', 'woche', 'semaine']), 1, 53],
]
const trailing = new Set(['num', 'number', 'no', 'nr', 'of', 'year', 'index', 'int'])

/** Distinct cells that are not missing. */
function distinctCells(table: Table, index: number): string[] {
  const cells = new Set<string>()
  for (const row of table.rows) {
    const cell = row[index]
    if (cell !== null && cell !== undefined && cell !== '') cells.add(cell)
  }
  return [...cells]
}

/** How a column tells time, by name and values, or null when it does not. */
export function timePartOf(column: Column, table: Table): TimePart | null {
  if (column.type === 'date') return 'date'
  if (column.type === 'boolean') return null
  const cells = distinctCells(table, table.columns.indexOf(column))
  if (cells.length === 0) return null
  return column.type === 'number' ? numericPart(column, cells) : textPart(column, cells)
}

function numericPart(column: Column, cells: readonly string[]): TimePart | null {
  const numbers = cells.map(Number)
  if (!numbers.every(Number.isInteger)) return null
  const words = wordsOf(column.name)
  const head = words.findLast((word, index) => index === 0 || !trailing.has(word) || partNames[0]?.[1].has(word)) ?? ''
  const within = (low: number, high: number): boolean => numbers.every((value) => value >= low && value <= high)
  const digits = /^(?:month|date|day|period|ym|yyyymm|yyyymmdd|dt|monat)$/.test(head)
  if (digits && cells.every((cell) => /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?$/.test(cell))) return 'period'
  // "month_of_year" and "week_number" tell by an earlier word; the last of the known words decides
  for (const [part, names, low, high] of partNames) {
    const named = names.has(head) || (trailing.has(words.at(-1) ?? '') && words.some((word) => names.has(word)))
    if (named && within(low, high)) return part
  }
  return null
}

function textPart(column: Column, cells: readonly string[]): TimePart | null {
  const periods = cells.map(parsePeriod)
  if (periods.some((period) => period === null)) return null
  const parsed = periods.filter((period) => period !== null)
  if (parsed.every((period) => period.grain === 'year')) return 'year'
  if (parsed.every((period) => period.year !== null)) return 'period'
  const grains = new Set(parsed.map((period) => period.grain))
  if (grains.size !== 1 || parsed.some((period) => period.year !== null)) return null
  const words = wordsOf(column.name)
  // A column of people called April, May and June is no calendar
  if (grains.has('month') && (cells.length > 3 || words.some((word) => partNames[2]?.[1].has(word)))) return 'month'
  return grains.has('quarter') ? 'quarter' : null
}

/** The calendar of a table: which period each row is about. */
export interface TimeAxis {
  /** Columns that make up the period, such as `year` and `quarter`. */
  readonly columns: readonly number[]
  /** Per row; null where the cell is missing. */
  readonly periods: readonly (Period | null)[]
  /** The distinct periods in order. */
  readonly ordered: readonly Period[]
  /** True when all periods have the same length, so that one follows the other. */
  readonly regular: boolean
}

/** Reads the calendar of a table, or null when no column tells time. Of several dates, the first column counts. */
export function timeAxisOf(table: Table): TimeAxis | null {
  const parts = table.columns.map((column) => timePartOf(column, table))
  const whole = parts.findIndex((part) => part === 'date' || part === 'period')
  const columns = whole >= 0 ? [whole] : parts.flatMap((part, index) => (part === null ? [] : [index]))
  if (columns.length === 0) return null
  const [first = -1] = columns
  const read = whole >= 0 ? wholeReader(table, first, parts[first] === 'date') : partsReader(table, parts)
  const periods = table.rows.map(read)
  const present = periods.filter((period) => period !== null).toSorted(comparePeriods)
  const ordered = present.filter((period, index) => {
    const before = present[index - 1]
    return before === undefined || !samePeriod(before, period)
  })
  const regular = new Set(ordered.map((period) => period.grain)).size === 1
  return ordered.length === 0 ? null : { columns, periods, ordered, regular }
}

type RowReader = (row: readonly (string | null)[]) => Period | null

function wholeReader(table: Table, index: number, isDate: boolean): RowReader {
  const known = new Map<string, Period | null>()
  for (const cell of distinctCells(table, index)) known.set(cell, readWhole(cell))
  if (isDate) {
    const days = [...known.values()].filter((day) => day !== null)
    const grain = grainOfDates(table.columns[index]?.name ?? '', days)
    for (const [cell, day] of known) if (day) known.set(cell, grain === 'day' ? day : widen(day, grain))
  }
  return (row) => known.get(row[index] ?? '') ?? null
}

function readWhole(cell: string): Period | null {
  const compact = /^((?:19|20)\d{2})(\d{2})(\d{2})?$/.exec(cell)
  if (!compact) return parsePeriod(cell)
  const [, year = '', month = '', day] = compact
  return day === undefined ? monthOf(Number(year), Number(month)) : dayOf(Number(year), Number(month), Number(day))
}

/** A query that groups by month gives the month's first day: told by the name first, else by the days themselves. */
function grainOfDates(name: string, days: readonly Period[]): Grain {
  const words = wordsOf(name)
  const dates = days.map((day) => new Date(day.firstDay * 86_400_000))
  const monthStarts = dates.every((date) => date.getUTCDate() === 1)
  if (monthStarts) {
    const months = new Set(dates.map((date) => date.getUTCMonth()))
    const startsOf = (length: number): boolean => [...months].every((month) => month % length === 0)
    for (const [part, names] of partNames) {
      if (words.some((word) => names.has(word)) && startsOf({ year: 12, quarter: 3 }[part as string] ?? 1))
        return part as Grain
    }
    if (days.length >= 2 && startsOf(12)) return 'year'
    if (days.length >= 3 && startsOf(3)) return 'quarter'
    return days.length >= 2 ? 'month' : 'day'
  }
  const steps = days.map((day) => day.firstDay).toSorted((a, b) => a - b)
  const weekly = steps.every((day) => (day - (steps[0] ?? 0)) % 7 === 0)
  const namedWeek = words.some((word) => partNames[3]?.[1].has(word))
  return weekly && (namedWeek || steps.length >= 3) ? 'week' : 'day'
}

function partsReader(table: Table, parts: readonly (TimePart | null)[]): RowReader {
  const at = (part: TimePart): number => parts.indexOf(part)
  const [yearAt, quarterAt, monthAt, weekAt] = [at('year'), at('quarter'), at('month'), at('week')]
  const number = (row: readonly (string | null)[], index: number): number | null => {
    const cell = index < 0 ? null : (row[index] ?? null)
    if (cell === null || cell === '') return null
    return table.columns[index]?.type === 'number' ? Number(cell) : (parsePeriod(cell)?.part ?? null)
  }
  return (row) => {
    const yearCell = yearAt < 0 ? null : (row[yearAt] ?? null)
    const year = yearCell === null ? null : (parsePeriod(yearCell)?.year ?? null)
    if (yearAt >= 0 && year === null) return null
    const month = number(row, monthAt)
    if (month !== null) return monthOf(year, month)
    const quarter = number(row, quarterAt)
    if (quarter !== null) return quarterOf(year, quarter)
    const week = number(row, weekAt)
    if (week !== null) return year === null ? null : weekOf(year, week)
    return year === null || monthAt >= 0 || quarterAt >= 0 || weekAt >= 0 ? null : yearOf(year)
  }
}
