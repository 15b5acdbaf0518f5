import {
  type Day,
  halfPeriod,
  monthNames,
  monthPeriod,
  type Period,
  quarterPeriod,
  unitAt,
  yearPeriod,
} from '../../calendar.ts'
import type { Token } from '../tokens.ts'
import { type Atom, type Found, whole } from './atom.ts'
import { matchRelative } from './relative.ts'

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
/** One day, month, quarter, half or year, or a span counted from today. `inSpan`: a preposition came before. */
export function matchAtom(tokens: readonly Token[], at: number, today: Day, inSpan: boolean): Found<Atom> | null {
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
