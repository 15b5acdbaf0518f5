/** Facts that set categories beside each other: shares, ranks, leads, and subtotals of tables with more than one category. */
import type { Unit } from '../../render/table.ts'
import { type Candidate, candidate, differenceUnit, inner, totalLabel } from './candidate.ts'
import { quotient } from './decimal.ts'
import { type Look, canTotal, shareBase, sumAt, valueAt } from './look.ts'
import { type Period, periodKey, periodLabel } from './periods.ts'

/** Most members of a category that get a subtotal, share or rank of their own. */
const mostMembers = 15
const mostPeriods = 12

const ratio: Unit = { kind: 'ratio' }
const plain: Unit = { kind: 'plain' }

export function partFacts(look: Look): Candidate[] {
  if (look.present.length === 0) return []
  return [...shares(look), ...ranks(look), ...leads(look), ...subtotals(look), ...periodTotals(look)]
}

function shares(look: Look): Candidate[] {
  const { profile, measure, sorted } = look
  const { axis, rowLabel } = profile
  if (axis && axis.ordered.length > 1 && profile.dimensions.length > 0) return [] // subtotals have them
  const total = shareBase(look)
  if (!total) return []
  const of = { kind: 'share', unit: ratio, columns: [measure.name] } as const
  const whole = inner(totalLabel(measure))
  const facts = sorted.slice(0, mostMembers).map((row, place) =>
    candidate(profile, {
      ...of,
      tier: axis ? 4 : place === 0 ? 0 : 2,
      label: `Share of ${whole}, ${rowLabel(row)}`,
      rows: [row],
      value: quotient(valueAt(measure, row), total),
      formula: `${measure.name}[${rowLabel(row)}] / sum(${measure.name})`,
    }),
  )
  if (sorted.length < 6 || axis) return facts
  const leading = sorted.slice(0, 3)
  const names = leading.map(rowLabel)
  const together = candidate(profile, {
    ...of,
    tier: 2,
    label: `Share of ${whole}, top 3 together (${names.join('; ')})`,
    rows: leading,
    value: quotient(sumAt(measure, leading), total),
    formula: `(${names.map((name) => `${measure.name}[${name}]`).join(' + ')}) / sum(${measure.name})`,
  })
  return [...facts, together]
}

function ranks({ profile, measure, present, sorted }: Look): Candidate[] {
  if (present.length < 3 || profile.partial || profile.axis) return []
  return sorted.slice(0, mostMembers).map((row) => {
    const value = valueAt(measure, row)
    const above = sorted.findIndex((other) => valueAt(measure, other).eq(value))
    return candidate(profile, {
      tier: 4,
      kind: 'rank',
      label: `Rank by ${inner(measure.label)}, ${profile.rowLabel(row)}`,
      value: String(above + 1),
      unit: plain,
      columns: [measure.name],
      rows: [row],
      formula: `rank(${measure.name}[${profile.rowLabel(row)}])`,
    })
  })
}

/** How far the first is ahead of the second and of the last. */
function leads({ profile, measure, present, sorted }: Look): Candidate[] {
  if (profile.axis || profile.partial === 'truncated' || present.length < 2) return []
  const [top = 0, second = 0] = sorted
  const { unit, scale, words } = differenceUnit(measure)
  return [...new Set([second, sorted.at(-1) ?? second])].flatMap((other) => {
    const gap = valueAt(measure, top).minus(valueAt(measure, other))
    if (gap.eq(0)) return []
    const [high, low] = [profile.rowLabel(top), profile.rowLabel(other)]
    return [
      candidate(profile, {
        tier: other === second ? 2 : 3,
        kind: 'difference',
        label: `${measure.label}, ${high} ahead of ${low}${words}`,
        value: gap.times(scale),
        unit,
        columns: [measure.name],
        rows: [top, other],
        formula: `${scale.eq(1) ? '' : '100 * '}(${measure.name}[${high}] - ${measure.name}[${low}])`,
      }),
    ]
  })
}

/** Totals by each category where the table has more to it than that category. */
function subtotals(look: Look): Candidate[] {
  const { profile, measure, present } = look
  const { table, dimensions, axis } = profile
  if (dimensions.length + (axis && axis.ordered.length > 1 ? 1 : 0) < 2 || profile.partial) return []
  if (measure.additivity === 'none') return []
  const base = shareBase(look)
  const whole = totalLabel(measure)
  return dimensions.flatMap((index) => {
    const name = table.columns[index]?.name ?? ''
    const groups = [...Map.groupBy(present, (row) => table.rows[row]?.[index] ?? '')].filter(
      ([member]) => member !== '',
    )
    const summed = groups.length > 1 && groups.some(([, rows]) => rows.length > 1)
    if (!summed || !groups.every(([, rows]) => canTotal(profile, measure, rows))) return []
    return groups
      .map(([member, rows]) => ({ member, rows, sum: sumAt(measure, rows) }))
      .toSorted((a, b) => b.sum.cmp(a.sum))
      .slice(0, mostMembers)
      .flatMap(({ member, rows, sum }, place) => {
        const formula = `sum(${measure.name}[${name} = ${member}])`
        const of = { columns: [measure.name, name], rows }
        const total = candidate(profile, {
          ...of,
          tier: place < 5 ? 1 : 2,
          kind: 'total',
          label: `${whole}, ${member}`,
          value: sum,
          unit: measure.unit,
          formula,
        })
        if (!base) return [total]
        const share = candidate(profile, {
          ...of,
          tier: place === 0 ? 1 : 3,
          kind: 'share',
          label: `Share of ${inner(whole)}, ${member}`,
          value: quotient(sum, base),
          unit: ratio,
          formula: `${formula} / sum(${measure.name})`,
        })
        return [total, share]
      })
  })
}

/** Totals of each period where a period has several rows; the newest matter most. */
function periodTotals({ profile, measure, present }: Look): Candidate[] {
  const { axis } = profile
  if (!axis || axis.ordered.length < 2 || profile.dimensions.length === 0) return []
  const groups = Map.groupBy(present, (row) => keyAt(axis.periods[row]))
  return axis.ordered.slice(-mostPeriods).flatMap((period, place, shown) => {
    const rows = groups.get(periodKey(period)) ?? []
    if (rows.length < 2 || !canTotal(profile, measure, rows)) return []
    const label = periodLabel(period)
    return [
      candidate(profile, {
        tier: place === shown.length - 1 ? 0 : 2,
        kind: 'total',
        label: `${totalLabel(measure)}, ${label}`,
        value: sumAt(measure, rows),
        unit: measure.unit,
        columns: [measure.name],
        rows,
        formula: `sum(${measure.name}[${label}])`,
      }),
    ]
  })
}

const keyAt = (period: Period | null | undefined): string => (period ? periodKey(period) : '')
