import { metricOf, type TableName } from '../../../data/semantic-layer.ts'
import { addDays, type Day, dayCount, type Grain, type Period, rangePeriod, shiftUnit, unitAt } from '../calendar.ts'
import type { View } from '../intent.ts'
import { dataStart } from '../sql/base.ts'
import type { Draft } from './draft.ts'
import { type BuildDeps, clarify, coarser, type NoIntent, refuse, type Shape } from './outcome.ts'
import { cut } from './periods/atom.ts'
import { baseOf } from './read-periods.ts'

/** How the numbers are looked at, or why that cannot be. May complete the shape. */
export function chooseView(draft: Draft, shape: Shape, deps: BuildDeps): View | NoIntent {
  const { layer, today } = deps
  const [first = ''] = shape.metrics
  const metric = metricOf(layer, first)
  if (draft.versus) return clarify(`Which time shall I compare with ${draft.versus.label}?`)
  if (draft.share) return shareView(draft, shape, deps)
  if (draft.comparing) return compareView(draft, shape)
  if (draft.growth) return growthView(draft, draft.growth, shape, today)
  if (draft.cumulative) {
    if (shape.metrics.some((name) => metricOf(layer, name).additive !== 'full'))
      return refuse(`${metric.label} cannot be added up over time.`)
    shape.grain ??= 'month'
    return { kind: 'cumulative' }
  }
  if (draft.averageOver !== undefined) {
    if (shape.grain !== undefined)
      return clarify(`Do you mean the average per ${draft.averageOver}, or the values by ${shape.grain}?`)
    const complete = completeUnits(draft.averageOver, shape.period, metric.table, today)
    if (!complete)
      return refuse(`There is no complete ${draft.averageOver} in ${shape.period?.label ?? 'that time'} yet.`)
    shape.period = complete
    return { kind: 'average-over', grain: draft.averageOver }
  }
  if (draft.trend) shape.grain ??= trendGrain(shape.period, today)
  return { kind: 'plain' }
}

function shareView(draft: Draft, shape: Shape, { layer }: BuildDeps): View | NoIntent {
  const metric = metricOf(layer, shape.metrics[0] ?? '')
  if (metric.additive === 'none')
    return refuse(`${metric.label} is no quantity that has shares. I can show it by region, segment and so on.`)
  if (draft.comparing || (draft.growth && !(draft.trend && draft.growth.base === 'open')))
    return refuse(
      'I can show shares, or changes, but not changes of shares. Please ask for the shares over time instead.',
    )
  if (draft.trend) shape.grain ??= 'month'
  if (draft.shareOf.length > 0) return { kind: 'share-of', part: draft.shareOf }
  if (shape.by.length === 0 && (shape.grain === undefined || metric.additive === 'dimensions')) {
    return clarify(`Share of ${metric.label.toLowerCase()} by what: region, country, segment …?`)
  }
  shape.metrics = shape.metrics.slice(0, 1)
  return { kind: 'share' }
}

function compareView(draft: Draft, shape: Shape): View | NoIntent {
  const [first, ...rest] = draft.periods
  if (!first) return clarify('Which times shall I compare?')
  if (shape.grain !== undefined || draft.trend) {
    const grain = (shape.grain ??= 'month')
    const contiguous = rest.every(
      (period, index) => draft.periods[index] && addDays(draft.periods[index].to, 1) === period.from,
    )
    const sameUnit = first.unit === grain
    const aligned =
      !sameUnit &&
      !coarser(grain, first) &&
      draft.periods.every((period) => period.unit === first.unit && period.from.slice(5) === first.from.slice(5))
    if (!aligned || grain === 'day' || grain === 'week') {
      if (!contiguous)
        return clarify(`I cannot set these times side by side by ${grain}. Shall I show each as a whole?`)
      shape.period = rangePeriod(
        first.from,
        rest.at(-1)?.to ?? first.to,
        `${first.label} to ${rest.at(-1)?.label ?? first.label}`,
      )
      return { kind: 'plain' }
    }
  }
  return { kind: 'compare', periods: [...draft.periods], likeForLike: false }
}

function growthView(draft: Draft, growth: NonNullable<Draft['growth']>, shape: Shape, today: Day): View | NoIntent {
  const step = growth.step
  if (shape.grain === undefined && step !== undefined && shape.period?.unit !== step) shape.grain = step
  if (shape.grain === undefined && draft.trend) shape.grain = 'month'
  if (shape.grain !== undefined || (!shape.period && growth.base !== 'previous' && shape.by.length === 0)) {
    const grain = (shape.grain ??= 'year')
    if (shape.metrics.length > 1 && !draft.combined)
      return refuse('Please ask for the growth of one measure at a time.')
    shape.metrics = shape.metrics.slice(0, 1)
    return { kind: 'growth', base: growth.base === 'year' && grain !== 'year' ? 'year' : 'previous' }
  }
  if (!shape.period) {
    if (growth.base === 'previous') return clarify('Which time shall I compare with the one before it?')
    // "Which region grows fastest?": the last complete year
    shape.period = shiftUnit('year', today, -1)
  }
  const { period } = shape
  const isYear =
    period.unit === 'year' ||
    period.label.endsWith(' to date') ||
    (period.unit === 'range' && period.label.startsWith('last '))
  if (growth.base === 'open' && !isYear) {
    const named =
      period.unit === 'range' ? 'the time before it' : `the ${period.unit} before (${baseOf(period, 'previous').label})`
    return clarify(
      `Growth of ${period.label} against ${named}, or against the same time a year earlier (${baseOf(period, 'year').label})?`,
    )
  }
  const base = growth.base === 'previous' ? 'previous' : 'year'
  const running = period.label.endsWith(' to date') ? wholeOf(period) : period
  const unfinished = running.from <= today && running.to > today
  if (!unfinished) return { kind: 'compare', periods: [baseOf(period, base), period], likeForLike: false }
  const soFar = cut(running, today)
  const full = baseOf(running, base)
  const earlier =
    base === 'year'
      ? baseOf(rangePeriod(soFar.from, soFar.to), 'year')
      : rangePeriod(full.from, addDays(full.from, dayCount(soFar.from, soFar.to) - 1))
  const to = earlier.to > full.to ? full.to : earlier.to
  return {
    kind: 'compare',
    periods: [
      { ...rangePeriod(earlier.from, to), label: `${full.label} to ${to.slice(5)}` },
      { ...soFar, label: `${running.label} to ${today.slice(5)}` },
    ],
    likeForLike: true,
  }
}

/** The year, quarter or month that "2026 to date" is the beginning of. */
function wholeOf(period: Period): Period {
  const label = period.label.replace(/ to date$/, '')
  const units = ['year', 'quarter', 'month', 'week'] as const
  return units.map((unit) => unitAt(unit, period.from)).find((unit) => unit.label === label) ?? period
}

/** Steps that make a readable line: days up to six weeks, months up to three years, then quarters. */
function trendGrain(period: Period | undefined, today: Day): Grain {
  if (!period) return 'quarter'
  const end = period.to > today ? today : period.to
  const days = dayCount(period.from, end)
  if (days <= 45) return 'day'
  return days <= 3 * 366 ? 'month' : 'quarter'
}

/** The whole units of a time that are over; undefined when there is none. */
function completeUnits(grain: Grain, period: Period | undefined, table: TableName, today: Day): Period | undefined {
  const start = dataStart[table]
  const all = period ?? rangePeriod(start, today, 'all time')
  let from = unitAt(grain, all.from < start ? start : all.from)
  if (from.from < all.from) from = shiftUnit(grain, from.from, 1)
  let to = unitAt(grain, all.to > today ? today : all.to)
  if (to.to > all.to || to.to > today) to = shiftUnit(grain, to.from, -1)
  if (to.to < from.from) return undefined
  if (from.from === all.from && to.to === all.to) return all
  return rangePeriod(from.from, to.to, `${from.label} to ${to.label}`)
}
