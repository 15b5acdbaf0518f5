import { addDays, type Day, type Grain, type Period, rangePeriod, shiftUnit, unitAt } from '../../calendar.ts'
import type { Token } from '../tokens.ts'
import { type Atom, cut, type Found, whole } from './atom.ts'

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

/** "last quarter", "the last 12 months", "this year", "year to date", "yesterday", "3 months ago" … */
export function matchRelative(tokens: readonly Token[], at: number, today: Day): Found<Atom> | null {
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
