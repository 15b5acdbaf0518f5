import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Grain } from '../calendar.ts'
import { matchPeriod, type PeriodExpression } from './periods/grammar.ts'
import type { Token } from './tokens.ts'
import {
  fillers,
  grainAdjectives,
  grainWords,
  type Operator,
  operators,
  prepositions,
  type Rank,
  rankedMetrics,
  rankWords,
} from './words.ts'

/** What a word or phrase of a question stands for. */
export type Meaning =
  | { readonly type: 'metric'; readonly metrics: readonly string[] }
  | { readonly type: 'dimension'; readonly dimension: string; readonly adjective: boolean; readonly plural: boolean }
  | { readonly type: 'value'; readonly dimension: string; readonly values: readonly string[]; readonly label: string }
  | { readonly type: 'grain'; readonly grain: Grain; readonly adjective: boolean }
  | { readonly type: 'rank'; readonly rank: Rank; readonly metric?: string }
  | { readonly type: 'operator'; readonly operator: Operator }
  | { readonly type: 'preposition' }
  | { readonly type: 'filler' }

export type Lexeme = (
  | Meaning
  | { readonly type: 'period'; readonly expression: PeriodExpression }
  | { readonly type: 'number'; readonly value: number; readonly unit?: 'usd' | 'percent' }
  | { readonly type: 'unknown' }
) & { readonly text: string }

/** A misspelt word that was read as a known one. */
export interface Correction {
  readonly from: string
  readonly to: string
}

export interface Lexicon {
  /** Cuts a question into its longest known pieces, fillers left out. */
  scan(
    tokens: readonly Token[],
    today: string,
  ): { readonly lexemes: readonly Lexeme[]; readonly corrections: readonly Correction[] }
}

interface Entry {
  readonly words: readonly string[]
  readonly meaning: Meaning
}

/** All phrases the layer and the grammar know. Of equal phrases, the business meaning wins over the grammar's. */
export function createLexicon(layer: SemanticLayer): Lexicon {
  const entries = new Map<string, Entry[]>()
  const known = new Set<string>()
  const correctable = new Set<string>()

  function add(phrase: string, meaning: Meaning): void {
    const key = normalize(phrase)
    if (key === '' || known.has(key)) return
    known.add(key)
    const words = key.split(' ')
    const first = words[0] ?? ''
    entries.set(first, [...(entries.get(first) ?? []), { words, meaning }])
    if (words.length === 1 && (meaning.type === 'metric' || meaning.type === 'dimension' || meaning.type === 'grain')) {
      correctable.add(key)
    }
  }
  const addWithPlural = (phrase: string, meaning: Meaning, plural: Meaning = meaning): void => {
    add(phrase, meaning)
    add(pluralOf(phrase), plural)
  }

  for (const { words, metrics } of layer.combinations) for (const word of words) add(word, { type: 'metric', metrics })
  for (const [name, metric] of Object.entries(layer.metrics)) {
    for (const word of metric.words) addWithPlural(word, { type: 'metric', metrics: [name] })
  }
  for (const [name, dimension] of Object.entries(layer.dimensions)) {
    const meaning = { type: 'dimension', dimension: name, adjective: false } as const
    for (const word of dimension.words) addWithPlural(word, { ...meaning, plural: false }, { ...meaning, plural: true })
    for (const word of dimension.adjectives) add(word, { ...meaning, adjective: true, plural: false })
    for (const [label, { words, values }] of Object.entries(dimension.groups)) {
      for (const word of words) addWithPlural(word, { type: 'value', dimension: name, values, label })
    }
    for (const [value, words] of Object.entries(dimension.values)) {
      for (const word of words) addWithPlural(word, { type: 'value', dimension: name, values: [value], label: value })
    }
  }
  for (const [name, { label }] of Object.entries(layer.metrics))
    addWithPlural(label, { type: 'metric', metrics: [name] })
  for (const [word, { rank, metric }] of Object.entries(rankedMetrics)) add(word, { type: 'rank', rank, metric })
  for (const [word, rank] of Object.entries(rankWords)) add(word, { type: 'rank', rank })
  for (const [word, grain] of Object.entries(grainWords)) add(word, { type: 'grain', grain, adjective: false })
  for (const [word, grain] of Object.entries(grainAdjectives)) add(word, { type: 'grain', grain, adjective: true })
  for (const [operator, phrases] of Object.entries(operators) as [Operator, string][]) {
    for (const phrase of phrases.split('|')) add(phrase, { type: 'operator', operator })
  }
  for (const phrase of prepositions.split('|')) add(phrase, { type: 'preposition' })
  for (const phrase of fillers.split('|')) add(phrase, { type: 'filler' })
  for (const list of entries.values()) list.sort((a, b) => b.words.length - a.words.length)

  /** Longest first. */
  const fitting = (tokens: readonly Token[], at: number): readonly Entry[] =>
    entries
      .get(tokens[at]?.word ?? '')
      ?.filter(({ words }) => words.every((word, index) => tokens[at + index]?.word === word)) ?? []

  /** "orders per customer segment" are orders, per customer segment: a measure does not tear what it is split by. */
  const tears = (tokens: readonly Token[], at: number, { words, meaning }: Entry): boolean => {
    if (meaning.type !== 'metric' || words.length === 1) return false
    const [split] = fitting(tokens, at + words.length - 1)
    return split?.meaning.type === 'dimension' && split.words.length > 1
  }

  const longest = (tokens: readonly Token[], at: number): Entry | undefined => {
    const found = fitting(tokens, at)
    return found.find((entry) => !tears(tokens, at, entry)) ?? found[0]
  }

  return {
    scan(tokens, today) {
      const lexemes: Lexeme[] = []
      const corrections: Correction[] = []
      let words = tokens
      let comparing = false
      for (let at = 0; at < words.length;) {
        const period = matchPeriod(words, at, { today, comparing })
        const entry = longest(words, at)
        const token = words[at]
        if (token === undefined) break
        if (period && period.length >= (entry?.words.length ?? 0)) {
          lexemes.push({ type: 'period', expression: period.expression, text: textOf(words, at, period.length) })
          at += period.length
        } else if (entry) {
          const text = textOf(words, at, entry.words.length)
          if (entry.meaning.type === 'operator' && entry.meaning.operator === 'compare') comparing = true
          if (entry.meaning.type !== 'filler') lexemes.push({ ...entry.meaning, text })
          at += entry.words.length
        } else if (token.number !== undefined) {
          const { number: value, unit } = token
          lexemes.push({ type: 'number', value, text: token.word, ...(unit === undefined ? {} : { unit }) })
          at += 1
        } else {
          const meant = closest(token.word, correctable)
          if (meant === undefined) {
            lexemes.push({ type: 'unknown', text: token.word })
            at += 1
          } else {
            corrections.push({ from: token.word, to: meant })
            words = words.with(at, { word: meant })
          }
        }
      }
      return { lexemes, corrections }
    },
  }
}

const textOf = (tokens: readonly Token[], at: number, length: number): string =>
  tokens
    .slice(at, at + length)
    .map(({ word }) => word)
    .join(' ')

const normalize = (phrase: string): string =>
  phrase
    .toLowerCase()
    .replaceAll(/(?<=\p{L})-(?=\p{L})/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

function pluralOf(phrase: string): string {
  if (/(?:s|\d)$/.test(phrase)) return phrase
  if (/[^aeiou]y$/.test(phrase)) return `${phrase.slice(0, -1)}ies`
  return /(?:x|ch|sh)$/.test(phrase) ? `${phrase}es` : `${phrase}s`
}

/** The one known word that a longer word misses by a single slip: a letter wrong, missing, too many, or two swapped. */
function closest(word: string, known: ReadonlySet<string>): string | undefined {
  if (word.length < 5) return undefined
  const near = [...known].filter((other) => other.length >= 6 && oneSlip(word, other))
  return near.length === 1 ? near[0] : undefined
}

function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  const restA = a.slice(start)
  const restB = b.slice(start)
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2)
}
