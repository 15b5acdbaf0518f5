import { z } from 'zod'

/** Days are ISO 8601 text, so they compare as text. Weeks start on Monday. */
export type Day = string

export const grains = ['day', 'week', 'month', 'quarter', 'year'] as const
export type Grain = (typeof grains)[number]

/** A span of days, both ends included. */
export const Period = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  /** What it is one of; a `range` is anything else. */
  unit: z.enum([...grains, 'half', 'range']),
  /** In words: "Q4 2023", "March 2023", "2021 to 2023". */
  label: z.string(),
})
export type Period = z.infer<typeof Period>

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

const iso = (date: Date): Day => date.toISOString().slice(0, 10)
const utc = (day: Day): Date => new Date(`${day}T00:00:00Z`)

export function addDays(day: Day, count: number): Day {
  const date = utc(day)
  date.setUTCDate(date.getUTCDate() + count)
  return iso(date)
}

/** Moves by whole months; a day that the month lacks becomes its last day. */
export function addMonths(day: Day, count: number): Day {
  const [year = 0, month = 1, of = 1] = day.split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 + count, 1))
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(of, days))
  return iso(first)
}

export function dayCount(from: Day, to: Day): number {
  return Math.round((utc(to).getTime() - utc(from).getTime()) / 86_400_000) + 1
}

export const yearOf = (day: Day): number => Number(day.slice(0, 4))
const monthOf = (day: Day): number => Number(day.slice(5, 7))
const quarterOf = (day: Day): number => Math.ceil(monthOf(day) / 3)

const monthsIn: Readonly<Record<'month' | 'quarter' | 'half' | 'year', number>> = {
  month: 1,
  quarter: 3,
  half: 6,
  year: 12,
}

/** The day, week, month … that `day` lies in. */
export function unitAt(unit: Grain | 'half', day: Day): Period {
  if (unit === 'day') return { from: day, to: day, unit, label: day }
  if (unit === 'week') {
    const from = addDays(day, -((utc(day).getUTCDay() + 6) % 7))
    return { from, to: addDays(from, 6), unit, label: `week of ${from}` }
  }
  const months = monthsIn[unit]
  const first = Math.floor((monthOf(day) - 1) / months) * months
  const from = `${day.slice(0, 4)}-${String(first + 1).padStart(2, '0')}-01`
  return { from, to: addDays(addMonths(from, months), -1), unit, label: labelOf(unit, from) }
}

function labelOf(unit: 'month' | 'quarter' | 'half' | 'year', from: Day): string {
  const year = from.slice(0, 4)
  switch (unit) {
    case 'month':
      return `${monthNames[monthOf(from) - 1]} ${year}`
    case 'quarter':
      return `Q${quarterOf(from)} ${year}`
    case 'half':
      return `H${monthOf(from) < 7 ? 1 : 2} ${year}`
    case 'year':
      return year
  }
}

export const yearPeriod = (year: number): Period => unitAt('year', `${year}-01-01`)
export const halfPeriod = (year: number, half: number): Period =>
  unitAt('half', `${year}-${half === 1 ? '01' : '07'}-01`)
export const quarterPeriod = (year: number, quarter: number): Period =>
  unitAt('quarter', `${year}-${String(quarter * 3).padStart(2, '0')}-01`)
export const monthPeriod = (year: number, month: number): Period =>
  unitAt('month', `${year}-${String(month).padStart(2, '0')}-01`)

/** A period from any two days; where they make up one month, quarter, half or year, it is that. */
export function rangePeriod(from: Day, to: Day, label?: string): Period {
  for (const unit of ['day', 'month', 'quarter', 'half', 'year'] as const) {
    const whole = unitAt(unit, from)
    if (whole.from === from && whole.to === to) return whole
  }
  return { from, to, unit: 'range', label: label ?? `${from} to ${to}` }
}

/** The unit `count` steps later (or earlier, when negative). */
export function shiftUnit(unit: Grain | 'half', day: Day, count: number): Period {
  if (unit === 'day') return unitAt(unit, addDays(day, count))
  if (unit === 'week') return unitAt(unit, addDays(day, 7 * count))
  return unitAt(unit, addMonths(unitAt(unit, day).from, monthsIn[unit] * count))
}

/** The same days a year earlier; a whole unit stays a whole unit. */
export function yearBefore(period: Period): Period {
  if (period.unit !== 'range' && period.unit !== 'week') {
    return unitAt(period.unit, addMonths(period.from, -12))
  }
  const endsMonth = addDays(period.to, 1).endsWith('-01')
  const to = endsMonth ? addDays(addMonths(addDays(period.to, 1), -12), -1) : addMonths(period.to, -12)
  return rangePeriod(addMonths(period.from, -12), to)
}

/** The period of the same length right before. */
export function periodBefore(period: Period): Period {
  if (period.unit !== 'range') return shiftUnit(period.unit, period.from, -1)
  const to = addDays(period.from, -1)
  const wholeMonths = period.from.endsWith('-01') && addDays(period.to, 1).endsWith('-01')
  if (wholeMonths) {
    const months = (yearOf(period.to) - yearOf(period.from)) * 12 + monthOf(period.to) - monthOf(period.from) + 1
    return rangePeriod(addMonths(period.from, -months), to)
  }
  return rangePeriod(addDays(period.from, -dayCount(period.from, period.to)), to)
}

/** How many of these units a period touches. */
export function unitsIn(grain: Grain, period: Period): number {
  let count = 0
  for (let unit = unitAt(grain, period.from); unit.from <= period.to; unit = shiftUnit(grain, unit.from, 1)) count += 1
  return count
}
