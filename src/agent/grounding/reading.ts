/** A text taken apart: which numbers it claims, which members, periods and unknown names it speaks of, and where. */
import { type Period, findPeriods } from '../facts/periods.ts'
import { isBareYear, isClaim, isCount, listSizes, namesWithDigits, withUnitBefore } from './harmless.ts'
import type { Lexicon } from './lexicon.ts'
import { type Mention, memberMentions, toMention } from './mentions.ts'
import { findNames } from './names.ts'
import type { Numeral } from './numeral.ts'
import { findNumerals } from './numerals.ts'
import { type Reference, findReferences } from './references.ts'
import { type Span, clausesOf, overlaps, sentencesOf, within } from './sentences.ts'

/** A number in the text that has to be checked: a reference to a fact, a literal, or a period nobody asked about. */
export type Item = Span &
  (
    | { readonly kind: 'reference'; readonly reference: Reference }
    | { readonly kind: 'numeral'; readonly numeral: Numeral }
    | { readonly kind: 'period'; readonly period: Period }
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
  const named = namesWithDigits(text, lexicon).filter(free)
  taken.push(...known, ...named, ...listSizes(text, lexicon).filter(free))
  const strangers = unknown.filter((found) => /\d/.test(text.slice(found.start, found.end)) && !isBareYear(text, found))
  taken.push(...strangers)
  const numerals = findNumerals(text, taken, language)
    .map((numeral) => withUnitBefore(text, numeral))
    .filter((numeral) => isClaim(text, numeral, lexicon))

  const names = findNames(text, sentences, [...taken, ...dates, ...numerals], lexicon.knowsWord, language)
  // "Galaxy S24" is not the "Galaxy" of the data, and "Product 9" is none of its products
  const longer = [
    ...named.filter((span) => {
      const member = members.find((other) => /^\s$/.test(text.slice(other.end, span.start)))
      return member !== undefined && !lexicon.knowsWord(text.slice(span.start, span.end))
    }),
    ...numerals.flatMap((numeral) => numberedName(text, numeral, lexicon)),
  ]
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

/** A word that starts members of the data, with a number that none of them has. */
function numberedName(text: string, numeral: Numeral, lexicon: Lexicon): Span[] {
  const word = /(?<![\p{L}\p{N}])(\p{L}+)\s$/u.exec(text.slice(0, numeral.start))
  const phrases = lexicon.phrases.get(word?.[1]?.toLowerCase() ?? '') ?? []
  const numbered = phrases.some(({ tokens }) => /^\p{N}+$/u.test(tokens[1] ?? ''))
  return word && numbered && /^\d+$/.test(numeral.text) ? [{ start: word.index, end: numeral.end }] : []
}

export const sentenceOf = (reading: Reading, span: Span): Span =>
  reading.sentences.find((sentence) => within({ start: span.start, end: span.start + 1 }, sentence)) ?? {
    start: 0,
    end: reading.text.length,
  }
export const clauseOf = (reading: Reading, span: Span): Span =>
  reading.clauses.find((clause) => within({ start: span.start, end: span.start + 1 }, clause)) ??
  sentenceOf(reading, span)
