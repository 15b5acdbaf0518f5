import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import { isStock } from './outcome.ts'
import { type Draft, emptyDraft } from './draft.ts'
import type { Correction, Lexicon } from './lexicon.ts'
import { readFilters } from './read-filters.ts'
import { readGroups } from './read-groups.ts'
import { readLists } from './read-lists.ts'
import { readMetrics } from './read-metrics.ts'
import { type PeriodContext, readPeriods } from './read-periods.ts'
import { readViews } from './read-views.ts'
import { createReader, type Reader } from './reader.ts'
import { tokenize } from './tokens.ts'

export interface Interpretation {
  readonly draft: Draft
  /** Pieces nobody understood, in the person's words. */
  readonly leftovers: readonly string[]
  readonly corrections: readonly Correction[]
}

export interface InterpretDeps {
  readonly layer: SemanticLayer
  readonly lexicon: Lexicon
  readonly context: PeriodContext
}

/**
 * Reads one message. The rules run from the most to the least specific, each taking the pieces it understands; the
 * conversation is not looked at here, apart from the year it is in.
 */
export function interpret(message: string, { layer, lexicon, context }: InterpretDeps): Interpretation {
  const tokens = tokenize(message)
  const { lexemes, corrections } = lexicon.scan(tokens, context.today)
  const reader = createReader(lexemes)
  const draft = emptyDraft()
  if (isStatement(tokens.map(({ word }) => word))) {
    draft.problem = { kind: 'refuse', text: 'I only answer questions; I do not run statements.' }
    return { draft, leftovers: [], corrections }
  }
  if (isListThem(message)) {
    draft.listThem = true
    draft.marks.pronoun = true
    return { draft, leftovers: [], corrections }
  }
  readUnanswerable(reader, draft)
  readMarks(reader, draft, message)
  const hasMetric = lexemes.some(({ type }) => type === 'metric')
  const { year, ...anyYear } = context
  const unclear = readPeriods(reader, draft, hasMetric || year === undefined ? anyYear : context)
  if (unclear !== undefined) draft.problem ??= { kind: 'clarify', text: unclear }
  readFilters(reader, draft, layer)
  readGroups(reader, draft, layer)
  readLists(reader, draft, layer)
  readMetrics(reader, draft, layer, { past: tokens.some(({ word }) => word === 'did') })
  readViews(reader, draft, layer)
  passOver(reader, draft, layer)
  // Words nobody knows explain more than known words without a place
  const leftovers = reader.leftovers()
  const unknown = leftovers.filter(({ type }) => type === 'unknown')
  return { draft, leftovers: (unknown.length > 0 ? unknown : leftovers).map(({ text }) => text), corrections }
}

/** SQL and orders to change something are no questions, whatever their words mean elsewhere. */
function isStatement(words: readonly string[]): boolean {
  const [first = '', second = ''] = words
  if (words.includes(';') || words.includes('--')) return true
  if (
    ['delete', 'update', 'insert', 'alter', 'truncate', 'select', 'merge', 'attach', 'copy', 'pragma'].includes(first)
  )
    return true
  if (first === 'drop') return second !== 'in'
  return first === 'create' && ['table', 'view', 'schema', 'database', 'or'].includes(second)
}

/** "Which ones?", "list them": the rows behind the answer before. */
function isListThem(message: string): boolean {
  return /^\s*(?:and\s+)?(?:which ones?|who (?:are|were) (?:they|those|these)|(?:please )?(?:list|name|show)(?: me)? (?:them|those|these))(?: please)?\s*[?.!]*\s*$/i.test(
    message,
  )
}

function readUnanswerable(reader: Reader, draft: Draft): void {
  if (reader.takeOperators('forecast')) {
    draft.problem = {
      kind: 'refuse',
      text: 'I can only tell what has happened, not what will happen: there is no forecast in this data.',
    }
  } else if (reader.takeOperators('why')) {
    draft.problem = {
      kind: 'refuse',
      text: 'I cannot tell why something happened. I can show where it happened: compare two times by category, product, region, country, segment or channel.',
    }
  }
}

function readMarks(reader: Reader, draft: Draft, message: string): void {
  const { marks } = draft
  marks.whatAbout = reader.takeOperators('what-about') || /^\s*(?:and|or|but|then|plus|same|now)\b/i.test(message)
  marks.instead = reader.takeOperators('instead')
  marks.also = reader.takeOperators('also', 'add')
  marks.only = reader.takeOperators('only')
  // "drill down by" opens a by-list; read-groups takes it
  marks.drill = reader.operatorPlaces('drill').length > 0
  marks.reset = reader.takeOperators('reset')
  marks.pronoun = reader.takeOperators('pronoun')
  draft.total = reader.takeOperators('total')
  marks.bare =
    reader.operatorPlaces('which', 'who', 'how-many', 'how-much', 'list', 'show', 'when', 'compare').length === 0
}

/** Words that have done their work, or say nothing once everything else is understood. */
function passOver(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  reader.takeOperators('show', 'how-much', 'and', 'all', 'where', 'drill')
  if (draft.metrics.length > 0 || draft.list !== undefined || draft.by.length > 0) reader.takeOperators('which', 'list')
  if (draft.metrics.length > 0) reader.takeOperators('vague')
  if (reader.takeOperators('vague')) draft.vague = true
  if (reader.takeOperators('compare')) draft.compareWord = true
  if (
    draft.comparing ||
    draft.versus ||
    draft.growth ||
    draft.compareWord ||
    draft.filters.some(({ values }) => values.length > 1) ||
    draft.metrics.length > 1
  ) {
    if (reader.takeOperators('versus')) draft.compareWord = true
    reader.takeOperators('or')
  }
  // "Did we sell more in 2024 than in 2023?": both sides are there to be compared
  const twoSides = draft.comparing || draft.compareWord || draft.filters.some(({ values }) => values.length > 1)
  if (twoSides && reader.takeOperators('comparative')) draft.compareWord = true
  if (draft.periods.length > 1) reader.takeOperators('or')
  if (draft.problem) reader.takeOperators('versus', 'or')
  // "current MRR" is what MRR is anyway
  const stocks = draft.metrics.length > 0 && draft.metrics.every((name) => isStock(layer, name))
  if (stocks && draft.periods.length === 0) reader.takeOperators('active')
  // "What was it?", "which?": a question word alone is no content
  if (reader.leftovers().every((lexeme) => lexeme.type === 'operator' && lexeme.operator === 'which'))
    reader.takeOperators('which')
}
