/** Which numbers in a text claim something about data, and which only name, date or count what is in plain sight. */
import { stem } from '../facts/words.ts'
import { nounAfter } from './beside-numerals.ts'
import type { Lexicon } from './lexicon.ts'
import { type Numeral, around } from './numeral.ts'
import type { Span } from './sentences.ts'
import { currencyNamed, durationNamed, magnitudeNamed, readUnit } from './units-in-text.ts'

/** "2023" before a currency or unit, or in "had 2023 orders", counts; elsewhere it is a year. */
export function isCount(text: string, found: Span, lexicon: Lexicon): boolean {
  if (!isBareYear(text, found)) return false
  const before = text.slice(0, found.start)
  const after = text.slice(found.end)
  if (
    /[\p{Sc}#±~]\s?$/u.test(before) ||
    (/(?<!\p{L})[A-Z]{3}\s?$/u.test(before) && currencyNamed(before.trimEnd().slice(-3)))
  )
    return true
  const word = /^(\s?)(\p{L}+|%)/u.exec(after)
  if (word && (word[2] === '%' || magnitudeNamed(word[2] ?? '', word[1] === '') !== undefined)) return true
  const unit = readUnit(text, found.end)
  if (unit) return true
  const [noun] = nounAfter(text, found.end)
  const counted = noun !== undefined && noun.endsWith('s') && lexicon.columnStems.has(stem(noun))
  return (
    counted &&
    !/(?:^|[.:;,(]\s*|\b(?:in|of|for|during|since|the|our|from|to|vs|and|by|through|until|full|year|fy)\s+)$/i.test(
      before,
    )
  )
}

export const isBareYear = (text: string, found: Span): boolean => /^\d{4}$/.test(text.slice(found.start, found.end))

/** Numbers that only tell things apart: "Slide 3", "24/7", "B2B", "5G". */
export function namesWithDigits(text: string, lexicon: Lexicon): Span[] {
  const spans: Span[] = []
  const add = (match: RegExpMatchArray): void => {
    spans.push({ start: match.index ?? 0, end: (match.index ?? 0) + match[0].length })
  }
  for (const match of text.matchAll(
    /(?<!\p{L})(?:slide|figure|fig\.|table|chart|step|phase|option|section|chapter|page|appendix|footnote|wave)\s+#?\d{1,2}(?![\p{L}\d%]|[.,]\d)/giu,
  ))
    add(match)
  for (const match of text.matchAll(/(?<![\p{L}\d])24\/7(?![\p{L}\d])/gu)) add(match)
  for (const match of text.matchAll(/(?<![\p{L}\p{N}])(?=[\p{L}\d-]*\d)\p{L}[\p{L}\d]*(?:-\d+)?(?![\p{L}\p{N}])/gu)) {
    const token = match[0]
    const digits = token.replaceAll(/\D/g, '')
    const money = currencyNamed(token.replace(/\d.*$/, ''))
    const name = /^\p{Lu}|\d\p{L}/u.test(token) && digits.length <= 2
    if (!money && (name || lexicon.knowsWord(token) || token.split('-').every((part) => lexicon.knowsWord(part))))
      add(match)
  }
  for (const match of text.matchAll(/(?<![\p{L}\p{N}.,])[2-6][DGd](?![\p{L}\p{N}])/gu)) add(match)
  return spans
}

/** "top 5", "last 12 months": the size of a list that the data or the question has. */
export function listSizes(text: string, lexicon: Lexicon): Span[] {
  const sizes = new Set<number>()
  const spans: Span[] = []
  const most = Math.max(0, ...lexicon.tables.map((table) => table.rows.length))
  for (const profile of lexicon.profiles.values()) {
    sizes.add(profile.table.rows.length)
    if (profile.axis) sizes.add(profile.axis.ordered.length)
  }
  const asked = (words: string): boolean =>
    lexicon.question.toLowerCase().replaceAll(/\s+/g, ' ').includes(words.toLowerCase())
  for (const match of text.matchAll(
    /(?<!\p{L})(?:top|bottom|leading|largest|smallest|best|worst|biggest)[ -](\d{1,3})(?![\p{L}\d%]|[.,]\d)/giu,
  )) {
    const size = Number(match[1])
    const digits = { start: match.index, end: match.index + match[0].length }
    if (asked(match[0]) || (size >= 2 && size <= Math.min(most, 20) && !isUnitAfter(text, digits.end)))
      spans.push(digits)
  }
  for (const match of text.matchAll(
    /(?<![\p{L}\p{N}.,])(\d{1,3}) (?:largest|biggest|highest|best|top|leading|smallest|lowest|worst)(?!\p{L})/giu,
  )) {
    if (asked(match[0]) || sizes.has(Number(match[1])))
      spans.push({ start: match.index, end: match.index + match[0].length })
  }
  for (const match of text.matchAll(
    /(?<!\p{L})(?:last|past|previous|latest|trailing|first|recent|next|all)[ -](\d{1,3})[ -](day|week|month|quarter|year|period)s?(?!\p{L})/giu,
  )) {
    if (asked(match[0]) || asked(`${match[1]} ${match[2]}`) || sizes.has(Number(match[1])))
      spans.push({ start: match.index, end: match.index + match[0].length })
  }
  return spans
}

const isUnitAfter = (text: string, at: number): boolean => {
  const unit = readUnit(text, at)
  const word = /^(\s?)(\p{L}+)/u.exec(text.slice(at))
  return unit !== null || (word !== null && magnitudeNamed(word[2] ?? '', word[1] === '') !== undefined)
}

/** What speakers count without claiming anything about data. */
const rhetorical = new Set(
  'thing reason point factor driver takeaway step way area question option lesson theme message finding insight observation story side pillar priority lever action recommendation idea topic part slide chart key main clear distinct simple big major important highlight note key-takeaway fact key-driver dimension aspect view lens word line hand case sentence bullet caveat'.split(
    ' ',
  ),
)

export function isClaim(text: string, numeral: Numeral, lexicon: Lexicon): boolean {
  const { unit, readings, noun, form } = numeral
  const before = text.slice(Math.max(0, numeral.start - 24), numeral.start)
  const middle = readings[0] ? (readings[0].low + readings[0].high) / 2 : Number.NaN
  if (unit.kind === 'rank') return isRankContext(before, noun)
  if (
    unit.kind === 'multiple' &&
    form === 'word' &&
    /^[ -](?:down|check|checked|click|counting|edged|standard)/i.test(text.slice(numeral.end))
  )
    return false
  if (unit.kind === 'duration' && ['weeks', 'months', 'quarters', 'years'].includes(unit.unit)) {
    const isSpan = Number.isInteger(middle) && spanBefore.test(before)
    return !isSpan || !spansData(middle, unit.unit, lexicon)
  }
  const counts = unit.kind === 'none' && Number.isInteger(Math.round(middle * 1e6) / 1e6) && middle < 10
  if (counts && noun.some((word) => rhetorical.has(stem(word)))) return false
  if (form === 'digits' || unit.kind !== 'none') return true
  if (middle === 1 || middle === 0) return false
  return middle >= 10 || noun.length > 0
}

/** Where the words before a bare number tell its unit: "#2", "No. 2", "Rank: 2", "in percentage points: 2". */
export function withUnitBefore(text: string, numeral: Numeral): Numeral {
  if (numeral.unit.kind !== 'none') return numeral
  const before = text.slice(Math.max(0, numeral.start - 60), numeral.start)
  if (/(?:percentage points|in pp)\s*[:=]?\s*$/iu.test(before)) return { ...numeral, unit: { kind: 'points' } }
  if (/(?<!\p{L})factor(?: of)?\s$/iu.test(before))
    return {
      ...numeral,
      unit: { kind: 'multiple' },
      readings: numeral.readings.map(({ low, high }) => around((low + high) / 2, undefined)),
    }
  const sign = /(?:#|(?<!\p{L})(?:no\.|nr\.|number))\s?$/iu.test(before)
  const rank = numeral.noun.length === 0 && /(?<!\p{L})rank(?:s|ed|ing)?(?!\p{L})[^.;]*$/iu.test(before)
  return sign || rank ? { ...numeral, unit: { kind: 'rank' }, noun: ['place'] } : numeral
}

/** Before a stretch of time that something is told over, as in "over the last two years", "covers 5 quarters". */
const spanBefore =
  /(?<!\p{L})(?:last|past|previous|latest|over|within|for|in|during|first|these|those|recent|across|covers?|spans?|of|all|trailing|the)\s+(?:(?:the|all)\s+)?$/iu

function isRankContext(before: string, noun: readonly string[]): boolean {
  const superlative = noun.some((word) =>
    /^(?:place|position|rank|largest|biggest|highest|smallest|lowest|best|worst|most|strongest|weakest)$/.test(word),
  )
  return (
    superlative ||
    /(?:rank(?:s|ed|ing)?|place[sd]?|finish(?:es|ed)|came|comes)\s+(?:in\s+)?(?:at\s+)?(?:the\s+)?$/i.test(before)
  )
}

/** "over two years", "for six months": true of data that spans as much, or asked for in the question. */
function spansData(size: number, unit: string, lexicon: Lexicon): boolean {
  const days = { weeks: 7, months: 30.44, quarters: 91.3, years: 365.25 }[unit] ?? 1
  const asked = [...lexicon.question.matchAll(/(\d+|\p{L}+)[ -](\p{L}+)/gu)].some(
    (match) => durationNamed(match[2] ?? '') === unit && Number(match[1]) === size,
  )
  return (
    asked ||
    [...lexicon.profiles.values()].some((profile) => {
      const [first, last] = [profile.axis?.ordered[0], profile.axis?.ordered.at(-1)]
      return first !== undefined && last !== undefined && size * days <= last.lastDay - first.firstDay + 1 + days * 0.5
    })
  )
}
