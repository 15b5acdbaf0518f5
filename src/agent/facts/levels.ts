/** Facts about a measure as it stands: its values, total, average, extremes, outliers and gaps. */
import type { Unit } from '../../render/table.ts'
import { type Candidate, candidate, inner, rowsOrAll, totalLabel } from './candidate.ts'
import { quotient, toDecimal, zero } from './decimal.ts'
import { type Look, canTotal, isRunning, valueAt } from './look.ts'
import { type Measure, type Profile, labelOf } from './profile.ts'

/** Up to this many rows every value becomes a fact; of a longer table, the top, the bottom and the latest. */
const wholeTableRows = 60
const longTop = 10
const longBottom = 5
const longLatest = 12

const plain: Unit = { kind: 'plain' }
const count: Unit = { kind: 'count' }

/** How many different categories and periods the table holds, and what is missing in them. */
export function tableFacts(profile: Profile): Candidate[] {
  const { table, axis, body, dimensions, partial } = profile
  const counted = [...dimensions, ...(axis?.columns.length === 1 ? axis.columns : [])]
  const facts = counted.flatMap((index) => {
    const column = table.columns[index]
    if (!column || column.type === 'boolean') return []
    const name = labelOf(column.name).toLowerCase()
    const filled = body.filter((row) => (table.rows[row]?.[index] ?? '') !== '')
    const distinct = new Set(filled.map((row) => table.rows[row]?.[index])).size
    const missing = missingFact(profile, column.name, name, filled)
    if (partial || distinct < 2) return missing
    const number = countFact(profile, 1, `Number of different ${plural(name)}`, distinct, column.name)
    return [number, ...missing]
  })
  if (partial || table.rows.length < 2) return facts
  return [...facts, countFact(profile, 3, 'Number of rows in the result', body.length, null)]
}

function countFact(
  profile: Profile,
  tier: Candidate['tier'],
  label: string,
  value: number,
  column: string | null,
): Candidate {
  return candidate(profile, {
    tier,
    kind: 'count',
    label,
    value: String(value),
    unit: count,
    columns: column === null ? [] : [column],
    rows: rowsOrAll(profile, profile.body),
    formula: column === null ? 'count(*)' : `count(distinct ${column})`,
  })
}

function plural(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return name.endsWith('s') ? name : `${name}s`
}

function missingFact(profile: Profile, column: string, name: string, filled: readonly number[]): Candidate[] {
  const has = new Set(filled)
  const rows = profile.body.filter((row) => !has.has(row))
  if (rows.length === 0 || profile.table.rows.length < 2) return []
  return [
    candidate(profile, {
      tier: 0,
      kind: 'missing',
      label: `Rows without ${name}`,
      value: String(rows.length),
      unit: count,
      columns: [column],
      rows,
      formula: `count(*) - count(${column})`,
    }),
  ]
}

/** Everything about one measure that compares neither categories nor periods. */
export function levelFacts(look: Look): Candidate[] {
  const { profile, measure, present } = look
  const gaps = missingFact(profile, measure.name, inner(measure.label), present)
  if (present.length === 0) return gaps
  return [...wholeFacts(look), ...extremes(look), ...cells(look), ...outliers(look), ...gaps]
}

function wholeFacts({ profile, measure, present, sum }: Look): Candidate[] {
  if (present.length < 2 || profile.partial) return []
  const rows = rowsOrAll(profile, profile.body)
  const of = { columns: [measure.name], rows }
  const partial = rows.length > 0 ? '[without total rows]' : ''
  const facts: Candidate[] = []
  if (canTotal(profile, measure, present)) {
    facts.push(
      candidate(profile, {
        ...of,
        tier: 0,
        kind: 'total',
        label: totalLabel(measure),
        value: sum,
        unit: measure.unit,
        formula: `sum(${measure.name}${partial})`,
      }),
    )
  }
  if (measure.canAverage) {
    facts.push(
      candidate(profile, {
        ...of,
        tier: 1,
        kind: 'average',
        label: `Average ${inner(measure.label)} per ${rowNoun(profile)}`,
        value: quotient(sum, toDecimal(String(present.length)) ?? zero),
        unit: measure.unit.kind === 'count' ? plain : measure.unit,
        formula: `avg(${measure.name}${partial})`,
      }),
    )
  }
  return facts
}

/** What one row stands for: a region, a quarter, a region and quarter, or just a row. */
function rowNoun({ dimensions, axis, table }: Profile): string {
  const names = dimensions.map((index) => labelOf(table.columns[index]?.name ?? '').toLowerCase())
  const grain = axis?.regular === true ? axis.ordered[0]?.grain : undefined
  const parts = axis === null ? names : [...names, ...(grain ? [grain] : [])]
  const isTold = parts.length > 0 && parts.length <= 2 && (axis === null || grain !== undefined)
  return isTold ? parts.join(' and ') : 'row'
}

function extremes({ profile, measure, present, sorted }: Look): Candidate[] {
  const [most, least] = [valueAt(measure, sorted[0]), valueAt(measure, sorted.at(-1))]
  if (most.eq(least)) return []
  const ends = [
    { kind: 'maximum', word: 'Highest', name: 'max', value: most },
    { kind: 'minimum', word: 'Lowest', name: 'min', value: least },
  ] as const
  return ends.flatMap(({ kind, word, name, value }) => {
    const rows = present.filter((row) => measure.values[row]?.eq(value))
    if (!isExtremeOfWhole(profile, measure, present, kind)) return []
    // A period that is still running may be the lowest only because it has not ended.
    if (kind === 'minimum' && rows.some((row) => isRunning(profile, row))) return []
    const who = rows.slice(0, 3).map(profile.rowLabel).join(' and ')
    return candidate(profile, {
      tier: 0,
      kind,
      label: `${word} ${inner(measure.label)}: ${who}${rows.length > 3 ? ' and others' : ''}`,
      value,
      unit: measure.unit,
      columns: [measure.name],
      rows,
      formula: `${name}(${measure.name})`,
    })
  })
}

/** Of rows that a query kept, only the end they are sorted by is known to be that of the whole. */
function isExtremeOfWhole(
  { partial, table }: Profile,
  measure: Measure,
  present: readonly number[],
  kind: 'maximum' | 'minimum',
): boolean {
  if (partial === null) return true
  if (partial === 'truncated' || !/\border\s+by\b/i.test(table.sql)) return false
  const values = present.map((row) => valueAt(measure, row))
  return values.every((value, index) => {
    const before = values[index - 1] ?? value
    return kind === 'maximum' ? before.gte(value) : before.lte(value)
  })
}

/** One value of a table as a fact; the text of the cell is kept as it is. */
export function cellFact(profile: Profile, measure: Measure, row: number, tier: Candidate['tier']): Candidate {
  const who = profile.rowLabel(row)
  return candidate(profile, {
    tier,
    kind: 'cell',
    label: profile.table.rows.length === 1 && who === 'row 1' ? measure.label : `${measure.label}, ${who}`,
    value: profile.table.rows[row]?.[measure.index] ?? '',
    unit: measure.unit,
    columns: [measure.name],
    rows: [row],
    formula: `${measure.name}[${who}]`,
  })
}

function cells({ profile, measure, present, sorted }: Look): Candidate[] {
  const { rows } = profile.table
  if (rows.length <= wholeTableRows) {
    const all = rows.flatMap((_, row) => (measure.values[row] ? [row] : [])) // subtotal lines too: they are data
    return all.map((row) => cellFact(profile, measure, row, rows.length === 1 ? 0 : 1))
  }
  const chosen = new Set([
    ...sorted.slice(0, longTop),
    ...sorted.slice(-longBottom),
    ...firstAndLatest(profile, present),
  ])
  return present.filter((row) => chosen.has(row)).map((row) => cellFact(profile, measure, row, 1))
}

/** Of a plain time series, the first row and the last ones. */
function firstAndLatest({ axis, dimensions }: Profile, present: readonly number[]): number[] {
  if (!axis || dimensions.length > 0) return []
  const inTime = present.toSorted((a, b) => (axis.periods[a]?.firstDay ?? 0) - (axis.periods[b]?.firstDay ?? 0))
  return [...inTime.slice(0, 1), ...inTime.slice(-longLatest)]
}

/** Values far from the median by the modified z-score (Iglewicz and Hoaglin): robust against the outliers themselves. */
function outliers({ profile, measure, present }: Look): Candidate[] {
  if (present.length < 8 || profile.partial) return []
  const values = present.map((row) => measure.rounded[row] ?? 0)
  const middle = median(values)
  const deviation = median(values.map((value) => Math.abs(value - middle)))
  if (deviation === 0) return []
  return present
    .map((row, place) => ({ row, score: (0.6745 * ((values[place] ?? 0) - middle)) / deviation }))
    .filter(({ score }) => Math.abs(score) > 3.5)
    .toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.row - b.row)
    .slice(0, 5)
    .map(({ row, score }) => {
      const label = profile.rowLabel(row)
      return candidate(profile, {
        tier: 1,
        kind: 'outlier',
        label: `Unusually ${score > 0 ? 'high' : 'low'} ${inner(measure.label)}, ${label}`,
        value: profile.table.rows[row]?.[measure.index] ?? '',
        unit: measure.unit,
        columns: [measure.name],
        rows: [row],
        formula: `${measure.name}[${label}] where 0.6745 * abs(${measure.name} - median) / mad > 3.5`,
      })
    })
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}
