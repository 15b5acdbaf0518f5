/**
 * The idea that makes decks trustworthy: code, not the model, computes what can be said about a table. The model gets
 * the facts and refers to them; it never writes a digit that code has not put there or checked.
 */
import type { Fact } from '../render/fact.ts'
import { formatFact } from '../render/format.ts'
import type { Table } from '../render/table.ts'
import type { Candidate } from './facts/candidate.ts'
import { levelFacts, tableFacts } from './facts/levels.ts'
import { lookAt } from './facts/look.ts'
import { partialNote, runningNotes } from './facts/partial.ts'
import { partFacts } from './facts/parts.ts'
import { type Profile, profileOf } from './facts/profile.ts'
import { trendFacts } from './facts/trends.ts'
import { refineUnits } from './units.ts'

export interface FactSheet {
  /** In the order of the tables and, within one, of the story: whole, values, shares, changes. Ids count up without gaps. */
  readonly facts: readonly Fact[]
  /** What the facts cannot tell and why, in plain sentences, such as that a table is cut off. */
  readonly notes: readonly string[]
}

const defaultMax = 200

export interface FactSheetOptions {
  /** Number of the first id (default 1). */
  readonly startAt?: number
  readonly max?: number
  /** ISO date: a period that is not over on this day is not compared with earlier ones. */
  readonly today?: string
}

/**
 * Computes the facts of the tables: exact sums and differences, quotients to six digits. The same tables give the same
 * facts in the same order. No more than `max` are kept (default 200), shared fairly between the tables, the most useful
 * first. Units are refined by the values as in {@link refineUnits}.
 */
export function buildFactSheet(tables: readonly Table[], options: FactSheetOptions = {}): FactSheet {
  const startAt = options.startAt ?? 1
  const today = options.today === undefined ? null : Math.floor(Date.parse(options.today) / 86_400_000)
  const profiles = tables.map((table) => profileOf(refineUnits(table), today))
  const perTable = profiles.map(candidatesOf)
  const kept = keepMostUseful(perTable, Math.max(0, options.max ?? defaultMax))
  const left = perTable.reduce((sum, found) => sum + found.length, 0) - kept.length
  const notes = profiles.flatMap(({ table, partial, axis }) => [
    ...(partial ? [partialNote(table, partial)] : []),
    ...runningNotes(table, axis, today),
    ...(table.rows.length === 0 ? [`${table.id} has no rows.`] : []),
  ])
  if (left > 0) notes.push(`${left} finer facts were left out for length.`)
  return { facts: kept.map(({ fact }, index) => ({ id: `F${startAt + index}`, ...fact })), notes }
}

function candidatesOf(profile: Profile): Candidate[] {
  if (profile.table.rows.length === 0) return []
  const perMeasure = profile.measures.flatMap((measure) => {
    const look = lookAt(profile, measure)
    return [...levelFacts(look), ...partFacts(look), ...trendFacts(look)]
  })
  return [...perMeasure, ...tableFacts(profile)]
}

/** Takes tier by tier, and within a tier one of each table in turn, then puts all back in the order they were found. */
function keepMostUseful(perTable: readonly (readonly Candidate[])[], max: number): Candidate[] {
  const places = perTable.flatMap((found, table) => {
    const seen = new Map<number, number>()
    return found.map((entry, index) => {
      const turn = seen.get(entry.tier) ?? 0
      seen.set(entry.tier, turn + 1)
      return { entry, table, index, turn }
    })
  })
  return places
    .toSorted((a, b) => a.entry.tier - b.entry.tier || a.turn - b.turn || a.table - b.table)
    .slice(0, max)
    .toSorted((a, b) => a.table - b.table || a.index - b.index)
    .map(({ entry }) => entry)
}

/** The sheet as the model reads it: one line per fact, `F12 | Revenue, EMEA | $1,234,567 | cell`, then the notes. */
export function describeFacts(sheet: FactSheet, options: { readonly language: string }): string {
  const lines = sheet.facts.map(
    (fact) =>
      `${fact.id} | ${fact.label} | ${formatFact(fact, { language: options.language, format: 'full' })} | ${fact.kind}`,
  )
  return [...lines, ...sheet.notes.map((note) => `Note: ${note}`)].join('\n')
}
