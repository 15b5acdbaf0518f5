import { type Big, sumOf, zero } from './decimal.ts'
import { samePeriod } from './periods.ts'
import type { Measure, Profile } from './profile.ts'

/** A measure of a table with what most facts about it start from. */
export interface Look {
  readonly profile: Profile
  readonly measure: Measure
  /** Rows of the body that have a value. */
  readonly present: readonly number[]
  /** The same rows, greatest value first; equal values stay in the table's order. */
  readonly sorted: readonly number[]
  /** Exact sum of the body, whether or not adding up makes sense. */
  readonly sum: Big
}

export function lookAt(profile: Profile, measure: Measure): Look {
  const present = profile.body.filter((row) => measure.values[row])
  return { profile, measure, present, sorted: byValue(measure, present), sum: sumAt(measure, present) }
}

export const valueAt = (measure: Measure, row: number | undefined): Big => measure.values[row ?? -1] ?? zero

/** Exact sum over rows; missing values add nothing. */
export const sumAt = (measure: Measure, rows: readonly number[]): Big => sumOf(rows.map((row) => valueAt(measure, row)))

export function byValue(measure: Measure, rows: readonly number[]): number[] {
  // Rounding to floating point keeps the order, so exact comparison is needed only where the rounded values are equal
  const { rounded } = measure
  return rows.toSorted(
    (a, b) => (rounded[b] ?? 0) - (rounded[a] ?? 0) || valueAt(measure, b).cmp(valueAt(measure, a)) || a - b,
  )
}

/** True when rows may be added up: the measure is additive, and a stock is looked at in one period only. */
export function canTotal({ partial, axis }: Profile, measure: Measure, rows: readonly number[]): boolean {
  if (measure.additivity === 'none' || partial) return false
  if (measure.additivity === 'full' || !axis) return true
  const [first] = rows
  const period = axis.periods[first ?? -1]
  return rows.every((row) => {
    const other = axis.periods[row]
    return period && other ? samePeriod(period, other) : period === other
  })
}

/** True for a row about a period that is still running, or not yet begun. */
export function isRunning({ axis, today }: Profile, row: number): boolean {
  const period = axis?.periods[row]
  return today !== null && period?.year != null && period.lastDay >= today
}

/** What shares are taken of, or null when they would mean nothing: not additive, one row, a negative value, nothing at all. */
export function shareBase({ profile, measure, present, sorted, sum }: Look): Big | null {
  if (present.length < 2 || !canTotal(profile, measure, present)) return null
  return valueAt(measure, sorted.at(-1)).lt(0) || sum.lte(0) ? null : sum
}
