import { dateFormatter, dateGrain, formatDate } from './dates.ts'
import type { Fact } from './fact.ts'
import type { Column, Table, Unit } from './table.ts'

/** Shown where a value is missing. */
export const missingText = '–'

export interface NumberStyle {
  /** BCP 47. An unknown tag falls back to English. */
  readonly language: string
  /**
   * `compact` writes $1.23M, `full` $1,234,567.89. Left out: compact from a million up, and below it as many decimals
   * as help reading.
   */
  readonly format?: 'compact' | 'full' | undefined
  /** Drop the sign, for sentences such as "fell by 12 %". */
  readonly absolute?: boolean | undefined
  /** Write a plus before positive values, for changes on cards. */
  readonly signed?: boolean | undefined
}

/** Formats a fact's value for reading. The exact value stays in the fact; nothing goes through floating point. */
export function formatFact(fact: Pick<Fact, 'value' | 'valueType' | 'unit' | 'lineage'>, style: NumberStyle): string {
  switch (fact.valueType) {
    case 'number':
      return formatNumber(fact.value, fact.unit, style)
    case 'date':
      return formatDate(
        fact.value,
        dateGrain(fact.lineage.columns.at(-1) ?? '', [fact.value]),
        safeLanguage(style.language),
      )
    case 'text':
      return fact.value
  }
}

const decimalText = /^[+-]?\d+(?:\.(\d+))?(?:e[+-]?\d+)?$/i

/** Formats exact decimal text in its unit; text that is no number comes back as is. */
export function formatNumber(text: string, unit: Unit, style: NumberStyle): string {
  if (!decimalText.test(text)) return text
  const value = style.absolute === true ? text.replace(/^[+-]/, '') : text
  const size = Math.abs(Number(value)) * (unit.kind === 'ratio' ? 100 : 1)
  const isCompact = style.format === 'compact' ? size >= 10_000 : style.format === undefined && size >= 1_000_000
  const digits = isCompact
    ? ({ notation: 'compact', maximumSignificantDigits: 3 } as const)
    : style.format === 'full'
      ? fullDigits(value, unit, size)
      : readableDigits(value, unit, size)
  return write(value, unit, safeLanguage(style.language), {
    ...digits,
    ...(style.signed === true ? { signDisplay: 'exceptZero' as const } : {}),
  })
}

/**
 * A function that formats every cell of one column alike: same decimals, same date grain, so that digits line up.
 * `isBare` leaves out what {@link unitLabel} puts into the column's heading instead.
 */
export function columnFormatter(
  table: Table,
  index: number,
  language: string,
  options: { readonly isBare?: boolean } = {},
): (cell: string | null) => string {
  const column = table.columns[index]
  if (column === undefined) return (cell) => cell ?? missingText
  const cells = table.rows.map((row) => row[index] ?? null)
  return cellFormatter(column, cells, safeLanguage(language), options.isBare ?? false)
}

/** The sign or word of a unit for a column's heading: "$", "days"; empty where cells keep it (%) or there is none. */
export function unitLabel(unit: Unit, language: string): string {
  if (unit.kind === 'duration') return unit.unit
  if (unit.kind !== 'currency' || unitOptions(unit).style === undefined) return ''
  const parts = new Intl.NumberFormat(safeLanguage(language), unitOptions(unit)).formatToParts(0)
  return parts.find((part) => part.type === 'currency')?.value ?? unit.code
}

/** One cell on its own. For whole columns use {@link columnFormatter}, which aligns decimals. */
export function formatCell(column: Column, cell: string | null, language: string): string {
  return cellFormatter(column, [cell], safeLanguage(language), false)(cell)
}

function cellFormatter(
  column: Column,
  cells: readonly (string | null)[],
  language: string,
  isBare: boolean,
): (cell: string | null) => string {
  switch (column.type) {
    case 'number': {
      const { unit } = column
      const options = isLabelNumber(column)
        ? { useGrouping: false, maximumFractionDigits: 20 }
        : columnDigits(unit, cells)
      const hasLabel = unit.kind === 'currency' || unit.kind === 'duration'
      const format = writer(isBare && hasLabel ? { kind: 'plain' } : unit, language, options)
      return (cell) => (cell === null || cell === '' ? missingText : decimalText.test(cell) ? format(cell) : cell)
    }
    case 'date': {
      const format = dateFormatter(dateGrain(column.name, cells), language)
      return (cell) => (cell === null || cell === '' ? missingText : format(cell))
    }
    case 'boolean':
      return (cell) => (cell === 'true' ? 'Yes' : cell === 'false' ? 'No' : missingText)
    case 'text':
      return (cell) => cell ?? missingText
  }
}

/** Formats the marks of an axis: all with the same decimals and, where it helps, the same short scale. */
export function axisFormatter(unit: Unit, ticks: readonly number[], language: string): (tick: number) => string {
  const size = Math.max(...ticks.map(Math.abs), 0)
  const scale = unit.kind === 'ratio' ? 100 : 1
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) * scale
  const options: Intl.NumberFormatOptions =
    size * scale >= 10_000 ? { notation: 'compact', maximumSignificantDigits: 3 } : fixedDigits(stepDecimals(step))
  const format = writer(unit, safeLanguage(language), options)
  return (tick) => format(plainText(tick))
}

/**
 * Formats the values written on a chart, with the same decimals, and short from `compactFrom` (10,000 when left out) up:
 * $1.2M, 45.0%, 830.
 */
export function seriesFormatter(
  unit: Unit,
  values: readonly number[],
  language: string,
  compactFrom = 10_000,
): (value: number) => string {
  const size = Math.max(...values.map(Math.abs), 0)
  const make = (options: Intl.NumberFormatOptions): ((value: string) => string) =>
    writer(unit, safeLanguage(language), options)
  if (size >= compactFrom && unit.kind !== 'percent' && unit.kind !== 'ratio') {
    const short = make({ notation: 'compact', ...fixedDigits(0) })
    const shortWithOne = make({ notation: 'compact', ...fixedDigits(1) })
    // 818K and 5.0M: what is left of the point already has three digits, or the digit after it tells something.
    return (value) => (value === 0 || leadingDigits(value) === 3 ? short : shortWithOne)(plainText(value))
  }
  const format = make(size >= 1000 ? fixedDigits(0) : columnDigits(unit, values.map(plainText)))
  return (value) => format(plainText(value))
}

/** Digits before the point in short notation: 1 for 5,040,000, 3 for 818,000. */
function leadingDigits(value: number): number {
  return (Math.floor(Math.log10(Math.abs(value) * 1.0005)) % 3) + 1
}

/** A sum of floats as decimal text, without the digits that only come from binary arithmetic. */
function plainText(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** Words at the end of a column's name that only repeat the unit, which every formatted value shows. */
export const unitWords: ReadonlySet<string> = new Set(
  'usd eur gbp jpy chf aud nzd cny inr brl cad mxn sek nok dkk pln pct percent perc dollars euros % $ € £ ¥'.split(' '),
)

const acronyms: ReadonlySet<string> = new Set('mrr arr aov ltv cac gmv nps roi kpi ebitda sku vat id'.split(' '))

/** The word in capitals where it is an acronym of business: "mrr" becomes "MRR". */
export function capitalized(word: string): string {
  return acronyms.has(word.toLowerCase()) ? word.toUpperCase() : word
}

/**
 * A column's name for people, without the unit: "net_revenue_usd" becomes "Net revenue"; names that already read well
 * stay as they are.
 */
export function humanizeName(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_\s]+/g, ' ')
    .trim()
    .split(' ')
  while (words.length > 1 && unitWords.has(words.at(-1)?.toLowerCase() ?? '')) words.pop()
  if (words.length > 1 && words.at(-1)?.toLowerCase() === 'in') words.pop()
  const text = words.map(capitalized).join(' ')
  if (text === '') return name
  return text.charAt(0).toLocaleUpperCase('en') + text.slice(1)
}

/** The tag itself when Intl knows its form, else English: a model may have written anything. */
export function safeLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

/** Numbers that name something rather than measure it: "2023" must not read "2,023". */
function isLabelNumber(column: Column): boolean {
  if (column.unit.kind !== 'plain' && column.unit.kind !== 'count') return false
  return /(^|[^a-z])(year|yr|fy|id|zip|postcode|code|key|no)([^a-z]|$)/i.test(column.name)
}

type Digits = Intl.NumberFormatOptions

function readableDigits(value: string, unit: Unit, size: number): Digits {
  switch (unit.kind) {
    case 'currency':
      return size >= 1000 || isWhole(value) ? { maximumFractionDigits: 0 } : {}
    case 'percent':
    case 'ratio':
      // 6.95 reads "7.0", next to an 8.2 of the same sentence; only a value that was whole to begin with reads "7".
      if (size >= 1 || size === 0) return fixedDigits(isWholePercent(value, unit) ? 0 : 1)
      return { maximumSignificantDigits: 2 }
    case 'count':
      return { maximumFractionDigits: size >= 100 ? 0 : 1 }
    case 'duration':
      return { maximumFractionDigits: size >= 100 ? 0 : 1 }
    case 'plain':
      if (size >= 1000) return { maximumFractionDigits: 0 }
      if (size >= 100) return { maximumFractionDigits: 1 }
      return size >= 1 || size === 0 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 3 }
  }
}

function fullDigits(value: string, unit: Unit, size: number): Digits {
  if (unit.kind === 'currency') return isWhole(value) ? { maximumFractionDigits: 0 } : {}
  return size >= 1 || size === 0 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 6 }
}

function columnDigits(unit: Unit, cells: readonly (string | null)[]): Digits {
  const shift = unit.kind === 'ratio' ? 2 : 0
  let decimals = 0
  let size = 0
  for (const cell of cells) {
    const match = cell === null ? null : decimalText.exec(cell)
    if (cell === null || match === null) continue
    decimals = Math.max(decimals, (match[1] ?? '').replace(/0+$/, '').length - shift)
    size = Math.max(size, Math.abs(Number(cell)) * 10 ** shift)
  }
  const useful = Math.min(decimals, usefulDecimals(unit, size))
  // Money has both its minor digits or none.
  const fixed = unit.kind === 'currency' && useful === 1 ? 2 : useful
  return fixedDigits(fixed)
}

/** Decimals that still tell something in a column whose largest value is `size`. */
function usefulDecimals(unit: Unit, size: number): number {
  if (unit.kind === 'percent' || unit.kind === 'ratio') {
    return size >= 1 || size === 0 ? 1 : Math.min(12, 1 - Math.floor(Math.log10(size)))
  }
  if (unit.kind === 'currency') return size >= 10_000 ? 0 : 2
  if (size >= 1000 || size === 0) return 0
  if (size >= 1) return size >= 100 ? 1 : 2
  return Math.min(12, 2 - Math.floor(Math.log10(size)))
}

function stepDecimals(step: number): number {
  if (step <= 0 || !Number.isFinite(step)) return 0
  const text = String(Number(step.toPrecision(6)))
  if (text.includes('e-')) return Math.min(20, Number(text.split('e-')[1]) + 1)
  return text.split('.')[1]?.length ?? 0
}

function fixedDigits(count: number): Digits {
  return { minimumFractionDigits: count, maximumFractionDigits: count }
}

function isWholePercent(value: string, unit: Unit): boolean {
  return isWhole(value) || (unit.kind === 'ratio' && /^[+-]?\d+\.\d{1,2}0*$/.test(value))
}

function isWhole(value: string): boolean {
  return !/\.\d*[1-9]/.test(value)
}

function write(value: string, unit: Unit, language: string, options: Intl.NumberFormatOptions): string {
  return writer(unit, language, options)(value)
}

function writer(unit: Unit, language: string, options: Intl.NumberFormatOptions): (value: string) => string {
  const format = numberFormat(language, { ...unitOptions(unit), ...options })
  // Intl takes decimal text exactly (ECMA-402 "string decimal"), which its TypeScript type only allows for literals.
  // The typographic minus has the width of a plus and of a digit.
  // A double holds fifteen digits exactly and formats several times faster.
  return (value) => {
    const exact = value.length <= 15 ? Number(value) : (value as Intl.StringNumericLiteral)
    return format.format(exact).replace('-', '\u2212')
  }
}

// A format never changes, and making one costs more than all that a deck formats with it. Few are in use at a time.
const numberFormats = new Map<string, Intl.NumberFormat>()
const mostNumberFormats = 500

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  let format = numberFormats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(language, options)
    if (numberFormats.size >= mostNumberFormats) numberFormats.clear()
    numberFormats.set(key, format)
  }
  return format
}

function unitOptions(unit: Unit): Intl.NumberFormatOptions {
  switch (unit.kind) {
    case 'currency':
      return /^[A-Za-z]{3}$/.test(unit.code)
        ? { style: 'currency', currency: unit.code, currencyDisplay: 'narrowSymbol' }
        : {}
    case 'percent':
      return { style: 'unit', unit: 'percent', unitDisplay: 'short' }
    case 'ratio':
      return { style: 'percent' }
    case 'duration':
      return { style: 'unit', unit: unit.unit.slice(0, -1), unitDisplay: 'long' }
    case 'plain':
    case 'count':
      return {}
  }
}
