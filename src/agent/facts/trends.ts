/** Facts that compare periods: differences, growth, and what each category contributed to a change. */
import type { Unit } from '../../render/table.ts'
import { type Candidate, candidate, differenceUnit, inner, totalLabel } from './candidate.ts'
import { type Big, quotient, sumOf, toDecimal, zero } from './decimal.ts'
import { type Look, byValue, canTotal, isRunning, sumAt } from './look.ts'
import { type Period, comparePeriods, periodLabel, samePeriod } from './periods.ts'
import type { Measure, Profile } from './profile.ts'

const ratio: Unit = { kind: 'ratio' }
/** Categories whose own development is followed, the largest of the last period first. */
const mostSeries = 10
/** Steps from one period to the next that are told, the latest first. */
const mostSteps = 16
/** Moves of all members, signs aside, over the change of the whole: beyond this, parts of the change say little. */
const mostOffset = toDecimal('1.5') ?? zero

/** One value per period, in order of time. */
interface Series {
  /** ", EMEA", or empty for the whole. */
  readonly member: string
  /** Turns "Revenue" into "Total revenue" where points are sums. */
  readonly summed: boolean
  readonly points: readonly Point[]
}

interface Point {
  readonly period: Period
  readonly rows: readonly number[]
  readonly value: Big
  /** How a formula writes this point. */
  readonly term: string
}

export function trendFacts({ profile, measure, present }: Look): Candidate[] {
  const { axis } = profile
  if (!axis || axis.ordered.length < 2 || !axis.regular) return []
  if (profile.dimensions.length === 0) {
    const series = pointSeries(profile, measure, present, '')
    return series ? changes(profile, measure, series, 0) : []
  }
  const members = memberSeries(profile, measure, present)
  // Where nobody comes twice, the rows are a list with dates in it, and no development of anything.
  if (members.length === 0) return []
  const whole = summedSeries(profile, measure, present)
  return [
    ...(whole ? changes(profile, measure, whole, 0) : []),
    ...contributions(profile, measure, whole, members),
    ...members.slice(0, mostSeries).flatMap((series) => changes(profile, measure, series, 2)),
  ]
}

/** The rows as they are, or null when a period comes twice and nobody knows which row counts. */
function pointSeries(profile: Profile, measure: Measure, rows: readonly number[], member: string): Series | null {
  const points = rows
    .flatMap((row): Point[] => {
      const period = profile.axis?.periods[row]
      const value = measure.values[row]
      return period && value && !isRunning(profile, row)
        ? [{ period, rows: [row], value, term: `${measure.name}[${profile.rowLabel(row)}]` }]
        : []
    })
    .toSorted((a, b) => comparePeriods(a.period, b.period))
  const twice = points.some(
    (point, index) => index > 0 && samePeriod(points[index - 1]?.period ?? point.period, point.period),
  )
  return twice || points.length < 2 ? null : { member, summed: false, points }
}

function summedSeries(profile: Profile, measure: Measure, present: readonly number[]): Series | null {
  const groups = Map.groupBy(present, (row) => profile.axis?.periods[row]?.firstDay ?? null)
  const points = [...groups].flatMap(([, rows]): Point[] => {
    const period = profile.axis?.periods[rows[0] ?? -1]
    if (!period || isRunning(profile, rows[0] ?? -1) || !canTotal(profile, measure, rows)) return []
    return [{ period, rows, value: sumAt(measure, rows), term: `sum(${measure.name}[${periodLabel(period)}])` }]
  })
  points.sort((a, b) => comparePeriods(a.period, b.period))
  return points.length < 2 ? null : { member: '', summed: true, points }
}

/** One series per combination of categories, the largest latest value first. */
function memberSeries(profile: Profile, measure: Measure, present: readonly number[]): Series[] {
  const { table, dimensions } = profile
  const nameOf = (row: number): string =>
    dimensions.map((index) => table.rows[row]?.[index] ?? `no ${table.columns[index]?.name ?? ''}`).join(', ')
  const groups = Map.groupBy(present, nameOf)
  const leading = byValue(
    measure,
    [...groups.values()].flatMap((rows) => lastRow(profile, rows)),
  )
  return leading.flatMap((row) => {
    const member = nameOf(row)
    return pointSeries(profile, measure, groups.get(member) ?? [], `, ${member}`) ?? []
  })
}

function lastRow(profile: Profile, rows: readonly number[]): number[] {
  const dated = rows.filter((row) => profile.axis?.periods[row])
  return dated
    .toSorted((a, b) => (profile.axis?.periods[b]?.firstDay ?? 0) - (profile.axis?.periods[a]?.firstDay ?? 0))
    .slice(0, 1)
}

type Tier = Candidate['tier']
const later = (tier: number): Tier => Math.min(tier, 4) as Tier // 0 to 4 by construction

/** Differences and growth along a series: whole span, latest step, a year ago, then the steps between. */
function changes(profile: Profile, measure: Measure, series: Series, tier: Tier): Candidate[] {
  const { points } = series
  const last = points.length - 1
  const pairs: [from: number, to: number, tier: Tier][] = []
  const add = (from: number, to: number, at: Tier): void => {
    if (from >= 0 && from < to && !pairs.some((pair) => pair[0] === from && pair[1] === to)) pairs.push([from, to, at])
  }
  add(last - 1, last, tier)
  add(0, last, tier)
  add(yearBefore(points, last), last, later(tier + 1))
  for (let to = last - 1; to > Math.max(0, last - mostSteps); to -= 1) add(to - 1, to, later(tier + 2))
  for (let to = last - 1; to > Math.max(0, last - 4); to -= 1) add(yearBefore(points, to), to, later(tier + 3))
  return pairs.flatMap(([from, to, at]) => {
    const [start, end] = [points[from], points[to]]
    return start && end ? change(profile, measure, series, start, end, at) : []
  })
}

function yearBefore(points: readonly Point[], at: number): number {
  const point = points[at]
  if (!point || point.period.year === null || !['quarter', 'month', 'half', 'week'].includes(point.period.grain))
    return -1
  const { year, part } = point.period
  return points.findIndex(
    (other) => other.period.year === year - 1 && other.period.part === part && other.period.grain !== 'week',
  )
}

function change(profile: Profile, measure: Measure, series: Series, start: Point, end: Point, tier: Tier): Candidate[] {
  const span = `${periodLabel(start.period)} to ${periodLabel(end.period)}`
  const name = inner(series.summed ? totalLabel(measure) : measure.label)
  const rate = measure.unit.kind === 'percent' || measure.unit.kind === 'ratio'
  const { unit, scale, words } = differenceUnit(measure)
  const gap = end.value.minus(start.value)
  const of = { tier, columns: [measure.name, ...timeNames(profile)], rows: [...start.rows, ...end.rows] }
  const facts = [
    candidate(profile, {
      ...of,
      kind: 'difference',
      label: `Change in ${name}${series.member}, ${span}${words}`,
      value: gap.times(scale),
      unit,
      formula: `${scale.eq(1) ? '' : '100 * '}(${end.term} - ${start.term})`,
    }),
  ]
  // From nothing, or from below nothing, growth in percent says nothing; of a rate it is taken for points
  if (rate || start.value.lte(0)) return facts
  const growth = candidate(profile, {
    ...of,
    kind: 'growth',
    label: `Growth of ${name}${series.member}, ${span}`,
    value: quotient(gap, start.value),
    unit: ratio,
    formula: `(${end.term} - ${start.term}) / ${start.term}`,
  })
  return [growth, ...facts]
}

const timeNames = ({ axis, table }: Profile): string[] =>
  (axis?.columns ?? []).map((index) => table.columns[index]?.name ?? '')

/**
 * How much of the whole's change between two periods came from each member; only members present in both, and only where
 * they mostly moved the same way: of a small rest of large moves against each other, parts of -200 % mislead.
 */
function contributions(
  profile: Profile,
  measure: Measure,
  whole: Series | null,
  members: readonly Series[],
): Candidate[] {
  if (!whole || profile.dimensions.length !== 1) return []
  const dimension = profile.dimensions.map((index) => profile.table.columns[index]?.name ?? '')
  const last = whole.points.at(-1)
  const starts = new Set([whole.points[0], whole.points.at(-2)])
  return [...starts].flatMap((start, place) => {
    if (!start || !last) return []
    const total = last.value.minus(start.value)
    if (total.eq(0)) return []
    const span = `${periodLabel(start.period)} to ${periodLabel(last.period)}`
    const moves = members.flatMap((series) => {
      const from = series.points.find((point) => samePeriod(point.period, start.period))
      const to = series.points.find((point) => samePeriod(point.period, last.period))
      return from && to ? [{ series, from, to, move: to.value.minus(from.value) }] : []
    })
    const moved = sumOf(moves.map(({ move }) => move.abs()))
    if (moved.gt(total.abs().times(mostOffset))) return []
    return moves.slice(0, mostSeries).map(({ series, from, to, move }) =>
      candidate(profile, {
        tier: later(1 + place),
        kind: 'contribution',
        label: `Part of the change in ${inner(totalLabel(measure))} that came from ${series.member.slice(2)}, ${span}`,
        value: quotient(move, total),
        unit: ratio,
        columns: [measure.name, ...dimension, ...timeNames(profile)],
        rows: [...from.rows, ...to.rows],
        formula: `(${to.term} - ${from.term}) / (${last.term} - ${start.term})`,
      }),
    )
  })
}
