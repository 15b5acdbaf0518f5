/** A text taken apart: which numbers it claims, which members, periods and unknown names it speaks of, and where. */
import { type Period, findPeriods } from '../facts/periods.ts'
import { stem } from '../facts/words.ts'
import { type Lexicon, type Phrase, keyOf } from './lexicon.ts'
import { findNames, initialsOf } from './names.ts'
import {
  type Numeral,
  currencyNamed,
  durationNamed,
  findNumerals,
  magnitudeNamed,
  nounAfter,
  readUnit,
} from './numerals.ts'
import { type Reference, findReferences } from './references.ts'
import { type Span, clausesOf, overlaps, sentencesOf, within } from './sentences.ts'

/** A number in the text that has to be checked: a reference to a fact, a literal, or a period nobody asked about. */
export type Item = Span &
  (
    | { readonly kind: 'reference'; readonly reference: Reference }
    | { readonly kind: 'numeral'; readonly numeral: Numeral }
    | { readonly kind: 'period'; readonly period: Period }
  )

export type Mention = Span & { readonly text: string } & (
    | { readonly kind: 'member'; readonly key: string; readonly columns: ReadonlySet<string> }
    /** A name from the question or a query's filter that is no member of a category. */
    | { readonly kind: 'outside'; readonly key: string }
    /** A name that nothing in the data or the question explains. */
    | { readonly kind: 'unknown'; readonly key: string }
  )

export interface PeriodMention extends Span {
  readonly period: Period
}

export interface Reading {
  readonly text: string
  readonly sentences: readonly Span[]
  readonly clauses: readonly Span[]
  readonly items: readonly Item[]
  readonly mentions: readonly Mention[]
  readonly periods: readonly PeriodMention[]
}

export function readText(text: string, lexicon: Lexicon, language: string): Reading {
  const sentences = sentencesOf(text)
  const members = memberMentions(text, lexicon)
  const references = findReferences(text).filter(
    (found) => found.marked || !members.some((member) => overlaps(member, found)),
  )
  const taken: Span[] = [
    ...references,
    ...members.filter((member) => !references.some((found) => overlaps(found, member))),
  ]
  const free = (span: Span): boolean => !taken.some((other) => overlaps(other, span))

  const dates = findPeriods(text).filter((found) => free(found) && !isCount(text, found, lexicon))
  const [known, unknown] = [
    dates.filter(({ period }) => lexicon.knowsPeriod(period)),
    dates.filter(({ period }) => !lexicon.knowsPeriod(period)),
  ]
  const named = namedNumbers(text, lexicon).filter(free)
  taken.push(...known, ...named, ...topCounts(text, lexicon).filter(free))
  const strangers = unknown.filter((found) => /\d/.test(text.slice(found.start, found.end)) && !isBareYear(text, found))
  taken.push(...strangers)
  const numerals = findNumerals(text, taken, language)
    .map((numeral) => withUnitBefore(text, numeral))
    .filter((numeral) => isClaim(text, numeral, lexicon))

  const names = findNames(text, sentences, [...taken, ...dates, ...numerals], lexicon.knowsWord, language)
  // "Galaxy S24" is not the "Galaxy" of the data
  const longer = named.filter((span) => {
    const member = members.find((other) => /^\s$/.test(text.slice(other.end, span.start)))
    return member !== undefined && !lexicon.knowsWord(text.slice(span.start, span.end))
  })
  const items: Item[] = [
    ...references.map((reference): Item => ({
      kind: 'reference',
      reference,
      start: reference.start,
      end: reference.end,
    })),
    ...numerals.map((numeral): Item => ({ kind: 'numeral', numeral, start: numeral.start, end: numeral.end })),
    ...strangers.map(({ period, start, end }): Item => ({ kind: 'period', period, start, end })),
  ]
  return {
    text,
    sentences,
    clauses: sentences.flatMap((sentence) => clausesOf(text, sentence)),
    items: items.toSorted((a, b) => a.start - b.start),
    mentions: [
      ...members,
      ...names.map((name) => toMention(name, lexicon)),
      ...longer.map((span): Mention => ({ ...span, kind: 'unknown', text: text.slice(span.start, span.end), key: '' })),
    ].toSorted((a, b) => a.start - b.start),
    periods: dates.filter((found) => !numerals.some((numeral) => overlaps(numeral, found))),
  }
}

function toMention(name: Span & { readonly text: string }, lexicon: Lexicon): Mention {
  const key = keyOf(name.text)
  // "North America" where the data says NA, and "UK" where it says United Kingdom
  const initials = initialsOf(name.text)
  const short = initials.length >= 2 ? lexicon.phraseOf(initials.toLowerCase()) : undefined
  const long = /^\p{Lu}{2,5}$/u.test(name.text)
    ? [...lexicon.phrases.values()]
        .flat()
        .find((phrase) => phrase.tokens.length > 1 && initialsOf(phrase.text) === name.text)
    : undefined
  const phrase = short ?? long
  if (phrase) return { ...name, kind: 'member', key: phrase.key, columns: phrase.columns }
  const asked =
    ` ${keyOf(lexicon.question)} `.includes(` ${key} `) ||
    lexicon.tables.some((table) => lexicon.isAbout(table.id, name.text))
  return { ...name, kind: asked ? 'outside' : 'unknown', key }
}

/** Members that are ordinary words in lower case, so that only the capital tells. */
const wordLike = new Set(
  'new other others total none all high low medium active direct standard basic yes no open closed first small large mid key main web store mobile paid free returning retail online'.split(
    ' ',
  ),
)

function memberMentions(text: string, lexicon: Lexicon): Mention[] {
  const tokens = [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    word: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
  const found: Mention[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const first = tokens[at]
    if (!first) break
    for (const phrase of lexicon.phrases.get(first.word.toLowerCase().normalize('NFC')) ?? []) {
      const last = matchPhrase(text, tokens, at, phrase)
      const end = tokens[last]?.end
      if (end === undefined || !isNamed(text, first, end, phrase, lexicon)) continue
      found.push({
        kind: 'member',
        key: phrase.key,
        columns: phrase.columns,
        text: text.slice(first.start, end),
        start: first.start,
        end,
      })
      at = last
      break
    }
  }
  return found
}

interface Token extends Span {
  readonly word: string
}

/** Index of the phrase's last token in the text, or -1. "and" may stand or be left out. */
function matchPhrase(text: string, tokens: readonly Token[], at: number, phrase: Phrase): number {
  let index = at
  for (const [place, expected] of phrase.tokens.entries()) {
    if (place > 0) {
      const before = tokens[index]
      index += 1
      if (tokens[index]?.word.toLowerCase() === 'and') index += 1
      const next = tokens[index]
      if (!before || !next || !/^[^.;!?{}]{1,5}$/.test(text.slice(before.end, next.start))) return -1
    }
    const word = tokens[index]?.word.toLowerCase().normalize('NFC')
    if (
      word !== expected &&
      !(
        place === phrase.tokens.length - 1 &&
        word !== undefined &&
        /^\p{L}{4,}$/u.test(word) &&
        stem(word) === stem(expected)
      )
    )
      return -1
  }
  return index
}

/** False for a word that only happens to be spelled like a member: "new customers" where a segment is called New. */
function isNamed(text: string, first: Token, end: number, phrase: Phrase, lexicon: Lexicon): boolean {
  const written = text.slice(first.start, end)
  const before = text.slice(Math.max(0, first.start - 30), first.start)
  const single = phrase.tokens.length === 1
  if (single && (/^\p{N}+$/u.test(written) || written.length === 1)) {
    const named = /([\p{L}]+)\s+#?$/u.exec(before)?.[1]
    return (
      named !== undefined &&
      [...phrase.columns].some((column) => lexicon.columnStems.has(stem(named)) && column.includes(stem(named)))
    )
  }
  if (!single || /^\p{Ll}/u.test(phrase.text)) return true
  if (/^\p{Lu}{1,4}$/u.test(phrase.text)) return written === phrase.text
  return /^\p{Lu}/u.test(written) || !wordLike.has(written.toLowerCase())
}

/** "2023" before a currency or unit, or in "had 2023 orders", counts; elsewhere it is a year. */
function isCount(text: string, found: Span, lexicon: Lexicon): boolean {
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

const isBareYear = (text: string, found: Span): boolean => /^\d{4}$/.test(text.slice(found.start, found.end))

/** Numbers that only tell things apart: "Slide 3", "24/7", "B2B", "5G". */
function namedNumbers(text: string, lexicon: Lexicon): Span[] {
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
function topCounts(text: string, lexicon: Lexicon): Span[] {
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

function isClaim(text: string, numeral: Numeral, lexicon: Lexicon): boolean {
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
  if (unit.kind === 'duration' && ['weeks', 'months', 'quarters', 'years'].includes(unit.unit))
    return !spansData(middle, unit.unit, lexicon)
  const counts = unit.kind === 'none' && Number.isInteger(Math.round(middle * 1e6) / 1e6) && middle < 10
  if (counts && noun.some((word) => rhetorical.has(stem(word)))) return false
  if (form === 'digits' || unit.kind !== 'none') return true
  if (middle === 1 || middle === 0) return false
  return middle >= 10 || noun.length > 0
}

/** Where the words before a bare number tell its unit: "#2", "No. 2", "Rank: 2", "in percentage points: 2". */
function withUnitBefore(text: string, numeral: Numeral): Numeral {
  if (numeral.unit.kind !== 'none') return numeral
  const before = text.slice(Math.max(0, numeral.start - 60), numeral.start)
  if (/(?:percentage points|in pp)\s*[:=]?\s*$/iu.test(before)) return { ...numeral, unit: { kind: 'points' } }
  if (/(?<!\p{L})factor(?: of)?\s$/iu.test(before))
    return { ...numeral, unit: { kind: 'multiple' }, readings: [around(numeral)] }
  const sign = /(?:#|(?<!\p{L})(?:no\.|nr\.|number))\s?$/iu.test(before)
  const rank = numeral.noun.length === 0 && /(?<!\p{L})rank(?:s|ed|ing)?(?!\p{L})[^.;]*$/iu.test(before)
  return sign || rank ? { ...numeral, unit: { kind: 'rank' }, noun: ['place'] } : numeral
}

/** A factor is told as roughly as "threefold". */
function around({ readings: [first] }: Numeral): Numeral['readings'][number] {
  const middle = first ? (first.low + first.high) / 2 : Number.NaN
  return { low: middle * 0.95, high: middle * 1.05 }
}

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

export const sentenceOf = (reading: Reading, span: Span): Span =>
  reading.sentences.find((sentence) => within({ start: span.start, end: span.start + 1 }, sentence)) ?? {
    start: 0,
    end: reading.text.length,
  }
export const clauseOf = (reading: Reading, span: Span): Span =>
  reading.clauses.find((clause) => within({ start: span.start, end: span.start + 1 }, clause)) ??
  sentenceOf(reading, span)
