import { dateGrain, parseDate, toUtcDate, type DateGrain } from '../dates.ts'
import type { Chart } from '../deck.ts'
import { columnFormatter, humanizeName } from '../format.ts'
import { columnIndex, numberAt, type Column, type Table } from '../table.ts'
import { wordsFor } from '../words.ts'
import type { Category, Series } from './chart-model.ts'
import { fillPeriods, markPartial } from './periods.ts'

export interface SeriesData {
  readonly categories: readonly Category[]
  readonly series: readonly Series[]
  readonly grain: DateGrain | null
  readonly y: Column
  readonly xName: string
  /** True when the categories have an order of their own (dates, numbers, months, "18-24"). */
  readonly isOrdered: boolean
  readonly isAdditive: boolean
  readonly notes: readonly string[]
}

/**
 * More series than any kind shows: the smaller ones are one before the values are laid out, because every series has a
 * value for every category. As many categories in order are five years of days; the latest are drawn.
 */
const most = { series: 40, orderedCategories: 2_000 } as const

interface Point {
  readonly category: string
  readonly series: string
  readonly value: number | null
}

/**
 * Reads the rows a chart names: one category per distinct x, one series per y column or per value of `series`. Dates come
 * in order with missing periods as gaps; the one that `today` lies in is marked. The columns must exist (see `checkDeck`).
 */
export function readSeries(chart: Chart, table: Table, language: string, today?: string): SeriesData {
  const words = wordsFor(language)
  const x = columnIndex(table, chart.x)
  const split = chart.series === undefined ? -1 : columnIndex(table, chart.series)
  const yColumns = chart.y.map((name) => columnIndex(table, name))
  const firstY = yColumns[0] ?? -1
  const y = table.columns[firstY]
  const xColumn = table.columns[x]
  if (y === undefined || xColumn === undefined) throw new TypeError('Cannot read series: the deck was not checked')

  const drawn = split >= 0 ? [firstY] : yColumns.filter((index) => hasUnitOf(table, index, y))
  const others = split >= 0 ? [] : yColumns.filter((index) => !drawn.includes(index))
  const isAdditive = drawn.every((index) => isAdditiveColumn(table.columns[index]))
  const read = readPoints(table, x, split, drawn, language)
  const names = seriesNames(read, table, split, language)
  const { points, rest } = mergeSmallest(read, names, isAdditive)
  const { values, hasRepeats } = combine(points, isAdditive)
  const keys = [...new Set(points.map((point) => point.category))]
  const whole = orderOf(xColumn, table, x, keys)
  const isLong = whole.isOrdered && whole.keys.length > most.orderedCategories
  const order = isLong ? { ...whole, keys: whole.keys.slice(-most.orderedCategories) } : whole
  const label = columnFormatter(table, x, language)

  const categories = order.keys.map((key) => ({
    label: key === '' ? words.noValue : label(key),
    time: order.grain === null ? null : timeOf(key),
  }))
  const valuesOf = (name: string): (number | null)[] => order.keys.map((key) => values.get(pairKey(key, name)) ?? null)
  const series: Series[] = names
    .filter((name) => !rest.has(name))
    .map((name) => ({ name, values: valuesOf(name), isOther: false }))
  if (rest.size > 0)
    series.push({ name: words.other, values: valuesOf(restKey), isOther: true, memberCount: rest.size })
  const number = new Intl.NumberFormat(language)
  const notes = [
    ...(isLong ? [words.latestShown(number.format(order.keys.length), number.format(whole.keys.length))] : []),
    ...(others.length > 0 ? [words.unitsDiffer(others.map((index) => nameOf(table, index)).join(', '))] : []),
    ...(hasRepeats && !isAdditive ? [words.firstRowsShown] : []),
  ]
  const data = {
    series,
    categories,
    grain: order.grain,
    y,
    xName: nameOf(table, x),
    isOrdered: order.isOrdered,
    isAdditive,
    notes,
  }
  if (order.grain === null) return data
  const filled = fillPeriods(data.categories, data.series, order.grain, language)
  const marked = markPartial(filled.categories, order.grain, today)
  const last = marked.at(-1)
  const running = last?.isPartial === true ? [words.periodRunning(last.label)] : []
  return { ...data, categories: marked, series: filled.series, notes: [...notes, ...running] }
}

/** Names of the series: numbers and dates in their order, everything else as the rows have it. */
function seriesNames(points: readonly Point[], table: Table, split: number, language: string): readonly string[] {
  const names = [...new Set(points.map((point) => point.series))]
  const column = table.columns[split]
  if (column === undefined || (column.type !== 'number' && column.type !== 'date')) return names
  const label = columnFormatter(table, split, language)
  const cells = [...new Set(table.rows.map((row) => row[split] ?? null))].filter((cell) => cell !== null)
  const sorted = cells
    .toSorted((a, b) => (column.type === 'number' ? Number(a) - Number(b) : a < b ? -1 : 1))
    .map(label)
  const known = new Set(sorted)
  return [...known, ...names.filter((name) => !known.has(name))]
}

function readPoints(table: Table, x: number, split: number, yColumns: readonly number[], language: string): Point[] {
  const splitLabel = split >= 0 ? columnFormatter(table, split, language) : null
  const words = wordsFor(language)
  return table.rows.flatMap((row, index) =>
    yColumns.map((column) => ({
      category: row[x] ?? '',
      series: splitLabel
        ? row[split] === null
          ? words.noValue
          : splitLabel(row[split] ?? null)
        : nameOf(table, column),
      value: numberAt(table, index, column),
    })),
  )
}

/** Name of the series that stands for the smallest ones: no name of a member has this character. */
const restKey = '\u0000'

/** The smallest series, where there are more than any chart shows, under one name; without values where none add up. */
function mergeSmallest(
  points: readonly Point[],
  names: readonly string[],
  isAdditive: boolean,
): { readonly points: readonly Point[]; readonly rest: ReadonlySet<string> } {
  if (names.length <= most.series) return { points, rest: new Set() }
  const sizes = new Map<string, number>()
  for (const { series, value } of points) sizes.set(series, (sizes.get(series) ?? 0) + Math.abs(value ?? 0))
  const ranked = names.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0))
  const rest = new Set(ranked.slice(most.series))
  const merged = isAdditive
    ? points.map((one) => (rest.has(one.series) ? { ...one, series: restKey } : one))
    : points.filter((one) => !rest.has(one.series))
  return { points: merged, rest }
}

/** Rows of the same category and series are added up where that means something; else the first one counts. */
function combine(
  points: readonly Point[],
  isAdditive: boolean,
): { values: Map<string, number | null>; hasRepeats: boolean } {
  const values = new Map<string, number | null>()
  let hasRepeats = false
  for (const point of points) {
    const key = pairKey(point.category, point.series)
    const earlier = values.get(key)
    if (earlier === undefined) {
      values.set(key, point.value)
      continue
    }
    hasRepeats = true
    if (isAdditive && point.value !== null) values.set(key, (earlier ?? 0) + point.value)
  }
  return { values, hasRepeats }
}

function pairKey(category: string, series: string): string {
  return `${category}\u0000${series}`
}

interface Order {
  readonly keys: readonly string[]
  readonly grain: DateGrain | null
  readonly isOrdered: boolean
}

function orderOf(column: Column, table: Table, x: number, keys: readonly string[]): Order {
  const present = keys.filter((key) => key !== '')
  if (column.type === 'date' && present.length > 0 && present.every((key) => parseDate(key) !== null)) {
    const sorted = present.toSorted((a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0))
    const grain = dateGrain(
      column.name,
      table.rows.map((row) => row[x] ?? null),
    )
    return { keys: sorted, grain, isOrdered: true }
  }
  if (column.type === 'number') {
    return { keys: keys.toSorted((a, b) => Number(a) - Number(b)), grain: null, isOrdered: true }
  }
  return { keys, grain: null, isOrdered: keys.length > 1 && keys.every(isOrdinal) }
}

/** Texts that carry an order: "Jan", "Tuesday", "Q1", "2023-Q4", "2023-10", "18-24", "0–10", "65+", "Week 3". */
export function isOrdinal(text: string): boolean {
  return (
    /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?( \d{4})?$/i.test(text) ||
    /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*$/i.test(text) ||
    /^(fy ?\d{2,4}[ -]?)?q[1-4]( \d{4})?$/i.test(text) ||
    /^\d{4}[- ](q[1-4]|\d{2}|w\d{2})$/i.test(text) ||
    /^[<>≤≥]?\s?\d[\d.,]*[km]?\s?([-–+]|to)?\s?([\d.,]+[km]?)?$/i.test(text) ||
    /^(week|day|month|year|h) ?\d+$/i.test(text)
  )
}

function timeOf(key: string): number | null {
  const parts = parseDate(key)
  return parts === null ? null : toUtcDate(parts).getTime()
}

function hasUnitOf(table: Table, index: number, y: Column): boolean {
  const unit = table.columns[index]?.unit
  return unit !== undefined && JSON.stringify(unit) === JSON.stringify(y.unit)
}

/** True when adding up the column's values means something. */
export function isAdditiveColumn(column: Column | undefined): boolean {
  if (column === undefined || column.unit.kind === 'percent' || column.unit.kind === 'ratio') return false
  return !/avg|average|mean|median|rate|ratio|pct|percent|share|per_|price|score|index|max|min|rank/i.test(column.name)
}

/** Name of a column for people. */
export function nameOf(table: Table, index: number): string {
  return humanizeName(table.columns[index]?.name ?? '')
}
