import type { Fact } from '../../render/fact.ts'
import type { Unit } from '../../render/table.ts'
import { type Big, decimalText, hundred, one } from './decimal.ts'
import type { Measure, Profile } from './profile.ts'

/**
 * A fact before it has an id. Lower `tier` is kept first when there is no room for all: 0 what a deck is made of,
 * 1 the values themselves, 2 to 4 ever finer comparisons.
 */
export interface Candidate {
  readonly tier: 0 | 1 | 2 | 3 | 4
  readonly fact: Omit<Fact, 'id'>
}

export interface CandidateInput {
  readonly tier: Candidate['tier']
  readonly kind: Fact['kind']
  readonly label: string
  readonly value: Big | string
  readonly unit: Unit
  readonly columns: readonly string[]
  /** Empty: the whole table. */
  readonly rows: readonly number[]
  readonly formula: string
}

export function candidate(profile: Profile, input: CandidateInput): Candidate {
  const { tier, kind, label, value, unit, columns, rows, formula } = input
  return {
    tier,
    fact: {
      kind,
      label,
      value: typeof value === 'string' ? value : decimalText(value),
      valueType: 'number',
      unit,
      lineage: { tableId: profile.table.id, columns: [...columns], rows: [...rows], formula },
    },
  }
}

/** A name as it can stand within a sentence: "Revenue" is revenue, "MRR" stays. */
export function inner(label: string): string {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label
}

/** "Total revenue", and not "Total total revenue". */
export function totalLabel(measure: Measure): string {
  return /^total\b/i.test(measure.label) ? measure.label : `Total ${inner(measure.label)}`
}

/** The body as lineage: the empty list when it is the whole table. */
export function rowsOrAll(profile: Profile, rows: readonly number[]): readonly number[] {
  return rows.length === profile.table.rows.length ? [] : rows
}

/** How the label of a fact in percentage points ends. */
export const pointsWords = ', in percentage points'

const points: Unit = { kind: 'plain', isPoints: true }

/** A difference of rates is in percentage points, which no column measures: the label says so as well. */
export function differenceUnit(measure: Measure): { readonly unit: Unit; readonly scale: Big; readonly words: string } {
  if (measure.unit.kind === 'percent') return { unit: points, scale: one, words: pointsWords }
  if (measure.unit.kind === 'ratio') return { unit: points, scale: hundred, words: pointsWords }
  return { unit: measure.unit, scale: one, words: '' }
}
