import { dateFormatter, type DateGrain } from '../dates.ts'
import type { Category, Series } from './chart-model.ts'

/** More periods than this are not filled in: the rows are then far apart or not regular at all. */
const mostPeriods = 400

/**
 * Puts the periods that no row has between the others, as gaps: a month without orders must not look like a straight line
 * between its neighbours. Categories must be in order of time.
 */
export function fillPeriods(
  categories: readonly Category[],
  series: readonly Series[],
  grain: DateGrain,
  language: string,
): { categories: readonly Category[]; series: readonly Series[] } {
  const first = categories[0]?.time
  const last = categories.at(-1)?.time
  if (grain === 'minute' || first === null || first === undefined || last === null || last === undefined) {
    return { categories, series }
  }
  const times: number[] = []
  for (let time = first; time <= last && times.length <= mostPeriods; time = nextPeriod(time, grain)) times.push(time)
  const known = new Map(categories.map((category, index) => [category.time, index]))
  const isRegular =
    times.length <= mostPeriods && categories.every((category) => times.includes(category.time ?? Number.NaN))
  // Daily data with most days missing is weekly or irregular: its rows are the points, and nothing is missing.
  if (!isRegular || times.length === categories.length || (grain === 'day' && times.length > categories.length * 2)) {
    return { categories, series }
  }
  const label = dateFormatter(grain, language)
  return {
    categories: times.map((time) => {
      const index = known.get(time)
      return (
        (index === undefined ? undefined : categories[index]) ?? {
          time,
          label: label(new Date(time).toISOString()),
        }
      )
    }),
    series: series.map((one) => ({
      ...one,
      values: times.map((time) => {
        const index = known.get(time)
        return index === undefined ? null : (one.values[index] ?? null)
      }),
    })),
  }
}

/**
 * Marks the last period as partial when `today` (ISO 8601) lies in it. Points in time have no length, so they never are.
 */
export function markPartial(
  categories: readonly Category[],
  grain: DateGrain,
  today: string | undefined,
): readonly Category[] {
  const last = categories.at(-1)
  const now = today === undefined ? Number.NaN : Date.parse(today)
  if (grain === 'minute' || last === undefined || last.time === null) return categories
  const isRunning = now >= last.time && now < nextPeriod(last.time, grain)
  return isRunning ? [...categories.slice(0, -1), { ...last, isPartial: true }] : categories
}

const monthsIn = { month: 1, quarter: 3, year: 12 } as const

function nextPeriod(time: number, grain: Exclude<DateGrain, 'minute'>): number {
  const date = new Date(time)
  if (grain === 'day') return date.setUTCDate(date.getUTCDate() + 1)
  return date.setUTCMonth(date.getUTCMonth() + monthsIn[grain])
}
