/**
 * From the model's text to text that may stand on a slide. The invariant: whatever number a reader sees without a mark
 * comes from a fact, about the member, the period and the measure that the sentence speaks of, in the fact's own unit.
 * Numbers that claim nothing about the data stay plain text and are not counted: years, quarters and dates of the data or
 * the question, names that hold digits ("Product 7", "B2B"), "top 5", "Slide 3", and multiples and fractions in words
 * ("doubled", "a third of") that a fact confirms.
 */
import type { Kpi, NumberCount, RichText, Segment } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { formatFact } from '../render/format.ts'
import type { Table } from '../render/table.ts'
import type { FactSheet } from './facts.ts'
import { pointsWords } from './facts/candidate.ts'
import { type Outcome, assemble, startsIn, withoutEchoes } from './grounding/assemble.ts'
import { readBeside } from './grounding/beside.ts'
import { changeClaim, claimProblem, saysMove } from './grounding/claims.ts'
import { countSegments } from './grounding/count.ts'
import { type FactView, type Lexicon, createLexicon } from './grounding/lexicon.ts'
import { type GroundingProblemKind, type NumeralItem, isPoints, matchNumeral } from './grounding/match.ts'
import { type Item, type Reading, readText } from './grounding/reading.ts'
import { sanitizeText } from './grounding/sanitize.ts'
import type { Span } from './grounding/sentences.ts'
import { isStep, subjectProblem } from './grounding/subject.ts'

export { countNumbers } from './grounding/count.ts'
export { sanitizeText } from './grounding/sanitize.ts'

export interface GroundingProblem {
  /**
   * `unknown-fact` no fact has this id · `no-match` no fact or cell has this value · `unknown-period` a date neither in
   * the data nor in the question · `unknown-name` a name that is in no data · the others: the value exists, but not for
   * this subject, period, measure, kind of statement, direction or unit.
   */
  readonly kind: GroundingProblemKind
  /** As the model wrote it. */
  readonly literal: string
  readonly sentence: string
  readonly factId?: string
}

export interface Grounded {
  /** Empty when nothing is left, as it may be in `block`: the caller supplies a fallback. */
  readonly text: RichText
  readonly numbers: NumberCount
  readonly problems: readonly GroundingProblem[]
  /** Every fact the text shows, once. May hold facts that are not in the sheet (a cell of a long table): a deck needs them all. */
  readonly facts: readonly Fact[]
}

export interface GroundingOptions {
  /** `mark` keeps what nothing confirms, marked; `block` leaves the sentence out. */
  readonly unverified: 'mark' | 'block'
  /** Of the text, as BCP 47. */
  readonly language: string
  /** What the person asked, in this thread: names and dates they used are no inventions. */
  readonly question?: string
}

export interface GrounderDeps extends GroundingOptions {
  readonly sheet: FactSheet
  readonly tables: readonly Table[]
}

/** Checks the texts of a deck against its data. Reads the data once; keeps nothing between texts. */
export interface Grounder {
  /** Any text of a slide: title, bullet, takeaway, notes. */
  text(modelText: string): Grounded
  /**
   * A card. A label that does not fit its fact is replaced by the fact's own; a change that is about something else is
   * left out; without a known fact there is no card.
   */
  kpi(kpi: Kpi): { readonly kpi: Kpi | undefined; readonly problems: readonly GroundingProblem[] }
  /** Text for a field that holds plain text only, such as a chart's title: empty when it claims any number. */
  label(modelText: string): string
}

export function createGrounder(deps: GrounderDeps): Grounder {
  const lexicon = createLexicon(deps.sheet, deps.tables, deps.question ?? '')
  const text = (modelText: string): Grounded => ground(sanitizeText(modelText), lexicon, deps)
  return {
    text,
    kpi: (kpi) =>
      checkKpi(kpi, lexicon, (written) => ground(sanitizeText(written), lexicon, { ...deps, unverified: 'mark' })),
    label: (modelText) => {
      const clean = sanitizeText(modelText)
      return readText(clean, lexicon, deps.language).items.length === 0 ? clean : ''
    },
  }
}

/** {@link createGrounder} for a single text. */
export function groundText(
  modelText: string,
  sheet: FactSheet,
  tables: readonly Table[],
  options: GroundingOptions,
): Grounded {
  return createGrounder({ ...options, sheet, tables }).text(modelText)
}

function ground(text: string, lexicon: Lexicon, options: GroundingOptions): Grounded {
  const reading = readText(text, lexicon, options.language)
  const settled = reading.items.map((item) => settle(reading, item, lexicon, options))
  const outcomes = withoutEchoes(text, withoutReversals(reading, settled, options))
  const problems = outcomes.flatMap((outcome) => toProblem(reading, outcome))
  const blocked =
    options.unverified === 'block'
      ? reading.sentences.filter((sentence) =>
          outcomes.some((outcome) => outcome.kind === 'unverified' && startsIn(outcome, sentence)),
        )
      : []
  const rich = assemble(text, outcomes, blocked)
  const shown = outcomes.flatMap((outcome) =>
    outcome.kind === 'fact' && !blocked.some((sentence) => startsIn(outcome, sentence)) ? [outcome.view.fact] : [],
  )
  return {
    text: rich,
    numbers: countSegments(rich),
    problems,
    facts: [...new Map(shown.map((fact) => [fact.id, fact])).values()],
  }
}

function settle(reading: Reading, item: Item, lexicon: Lexicon, options: GroundingOptions): Outcome {
  switch (item.kind) {
    case 'reference':
      return settleReference(reading, item, lexicon, options)
    case 'numeral':
      return settleNumeral(reading, item, lexicon, options)
    case 'period':
      return unverified(reading, item, 'unknown-period')
  }
}

function unverified(
  reading: Reading,
  span: Span,
  problem: GroundingProblemKind,
  shown?: string,
  factId?: string,
): Outcome {
  return {
    kind: 'unverified',
    start: span.start,
    end: span.end,
    shown: shown ?? reading.text.slice(span.start, span.end),
    problem,
    factId,
  }
}

/** "Grew from {F1} to {F2}" where the second is smaller, or earlier: each value is right, and the two together are not. */
function withoutReversals(reading: Reading, outcomes: readonly Outcome[], { language }: GroundingOptions): Outcome[] {
  const isFalse = (from: Outcome | undefined, to: Outcome | undefined): boolean => {
    if (from?.kind !== 'fact' || to?.kind !== 'fact') return false
    const move = saysMove(reading, from, to)
    if (move === null) return false
    const [start, end] = [from.view.periods, to.view.periods]
    const backwards = start.length === 1 && end.length === 1 && (start[0]?.firstDay ?? 0) > (end[0]?.firstDay ?? 0)
    return backwards || (move === 'up' ? to.view.value < from.view.value : to.view.value > from.view.value)
  }
  return outcomes.map((outcome, index) => {
    const wrong = isFalse(outcomes[index - 1], outcome) || isFalse(outcome, outcomes[index + 1])
    if (!wrong || outcome.kind !== 'fact') return outcome
    return unverified(
      reading,
      outcome,
      'wrong-direction',
      formatFact(outcome.view.fact, { language }),
      outcome.view.fact.id,
    )
  })
}

function settleReference(
  reading: Reading,
  item: Item & { readonly kind: 'reference' },
  lexicon: Lexicon,
  { language }: GroundingOptions,
): Outcome {
  const { reference } = item
  const view = lexicon.views.get(reference.id)
  // An id is no value: a reader of the slide gets a question mark, not "F99"
  if (!view) return unverified(reading, item, 'unknown-fact', reference.marked ? '?' : undefined, reference.id)
  const beside = readBeside(reading.text, item, view)
  const value = formatFact(view.fact, { language, format: reference.format })
  const shownAll = reading.text.slice(beside.start, item.start) + value + reading.text.slice(item.end, beside.end)
  if (!beside.agrees) return unverified(reading, beside, 'wrong-unit', shownAll, reference.id)
  const problem =
    view.fact.valueType === 'number'
      ? (subjectProblem(reading, item, view, lexicon) ?? claimProblem(reading, item, view, lexicon))
      : null
  if (problem) return unverified(reading, beside, problem, value, reference.id)
  const absolute = beside.saysMinus || saysDown(reading, item, view)
  return {
    kind: 'fact',
    start: beside.start,
    end: beside.end,
    view,
    segments: segmentsOf(reading.text, beside.end, view, { format: reference.format, absolute }),
  }
}

function settleNumeral(reading: Reading, item: NumeralItem, lexicon: Lexicon, { language }: GroundingOptions): Outcome {
  const match = matchNumeral(reading, item, lexicon, language)
  if (match.kind === 'none') return unverified(reading, item, match.problem, undefined, match.factId)
  if (match.kind === 'words') return { kind: 'words', start: item.start, end: item.end }
  const { view } = match
  const { bound, negative, full } = item.numeral
  // The exact value follows, so "over" and "nearly" before it would no longer be true
  const limits = bound !== null && bound.side !== 'around'
  const start = limits ? bound.start : item.start
  const span = { start, end: isPoints(view.fact) ? pointsStart(reading.text, item) : item.end }
  const absolute = view.value < 0 && negative === 'no'
  return {
    kind: 'fact',
    ...span,
    view,
    segments: segmentsOf(reading.text, span.end, view, { format: full ? 'full' : undefined, absolute }),
  }
}

/** Where the words "percentage points" begin that stay behind the value. */
function pointsStart(text: string, item: Span): number {
  const words = /[\s-]*(?:percentage|percent|%|pp|ppts?|prozentpunkt|points?)[\s\S]*$/i.exec(
    text.slice(item.start, item.end),
  )
  return words ? item.start + words.index : item.end
}

function saysDown(reading: Reading, item: Item, view: FactView): boolean {
  if (view.value >= 0 || !isStep(view)) return false
  const claim = changeClaim(reading, item)
  return claim?.isAmount === true && claim.direction === 'down'
}

interface Showing {
  readonly format: 'full' | undefined
  readonly absolute: boolean
}

function segmentsOf(text: string, end: number, view: FactView, { format, absolute }: Showing): Segment[] {
  const segment: Segment = {
    fact: view.fact.id,
    ...(format ? { format } : {}),
    ...(absolute ? { absolute: true } : {}),
  }
  const saysPoints =
    /^[\s-]*(?:percentage[ -]points?|percent points?|%[ -]?points?|pp|ppts?|prozentpunkt|points?)/i.test(
      text.slice(end),
    )
  return isPoints(view.fact) && !saysPoints ? [segment, pointsWords.replace(', in', '')] : [segment]
}

function toProblem(reading: Reading, outcome: Outcome): GroundingProblem[] {
  if (outcome.kind !== 'unverified') return []
  const sentence = reading.sentences.find((span) => startsIn(outcome, span))
  return [
    {
      kind: outcome.problem,
      literal: reading.text.slice(outcome.start, outcome.end),
      sentence: reading.text.slice(sentence?.start, sentence?.end).trim(),
      ...(outcome.factId === undefined ? {} : { factId: outcome.factId }),
    },
  ]
}

function checkKpi(kpi: Kpi, lexicon: Lexicon, check: (text: string) => Grounded): ReturnType<Grounder['kpi']> {
  const id = (written: string | undefined): string => `F${Number(/\d+/.exec(written ?? '')?.[0] ?? -1)}`
  const view = lexicon.views.get(id(kpi.fact))
  if (!view)
    return {
      kpi: undefined,
      problems: [{ kind: 'unknown-fact', literal: kpi.fact, sentence: sanitizeText(kpi.label), factId: kpi.fact }],
    }
  const label = sanitizeText(kpi.label).replace(/[:\s]+$/, '')
  const grounded = check(`${label}: {${view.fact.id}}`)
  // The label is plain text, so it may hold no number of its own
  const fits = label !== '' && grounded.problems.length === 0 && grounded.numbers.total === 1
  const change = kpi.change === undefined ? undefined : lexicon.views.get(id(kpi.change))
  const related = change !== undefined && isChangeOf(change, view)
  const unrelated: GroundingProblem[] =
    kpi.change !== undefined && !related
      ? [{ kind: change ? 'wrong-subject' : 'unknown-fact', literal: kpi.change, sentence: label, factId: kpi.change }]
      : []
  return {
    kpi: { label: fits ? label : view.fact.label, fact: view.fact.id, ...(related ? { change: change.fact.id } : {}) },
    problems: [...grounded.problems, ...unrelated],
  }
}

/** A change may stand under a value of the same measure and members, when it leads up to the value's period. */
function isChangeOf(change: FactView, value: FactView): boolean {
  if (!['growth', 'difference', 'share', 'contribution'].includes(change.fact.kind)) return false
  if (change.measure?.name !== value.measure?.name || change.fact.lineage.tableId !== value.fact.lineage.tableId)
    return false
  const sameMembers = [...change.members].every(([column, keys]) => {
    const own = value.members.get(column)
    return (
      own === undefined ||
      String(own) === String(keys) ||
      (keys === 'whole' && own === 'whole') ||
      (own !== 'whole' && keys !== 'whole' && own.some((key) => keys.includes(key)))
    )
  })
  const [until, at] = [change.periods.at(-1), value.periods.at(-1)]
  return sameMembers && (!until || !at || until.firstDay === at.firstDay)
}
