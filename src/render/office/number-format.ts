import { seriesFormatter } from '../format.ts'
import type { Unit } from '../table.ts'

/**
 * Office's number format for whole columns: every digit, grouped by thousands, with the unit where the language puts it,
 * such as `"$"#,##0.00`. Percent points keep their value and get a sign as text; a ratio is a real percentage.
 */
export function columnNumberFormat(unit: Unit, decimals: number, language: string): string {
  if (unit.kind === 'ratio') return `0${fraction(Math.max(0, decimals - 2))}%`
  return around(unit, language, 0, `#,##0${fraction(decimals)}`) ?? `#,##0${fraction(decimals)}`
}

/**
 * Office's number format for the values of one chart, as short as `seriesFormatter` writes them: `"$"0.0,,"M"` shows
 * 18,420,310 as $18.4M. Languages that count in steps other than thousands get all digits.
 */
export function chartNumberFormat(
  unit: Unit,
  values: readonly number[],
  language: string,
  compactFrom = 10_000,
): string {
  const size = Math.max(...values.map(Math.abs), 0)
  const decimals = decimalsOf(values.map(seriesFormatter(unit, values, 'en', compactFrom)))
  if (unit.kind === 'percent' || unit.kind === 'ratio' || size < compactFrom) {
    const shift = unit.kind === 'ratio' ? 2 : 0
    return columnNumberFormat(unit, decimals + shift, language)
  }
  const full = columnNumberFormat(unit, 0, language)
  const hasNegative = values.some((value) => value < 0)
  const [large, small] = scales.flatMap(({ power, commas }) => {
    if (size < 10 ** power * 0.9995) return []
    const isRound = values.every((value) => Number.isInteger(Math.round((value / 10 ** power) * 1e9) / 1e9))
    const digits = size / 10 ** power >= 100 || decimals === 0 || isRound ? '0' : '0.0'
    const code = around(unit, language, power, `#,##${digits}${commas}`)
    return code === null ? [] : [{ code, from: 10 ** power * 0.9995 }]
  })
  if (large === undefined) return full
  if (small === undefined) return hasNegative ? large.code : `[>=${large.from}]${large.code};${full}`
  // A format cannot choose by size and sign at once: with negative values all labels take one scale, and it is the one at
  // which the smallest still says something.
  if (hasNegative) return leastOf(values) >= large.from / 10 ? large.code : small.code
  return `[>=${large.from}]${large.code};[>=${small.from}]${small.code};${full}`
}

/**
 * A format for each value where one for all would be too coarse: values of both signs, some of which are short. A format
 * cannot choose by size and sign at once, but each label of a chart may have its own. Empty where one format does.
 */
export function signedNumberFormats(
  values: readonly (number | null)[],
  unit: Unit,
  all: readonly number[],
  language: string,
  compactFrom: number,
): readonly (string | undefined)[] {
  const isShort =
    unit.kind !== 'percent' && unit.kind !== 'ratio' && all.some((value) => Math.abs(value) >= compactFrom)
  if (!isShort || all.every((value) => value >= 0)) return []
  return values.map((value) => (value === null ? undefined : chartNumberFormat(unit, [value], language, 1000)))
}

function leastOf(values: readonly number[]): number {
  return Math.min(...values.filter((value) => value !== 0).map(Math.abs))
}

const scales = [
  { power: 12, commas: ',,,,' },
  { power: 9, commas: ',,,' },
  { power: 6, commas: ',,' },
  { power: 3, commas: ',' },
] as const

function fraction(decimals: number): string {
  return decimals <= 0 ? '' : `.${'0'.repeat(Math.min(decimals, 10))}`
}

function decimalsOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => /\.(\d+)/.exec(text)?.[1]?.length ?? 0))
}

/**
 * `code` between what the language writes before and after a number of that size: the sign of a currency, a word, the M of
 * millions. Null when the language writes such a number in another scale.
 */
function around(unit: Unit, language: string, power: number, code: string): string | null {
  const sample = 2 * 10 ** power
  const text = seriesFormatter(unit, [sample], language, power === 0 ? Number.POSITIVE_INFINITY : 1000)(sample)
  const match = /^(\D*)2(?:[.,]0)?(\D*)$/.exec(text)
  if (match === null) return null
  const [, before = '', after = ''] = match
  return `${quoted(before)}${code}${quoted(after)}`
}

function quoted(text: string): string {
  return text === '' ? '' : `"${text.replaceAll('"', '')}"`
}
