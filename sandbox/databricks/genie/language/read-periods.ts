import {
  addDays,
  type Day,
  type Grain,
  type Period,
  periodBefore,
  rangePeriod,
  unitAt,
  unitsIn,
  yearBefore,
  yearOf,
} from '../calendar.ts'
import type { Draft } from './draft.ts'
import { type Atom, completeAtom, cut, sameKind } from './periods/atom.ts'
import type { PeriodExpression } from './periods/grammar.ts'
import type { Reader } from './reader.ts'

export interface PeriodContext {
  readonly today: Day
  /** First day with any data. */
  readonly dataStart: Day
  /** The year the conversation is in, for "and in March?". */
  readonly year?: number
}

interface Stated {
  readonly place: number
  readonly period: Period
  readonly expression: PeriodExpression
  /** First and last part of a span. */
  readonly ends?: readonly [Period, Period]
  /** The word that counts it from today. */
  readonly relative?: string
}

/**
 * Reads everything about time into the draft: one time, several to compare, growth against earlier ones.
 * Returns a question for the person when it can be read in more than one way.
 */
export function readPeriods(reader: Reader, draft: Draft, context: PeriodContext): string | undefined {
  readGrowthWords(reader, draft)
  const stated = resolveYears(reader, context)
  reader.take(...reader.places('period'))
  const times = narrowed(stated, reader)
  const [first, second] = times
  if (first === undefined) return undefined
  const grows = draft.growth !== undefined || reader.operatorPlaces('growth', 'rise', 'fall').length > 0
  if (second === undefined) return readSingle(first, reader, draft, grows)
  const base = baseWord(first, second, reader) ?? (isRunning(first, second, context.today) ? 'previous' : undefined)
  if (base === 'unclear') return `Compare ${first.period.label} with which time exactly?`
  if (base !== undefined) {
    reader.takeOperators('versus')
    draft.periods = [first.period]
    draft.growth = { base }
    draft.compareWord = true
    return undefined
  }
  const versus = reader.operatorPlaces('versus', 'compare').length > 0 || grows
  const listed = times.slice(1).every((time, index) => joined(reader, times[index]?.place ?? 0, time.place))
  if (!versus && !listed)
    return `I see several times (${times.map(({ period }) => period.label).join(', ')}). Which one do you mean, or shall I compare them?`
  const periods = times.map(({ period }) => period).toSorted((a, b) => (a.from < b.from ? -1 : 1))
  const alike = periods.every(({ unit }) => unit === periods[0]?.unit)
  if (!alike)
    return `${times.map(({ period }) => period.label).join(' and ')} are not equally long. Which times shall I compare?`
  draft.periods = periods
  draft.comparing = true
  return undefined
}

function readGrowthWords(reader: Reader, draft: Draft): void {
  const steps = { mom: 'month', qoq: 'quarter', wow: 'week', 'day-over-day': 'day' } as const satisfies Record<
    string,
    Grain
  >
  for (const [operator, step] of Object.entries(steps) as [keyof typeof steps, Grain][]) {
    if (reader.takeOperators(operator)) draft.growth = { base: 'previous', step }
  }
  if (reader.takeOperators('yoy')) draft.growth = { base: 'year' }
  if (reader.takeOperators('previous-period')) draft.growth = { base: 'previous' }
}

function readSingle(time: Stated, reader: Reader, draft: Draft, grows: boolean): string | undefined {
  const { period, expression } = time
  if (expression.kind === 'all') {
    draft.allTime = true
    return undefined
  }
  if (expression.kind === 'end-of') draft.asOf = true
  if (time.ends && draft.growth === undefined && (grows || reader.operatorPlaces('compare').length > 0)) {
    const [first, last] = time.ends
    const unit = first.unit
    if (unit !== last.unit || unit === 'range') return `Shall I compare ${first.label} with ${last.label}?`
    // "from 2021 to 2024": each year against the one before, unless there are only two, or a difference is asked for
    if (!grows || unit === 'half' || unit === 'day' || unitsIn(unit, period) === 2) {
      draft.periods = [first, last]
      draft.comparing = true
      return undefined
    }
    draft.grain ??= unit
    draft.growth = { base: 'previous', step: unit }
  }
  const before = reader.skipPrepositions(time.place - 1, -1)
  if (reader.isOperator(before, 'versus')) {
    reader.take(before)
    if (time.relative !== undefined && time.relative !== 'this') {
      draft.growth = { base: period.unit === 'year' ? 'year' : 'previous' }
    } else {
      draft.versus = period
    }
    return undefined
  }
  draft.periods = [period]
  return undefined
}

/** "Q4 2023 vs the previous year": a relative time after "versus" counts from the first time, not from today. */
function baseWord(first: Stated, second: Stated, reader: Reader): 'year' | 'previous' | 'unclear' | undefined {
  const { relative } = second
  const between = reader.operatorPlaces('versus').some((place) => place > first.place && place < second.place)
  if (relative === undefined || relative === 'this' || !between) return undefined
  if (first.relative === 'this' && first.period.unit === second.period.unit) return undefined
  const own = ['previous', 'prior', 'preceding'].includes(relative)
  const { unit } = second.period
  if (first.period.unit === unit) return own ? 'previous' : undefined
  return unit === 'year' ? 'year' : 'unclear'
}

/** "this year vs last year": the running one can only be compared with the same days of the one before. */
function isRunning(first: Stated, second: Stated, today: Day): boolean {
  const last = second.relative !== undefined && second.relative !== 'this'
  return first.relative === 'this' && last && first.period.unit === second.period.unit && first.period.to > today
}

/** Only list words and prepositions stand between two places. */
function joined(reader: Reader, from: number, to: number): boolean {
  let list = false
  for (let place = from + 1; place < to; place += 1) {
    if (reader.isOperator(place, 'and', 'or')) list = true
    else if (reader.lexemes[place]?.type !== 'preposition') return false
  }
  return list
}

/** "March in 2023" and "the fourth quarter, 2023" are one time: of two that are not set apart, the narrower counts. */
function narrowed(stated: readonly Stated[], reader: Reader): readonly Stated[] {
  const apart = reader.operatorPlaces('versus', 'compare', 'and', 'or').length > 0
  if (apart) return stated
  return stated.filter(
    (outer) =>
      !stated.some(
        (inner) =>
          inner !== outer &&
          inner.period.from >= outer.period.from &&
          inner.period.to <= outer.period.to &&
          (inner.period.from !== outer.period.from || inner.period.to !== outer.period.to || inner.place < outer.place),
      ),
  )
}

function resolveYears(reader: Reader, context: PeriodContext): readonly Stated[] {
  const places = reader.places('period')
  const expressions = places.map((place) => {
    const lexeme = reader.at(place, 'period')
    if (lexeme === undefined) throw new Error('Bug: a place of a period has no period')
    return { place, expression: lexeme.expression }
  })
  const all = expressions.flatMap(({ expression }) => atomsOf(expression))
  const apart = reader.operatorPlaces('versus', 'compare').length > 0
  const years = all.filter((atom) => atom.kind === 'whole' && atom.period.unit === 'year')
  const [onlyYear] = years

  function complete(atom: Atom): Period {
    if (atom.kind === 'whole') return atom.period
    const at = all.indexOf(atom)
    const lender =
      all.slice(at).find((other) => lends(other, atom)) ?? all.slice(0, at).findLast((other) => lends(other, atom))
    if (lender?.kind === 'whole') {
      const period = completeAtom(atom, { today: context.today, year: yearOf(lender.period.from) })
      // "November to February 2024" begins in 2023
      const turns = all.indexOf(lender) > at && period.from > lender.period.from
      return turns ? completeAtom(atom, { today: context.today, year: yearOf(lender.period.from) - 1 }) : period
    }
    if (onlyYear?.kind === 'whole' && years.length === 1 && !apart) {
      return completeAtom(atom, { today: context.today, year: yearOf(onlyYear.period.from) })
    }
    return completeAtom(atom, { today: context.today, ...(context.year === undefined ? {} : { year: context.year }) })
  }

  return expressions.flatMap(({ place, expression }): Stated[] => {
    if (expression.kind === 'all')
      return [{ place, expression, period: rangePeriod(context.dataStart, context.today, 'all time') }]
    const period = toPeriod(expression, complete, context)
    const ends =
      expression.kind === 'range' ? { ends: [complete(expression.from), complete(expression.to)] as const } : {}
    const relative = expression.kind === 'at' && expression.atom.kind === 'whole' ? expression.atom.relative : undefined
    return [{ place, expression, period, ...ends, ...(relative === undefined ? {} : { relative }) }]
  })
}

const lends = (lender: Atom, taker: Atom): boolean => lender.kind === 'whole' && sameKind(lender, taker)

function atomsOf(expression: PeriodExpression): readonly Atom[] {
  if (expression.kind === 'all') return []
  return expression.kind === 'range' ? [expression.from, expression.to] : [expression.atom]
}

function toPeriod(
  expression: Exclude<PeriodExpression, { kind: 'all' }>,
  complete: (atom: Atom) => Period,
  { today, dataStart }: PeriodContext,
): Period {
  if (expression.kind === 'range') {
    let from = complete(expression.from)
    const to = complete(expression.to)
    if (from.from > to.to) from = yearBefore(from)
    return rangePeriod(from.from, to.to, `${from.label} to ${to.label}`)
  }
  const period = complete(expression.atom)
  switch (expression.kind) {
    case 'at':
      return period
    case 'since':
      return rangePeriod(period.from, later(period.to, today), `since ${period.label}`)
    case 'after':
      return rangePeriod(addDays(period.to, 1), later(addDays(period.to, 1), today), `after ${period.label}`)
    case 'until':
      return rangePeriod(dataStart, period.to, `until ${period.label}`)
    case 'before':
      return rangePeriod(dataStart, addDays(period.from, -1), `before ${period.label}`)
    case 'end-of': {
      const end = cut(period, today).to
      return { ...unitAt('day', end), label: end }
    }
  }
}

function later(a: Day, b: Day): Day {
  return a > b ? a : b
}

/** The time a growth question compares with: the one before, or the same a year earlier. */
export function baseOf(period: Period, base: 'previous' | 'year'): Period {
  return base === 'year' ? yearBefore(period) : periodBefore(period)
}
