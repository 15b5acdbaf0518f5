import {
  addDays,
  addMonths,
  type Day,
  type Grain,
  halfPeriod,
  monthNames,
  monthPeriod,
  type Period,
  quarterPeriod,
  rangePeriod,
  shiftUnit,
  unitAt,
  yearOf,
  yearPeriod,
} from '../calendar.ts'
import type { Token } from './tokens.ts'

/** A time as it was written: complete, or a month, quarter or half that still needs a year. */
export type Atom =
  /** `relative`: counted from today, with this word, such as the "previous" of "previous year". */
  | { readonly kind: 'whole'; readonly period: Period; readonly relative?: string }
  | { readonly kind: 'part'; readonly unit: 'month' | 'quarter' | 'half'; readonly index: number }
  | { readonly kind: 'date'; readonly month: number; readonly day: number }

/** What a stretch of a question says about time. `from`-`to` keeps its ends, since "grew from A to B" compares them. */
export type PeriodExpression =
  | { readonly kind: 'at'; readonly atom: Atom }
  | { readonly kind: 'range'; readonly from: Atom; readonly to: Atom }
  | { readonly kind: 'since' | 'after' | 'until' | 'before' | 'end-of'; readonly atom: Atom }
  | { readonly kind: 'all' }

export interface PeriodMatch {
  readonly expression: PeriodExpression
  /** Tokens it takes up. */
  readonly length: number
}

type Found<T> = { readonly value: T; readonly length: number }

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  '1st': 1,
  second: 2,
  '2nd': 2,
  third: 3,
  '3rd': 3,
  fourth: 4,
  '4th': 4,
}
const units: Readonly<Record<string, Grain | 'half'>> = {
  day: 'day',
  days: 'day',
  week: 'week',
  weeks: 'week',
  month: 'month',
  months: 'month',
  quarter: 'quarter',
  quarters: 'quarter',
  half: 'half',
  year: 'year',
  years: 'year',
}
const toDate: Readonly<Record<string, Grain>> = { ytd: 'year', qtd: 'quarter', mtd: 'month', wtd: 'week' }
const lastWords = new Set(['last', 'previous', 'prior', 'past', 'trailing', 'preceding'])

/**
 * The longest statement about time that starts at `at`, or null. `comparing`: the question compares, so that
 * "2022 to 2023" names two times and not the span between them.
 */
export function matchPeriod(
  tokens: readonly Token[],
  at: number,
  options: { readonly today: Day; readonly comparing: boolean },
): PeriodMatch | null {
  const word = (offset: number): string => tokens[at + offset]?.word ?? ''
  const atom = (offset: number, inSpan = false): Found<Atom> | null =>
    matchAtom(tokens, at + offset, options.today, inSpan)

  const relative = word(0) === 'so' ? atom(0) : null
  if (relative) return { expression: { kind: 'at', atom: relative.value }, length: relative.length }
  for (const phrase of [
    'all time',
    'for all time',
    'since the beginning',
    'to date',
    'so far',
    'overall time',
    'over all time',
    'of all time',
    'in all time',
    'ever',
  ]) {
    const words = phrase.split(' ')
    if (words.every((each, index) => word(index) === each)) return { expression: { kind: 'all' }, length: words.length }
  }
  if (word(0) === 'between') {
    const from = atom(1, true)
    const to = from && word(1 + from.length) === 'and' ? atom(2 + from.length, true) : null
    if (from && to) {
      return { expression: { kind: 'range', from: from.value, to: to.value }, length: 2 + from.length + to.length }
    }
    return null
  }
  const opening = openingAt(word)
  if (opening) {
    const found = atom(opening.length, true)
    if (found) {
      const length = opening.length + found.length
      // "from March to June"
      if (opening.kind === 'since' && word(0) === 'from') return spanFrom(tokens, at, 1, found, options)
      return { expression: { kind: opening.kind, atom: found.value }, length }
    }
  }
  const found = atom(0)
  return found ? spanFrom(tokens, at, 0, found, options) : null
}

/** "A to B", "A - B", "A onwards", or A alone. After "from", A alone is an open span, so it needs an end. */
function spanFrom(
  tokens: readonly Token[],
  at: number,
  lead: number,
  from: Found<Atom>,
  { today, comparing }: { readonly today: Day; readonly comparing: boolean },
): PeriodMatch | null {
  const next = lead + from.length
  const word = (offset: number): string => tokens[at + offset]?.word ?? ''
  const joins = word(next) === '-' || ['to', 'until', 'till', 'through', 'thru'].includes(word(next))
  if (joins && !(comparing && word(next) === 'to' && lead === 0)) {
    const up = word(next) === 'up' ? 1 : 0
    const to = matchAtom(tokens, at + next + 1 + up, today, true)
    if (to) {
      return { expression: { kind: 'range', from: from.value, to: to.value }, length: next + 1 + up + to.length }
    }
  }
  for (const tail of [
    'onwards',
    'onward',
    'on',
    'and after',
    'and later',
    'until now',
    'until today',
    'to now',
    'till now',
  ]) {
    const words = tail.split(' ')
    if (words.every((each, index) => word(next + index) === each) && (tail !== 'on' || lead === 1)) {
      return { expression: { kind: 'since', atom: from.value }, length: next + words.length }
    }
  }
  // "from 2023" without an end: orders from 2023 are those of 2023
  return { expression: { kind: 'at', atom: from.value }, length: next }
}

function openingAt(
  word: (offset: number) => string,
): { readonly kind: 'since' | 'after' | 'until' | 'before' | 'end-of'; readonly length: number } | null {
  const phrases = [
    ['since the start of', 'since'],
    ['since the beginning of', 'since'],
    ['since', 'since'],
    ['starting in', 'since'],
    ['starting from', 'since'],
    ['starting', 'since'],
    ['beginning in', 'since'],
    ['from', 'since'],
    ['after', 'after'],
    ['until the end of', 'until'],
    ['up until', 'until'],
    ['until', 'until'],
    ['till', 'until'],
    ['through', 'until'],
    ['up to', 'until'],
    ['before', 'before'],
    ['prior to', 'before'],
    ['at the end of', 'end-of'],
    ['at end of', 'end-of'],
    ['by the end of', 'end-of'],
    ['as of the end of', 'end-of'],
    ['as of end of', 'end-of'],
    ['as of', 'end-of'],
    ['the end of', 'end-of'],
    ['end of', 'end-of'],
  ] as const
  for (const [phrase, kind] of phrases) {
    const words = phrase.split(' ')
    if (words.every((each, index) => word(index) === each)) return { kind, length: words.length }
  }
  return null
}

/** One day, month, quarter, half or year, or a span counted from today. `inSpan`: a preposition came before. */
function matchAtom(tokens: readonly Token[], at: number, today: Day, inSpan: boolean): Found<Atom> | null {
  if (tokens[at]?.word === 'the') {
    const inner = matchAtom(tokens, at + 1, today, true)
    return inner && { value: inner.value, length: inner.length + 1 }
  }
  return (
    matchDay(tokens, at) ??
    matchHalfOrQuarter(tokens, at) ??
    matchMonth(tokens, at, inSpan) ??
    matchRelative(tokens, at, today) ??
    matchYear(tokens, at)
  )
}

const whole = (period: Period, length: number, relative?: string): Found<Atom> => ({
  value: { kind: 'whole', period, ...(relative === undefined ? {} : { relative }) },
  length,
})

function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)
  )
}

/** A four-digit number that can be a year of business. */
function yearAt(tokens: readonly Token[], at: number): number | null {
  const token = tokens[at]
  return token && token.unit === undefined && /^(?:19|20)\d{2}$/.test(token.word) ? Number(token.word) : null
}

/** A year after a part of it: "2023", "of 2023", "in 2023", ", 2023". */
function yearAfter(tokens: readonly Token[], at: number): Found<number> | null {
  for (const glue of [0, 1]) {
    const word = tokens[at]?.word ?? ''
    if (glue === 1 && !['of', 'in', ',', '/', '-', "'"].includes(word)) break
    const year = yearAt(tokens, at + glue)
    if (year !== null) return { value: year, length: glue + 1 }
  }
  return null
}

function matchDay(tokens: readonly Token[], at: number): Found<Atom> | null {
  const word = tokens[at]?.word ?? ''
  if (isDay(word)) return whole(unitAt('day', word), 1)
  const month = monthIndex(tokens[at]?.word)
  const dayFirst = dayNumber(tokens[at]?.word)
  let match: { month: number; day: number; length: number } | null = null
  if (month !== null) {
    const day = dayNumber(tokens[at + 1]?.word)
    if (day !== null) match = { month, day, length: 2 }
  } else if (dayFirst !== null) {
    const of = tokens[at + 1]?.word === 'of' ? 1 : 0
    const after = monthIndex(tokens[at + 1 + of]?.word)
    if (after !== null) match = { month: after, day: dayFirst, length: 2 + of }
  }
  if (!match) return null
  const year = yearAfter(tokens, at + match.length)
  if (!year) return { value: { kind: 'date', month: match.month, day: match.day }, length: match.length }
  const day = `${year.value}-${String(match.month).padStart(2, '0')}-${String(match.day).padStart(2, '0')}`
  return isDay(day) ? whole(unitAt('day', day), match.length + year.length) : null
}

function dayNumber(word: string | undefined): number | null {
  const match = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word ?? '')
  const day = Number(match?.[1])
  return match && day >= 1 && day <= 31 ? day : null
}

function monthIndex(word: string | undefined): number | null {
  if (word === undefined || word.length < 3) return null
  const index = monthNames.findIndex((name) => {
    const lower = name.toLowerCase()
    return word === lower || word === lower.slice(0, 3) || (lower === 'september' && word === 'sept')
  })
  return index < 0 ? null : index + 1
}

function matchHalfOrQuarter(tokens: readonly Token[], at: number): Found<Atom> | null {
  const year = yearAt(tokens, at)
  // "2023 Q4", "2023-Q4"
  const skip = year === null ? 0 : tokens[at + 1]?.word === '-' ? 2 : 1
  const part = matchPart(tokens, at + skip)
  if (!part) return null
  const { unit, index } = part.value
  const make = (of: number): Period => (unit === 'half' ? halfPeriod(of, index) : quarterPeriod(of, index))
  if (year !== null) return whole(make(year), skip + part.length)
  const after = yearAfter(tokens, at + part.length)
  if (after) return whole(make(after.value), part.length + after.length)
  return { value: { kind: 'part', unit, index }, length: part.length }
}

function matchPart(tokens: readonly Token[], at: number): Found<{ unit: 'quarter' | 'half'; index: number }> | null {
  const word = tokens[at]?.word ?? ''
  const next = tokens[at + 1]?.word ?? ''
  const short = /^([qh])([1-4])$/.exec(word)
  if (short) {
    const index = Number(short[2])
    const unit = short[1] === 'q' ? 'quarter' : 'half'
    return unit === 'half' && index > 2 ? null : { value: { unit, index }, length: 1 }
  }
  if (word === 'quarter' && /^[1-4]$/.test(next)) return { value: { unit: 'quarter', index: Number(next) }, length: 2 }
  // "last quarter of 2023" is the fourth; "last quarter" alone is counted from today
  const index = ordinals[word] ?? (word === 'last' && yearAfter(tokens, at + 2) ? (next === 'half' ? 2 : 4) : undefined)
  if (index === undefined) return null
  if (next === 'quarter') return { value: { unit: 'quarter', index }, length: 2 }
  return next === 'half' && index <= 2 ? { value: { unit: 'half', index }, length: 2 } : null
}

function matchMonth(tokens: readonly Token[], at: number, inSpan: boolean): Found<Atom> | null {
  const word = tokens[at]?.word ?? ''
  const numeric = /^((?:19|20)\d{2})-(\d{2})$/.exec(word)
  if (numeric && Number(numeric[2]) >= 1 && Number(numeric[2]) <= 12) {
    return whole(monthPeriod(Number(numeric[1]), Number(numeric[2])), 1)
  }
  const month = monthIndex(word)
  if (month === null) return null
  const year = yearAfter(tokens, at + 1)
  if (year) return whole(monthPeriod(year.value, month), 1 + year.length)
  // "may" and "march" are also verbs: without a year they need a preposition before them
  const before = tokens[at - 1]?.word ?? ''
  const clear =
    inSpan ||
    !['may', 'march', 'mar', 'dec', 'sep', 'jan'].includes(word) ||
    ['-', 'to'].includes(tokens[at + 1]?.word ?? '') ||
    ['in', 'for', 'of', 'during', 'to', 'and', '-', 'vs', 'versus', 'with', 'about', ','].includes(before)
  return clear ? { value: { kind: 'part', unit: 'month', index: month }, length: 1 } : null
}

function matchYear(tokens: readonly Token[], at: number): Found<Atom> | null {
  const word = tokens[at]?.word ?? ''
  const fiscal = /^fy((?:19|20)?\d{2})$/.exec(word)
  if (fiscal) return whole(yearPeriod(Number(`20${fiscal[1]}`.slice(-4))), 1)
  for (const [lead, length] of [
    [['calendar', 'year'], 2],
    [['fiscal', 'year'], 2],
    [['full', 'year'], 2],
    [['year'], 1],
    [['fy'], 1],
    [[], 0],
  ] as const) {
    if (!lead.every((each, index) => tokens[at + index]?.word === each)) continue
    const year = yearAt(tokens, at + length)
    if (year !== null) return whole(yearPeriod(year), length + 1)
  }
  return null
}

/** "last quarter", "the last 12 months", "this year", "year to date", "yesterday", "3 months ago" … */
function matchRelative(tokens: readonly Token[], at: number, today: Day): Found<Atom> | null {
  const words = [0, 1, 2, 3, 4].map((offset) => tokens[at + offset]?.word ?? '')
  const [first = '', second = '', third = ''] = words
  const number = tokens[at]?.number
  if (first === 'today') return whole(unitAt('day', today), 1)
  if (first === 'yesterday') return whole(unitAt('day', addDays(today, -1)), 1)
  const short = toDate[first]
  if (short) return whole(untilToday(short, today), 1, 'this')
  const unit = units[first]
  if (unit && unit !== 'half' && second === 'to' && third === 'date') return whole(untilToday(unit, today), 3, 'this')
  if (first === 'so' && second === 'far' && third === 'this') {
    const of = units[words[3] ?? '']
    if (of && of !== 'half') return whole(untilToday(of, today), 4, 'this')
  }
  if (['this', 'current', 'running'].includes(first)) {
    const of = units[second]
    if (!of) return null
    const period = unitAt(of, today)
    if (third === 'so' && words[3] === 'far') return whole(cut(period, today), 4, 'this')
    if (third === 'to' && words[3] === 'date') return whole(cut(period, today), 4, 'this')
    return whole(period, 2, 'this')
  }
  if (first === 'next' || first === 'coming') {
    const of = units[second]
    return of ? whole(shiftUnit(of, today, 1), 2) : null
  }
  if (lastWords.has(first)) return matchLast(tokens, at, today)
  if (number !== undefined && units[second] && (third === 'ago' || third === 'earlier')) {
    const of = units[second]
    return of ? whole(shiftUnit(of, today, -number), 3) : null
  }
  return null
}

/** "last month" is the month before this one; "last 3 months" are the three whole months before this one. */
function matchLast(tokens: readonly Token[], at: number, today: Day): Found<Atom> | null {
  const full = ['full', 'complete', 'completed', 'whole'].includes(tokens[at + 1]?.word ?? '') ? 1 : 0
  const next = tokens[at + 1 + full]
  const unit = units[next?.word ?? '']
  if (unit && next?.word.endsWith('s') !== true) return whole(shiftUnit(unit, today, -1), 2 + full, tokens[at]?.word)
  const count = next?.number
  const again = ['full', 'complete', 'calendar'].includes(tokens[at + 2 + full]?.word ?? '') ? 1 : 0
  const counted = units[tokens[at + 2 + full + again]?.word ?? '']
  if (count === undefined || count < 1 || count > 1200 || !Number.isInteger(count) || !counted) return null
  const from = shiftUnit(counted, today, -count).from
  const to = shiftUnit(counted, today, -1).to
  const period = rangePeriod(from, to, `last ${count} ${counted === 'half' ? 'halve' : counted}s`)
  return whole(period, 3 + full + again)
}

const untilToday = (unit: Grain, today: Day): Period => cut(unitAt(unit, today), today)

export function cut(period: Period, today: Day): Period {
  return period.to <= today ? period : rangePeriod(period.from, today, `${period.label} to date`)
}

/** Where a part of a year takes its year from when it has none of its own. */
export interface YearHints {
  readonly today: Day
  /** The year talked about before. */
  readonly year?: number
}

/** Fills in the year of a part: the hinted one, else the latest that has begun. */
export function completeAtom(atom: Atom, hints: YearHints): Period {
  if (atom.kind === 'whole') return atom.period
  const make = (year: number): Period => {
    if (atom.kind === 'date') {
      const last = Number(addDays(addMonths(monthPeriod(year, atom.month).from, 1), -1).slice(8))
      return unitAt(
        'day',
        `${year}-${String(atom.month).padStart(2, '0')}-${String(Math.min(atom.day, last)).padStart(2, '0')}`,
      )
    }
    if (atom.unit === 'month') return monthPeriod(year, atom.index)
    return atom.unit === 'quarter' ? quarterPeriod(year, atom.index) : halfPeriod(year, atom.index)
  }
  if (hints.year !== undefined) return make(hints.year)
  const thisYear = make(yearOf(hints.today))
  return thisYear.from <= hints.today ? thisYear : make(yearOf(hints.today) - 1)
}

/** Whether two atoms are of one kind, so that one may lend the other its year: "Q1 and Q2 2023". */
export function sameKind(a: Atom, b: Atom): boolean {
  const kind = (atom: Atom): string =>
    atom.kind === 'whole' ? atom.period.unit : atom.kind === 'date' ? 'day' : atom.unit
  return kind(a) === kind(b)
}
