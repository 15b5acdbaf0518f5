/** Which fact, or which cell, a number written out stands for. */
import type { Fact } from '../../render/fact.ts'
import { pointsWords } from '../facts/candidate.ts'
import { cellFact } from '../facts/levels.ts'
import { samePeriod } from '../facts/periods.ts'
import type { Profile } from '../facts/profile.ts'
import { stem, wordsOf } from '../facts/words.ts'
import { type ClaimProblem, changeClaim, claimProblem, speaksOfChange } from './claims.ts'
import type { FactView, Lexicon } from './lexicon.ts'
import type { Numeral } from './numeral.ts'
import { type Item, type Reading, clauseOf, sentenceOf } from './reading.ts'
import { within } from './sentences.ts'
import { type SubjectProblem, isStep, subjectProblem } from './subject.ts'

/** Why a number is not verified. */
export type GroundingProblemKind = MatchProblem | 'unknown-fact' | 'unknown-period'

export type MatchProblem = SubjectProblem | ClaimProblem | 'no-match' | 'wrong-unit'

export type Match =
  | { readonly kind: 'fact'; readonly view: FactView }
  /** True, but said in words that no formatted value could replace: "doubled", "a third of". */
  | { readonly kind: 'words' }
  | { readonly kind: 'none'; readonly problem: MatchProblem; readonly factId?: string }

export type NumeralItem = Item & { readonly kind: 'numeral' }

/** Cells looked at beyond the fact sheet; a longer result is not searched to its end. */
const mostCells = 100_000

export const isPoints = (fact: Fact): boolean => fact.label.endsWith(pointsWords)

export function matchNumeral(reading: Reading, item: NumeralItem, lexicon: Lexicon, language: string): Match {
  const { numeral } = item
  if (numeral.readings.length === 0) return { kind: 'none', problem: 'no-match' }
  const judge = judgeFor(reading, item, lexicon)
  const near = [...lexicon.views.values()].filter((view) => fits(reading, item, view, language))
  const good = near.filter((view) => judge(view) === null)
  const best = highest(good, (view) => score(reading, item, view))
  if (best)
    return numeral.unit.kind === 'multiple' || numeral.unit.kind === 'part'
      ? { kind: 'words' }
      : { kind: 'fact', view: best }
  if (numeral.unit.kind === 'multiple' && isQuotient(reading, item, lexicon)) return { kind: 'words' }
  const cell = highest(
    cellsLike(reading, item, lexicon, language).filter((view) => judge(view) === null),
    (view) => score(reading, item, view),
  )
  if (cell) return { kind: 'fact', view: cell }
  const [first] = near
  if (first) return { kind: 'none', problem: judge(first) ?? 'no-match', factId: first.fact.id }
  const sameDigits = [...lexicon.views.values()].find((view) =>
    numeral.readings.some(({ low, high }) => inside(Math.abs(view.value), low, high)),
  )
  return sameDigits
    ? { kind: 'none', problem: 'wrong-unit', factId: sameDigits.fact.id }
    : { kind: 'none', problem: 'no-match' }
}

function judgeFor(reading: Reading, item: NumeralItem, lexicon: Lexicon): (view: FactView) => MatchProblem | null {
  return (view) => {
    const problem = subjectProblem(reading, item, view, lexicon) ?? claimProblem(reading, item, view, lexicon)
    if (problem) return problem
    const signed = item.numeral.unit.kind === 'points' || /^[+\-−–‒]/.test(item.numeral.text)
    if (isStep(view) && !signed && !speaksOfChange(reading, item)) return 'wrong-kind'
    return isSingledOut(reading, item, view) ? null : 'wrong-subject'
  }
}

function highest<T>(candidates: readonly T[], scoreOf: (candidate: T) => number): T | undefined {
  let best: { candidate: T; points: number } | undefined
  for (const candidate of candidates) {
    const points = scoreOf(candidate)
    if (!best || points > best.points) best = { candidate, points }
  }
  return best?.candidate
}

const inside = (value: number, low: number, high: number): boolean => low <= value && value <= high

/** Right size, unit, sign and counted thing. */
function fits(reading: Reading, item: NumeralItem, view: FactView, language: string): boolean {
  const { numeral } = item
  const value = comparable(numeral, view)
  if (value === null || Number.isNaN(value)) return false
  if (!numeral.readings.some(({ low, high }) => inside(Math.abs(value), low, high))) return false
  if (!signFits(reading, item, value)) return false
  return numeral.unit.kind !== 'none' || nounFits(numeral, view, language)
}

/** The fact's value in the scale of the literal, or null when the units contradict. */
function comparable(numeral: Numeral, view: FactView): number | null {
  const { fact, value } = view
  const { unit } = fact
  if (fact.valueType !== 'number') return null
  if (fact.kind === 'rank')
    return numeral.unit.kind === 'rank' || (numeral.unit.kind === 'none' && numeral.noun[0] === 'place') ? value : null
  switch (numeral.unit.kind) {
    case 'percent':
      return unit.kind === 'ratio' ? value * 100 : unit.kind === 'percent' ? value : null
    case 'points':
      return isPoints(fact) ? value : null
    case 'currency':
      return unit.kind === 'currency' && numeral.unit.codes.includes(unit.code) ? value : null
    case 'duration': {
      if (unit.kind === 'duration') return unit.unit === numeral.unit.unit ? value : null
      return (unit.kind === 'count' || unit.kind === 'plain') && labelStems(fact).has(stem(numeral.unit.unit))
        ? value
        : null
    }
    case 'multiple':
      return fact.kind === 'growth' ? 1 + value : null
    case 'part':
      return unit.kind === 'ratio' && fact.kind !== 'growth' ? value : unit.kind === 'percent' ? value / 100 : null
    case 'rank':
      return null
    case 'none':
      if (unit.kind === 'ratio') return numeral.readings.every(({ high }) => high <= 1) ? value : null
      return unit.kind === 'percent' || unit.kind === 'duration' || isPoints(fact) ? null : value
  }
}

/** Words of loss before a number let it stand for a negative value without a sign of its own. */
const negativeWords =
  /(?<!\p{L})(?:loss|losses|deficit|negative|minus|shortfall|below zero|verlust|perte|pérdida)(?:\s+\p{L}+){0,3}\s*$/iu

function signFits(reading: Reading, item: NumeralItem, value: number): boolean {
  const { negative, unit } = item.numeral
  if (negative === 'maybe') return true
  if (negative === 'yes') return value < 0
  if (value >= 0 || unit.kind === 'multiple') return true
  const claim = changeClaim(reading, item)
  if (claim?.isAmount && claim.direction === 'down') return true
  return negativeWords.test(reading.text.slice(Math.max(0, item.start - 40), item.start))
}

const labelStems = (fact: Fact): Set<string> => new Set(wordsOf(fact.label).map(stem))

/** "12 customers" needs a fact about customers; a plural that no column has is an invention. */
function nounFits(numeral: Numeral, view: FactView, language: string): boolean {
  if (numeral.noun.length === 0) return view.fact.kind !== 'count' || numeral.form === 'digits'
  const label = labelStems(view.fact)
  if (numeral.noun.some((word) => label.has(stem(word)))) return true
  if (view.fact.kind === 'count' || view.fact.kind === 'missing') return false
  if (!language.startsWith('en')) return true
  return numeral.form === 'digits' && !numeral.noun.some((word) => /[^su]s$/.test(word) && word.length > 3)
}

const topWords = 'top|leading|largest|biggest|highest|best|strongest|first|number one|leader'
const bottomWords = 'bottom|smallest|lowest|weakest|worst|least|slowest'
const secondWords = 'second|runner-up|next'
const pointer = new RegExp(
  `(?<!\\p{L})(?:(?<second>${secondWords})|(?<top>${topWords}|peak(?:ed|s)?|record|most|maximum|high)|(?<bottom>${bottomWords}|trough|minimum|low|last))(?!\\p{L})`,
  'iu',
)

/**
 * A literal without a name beside it reads as being about everything, or about now: one region's revenue under "Revenue
 * was $1.2M" is a wrong total. So it must be named, pointed at ("the largest region"), or be the only one.
 */
function isSingledOut(reading: Reading, item: NumeralItem, view: FactView): boolean {
  const { profile } = view
  if (!profile) return true
  const sentence = sentenceOf(reading, item)
  const words = reading.text.slice(clauseOf(reading, item).start, clauseOf(reading, item).end)
  const pointed = pointsAt(view, words)
  for (const [column, keys] of view.members) {
    if (keys === 'whole' || !view.choices.has(column)) continue
    const named = reading.mentions.some(
      (mention) =>
        mention.kind === 'member' &&
        keys.includes(mention.key) &&
        (within(mention, sentence) || isCarried(reading, item)),
    )
    if (!named && !pointed) return false
  }
  const ordered = profile.axis?.ordered ?? []
  const [last, own] = [ordered.at(-1), view.periods.at(-1)]
  if (!last || !own || ordered.length < 2 || view.periods.length > 2 || (view.periods.length === 2 && !isStep(view)))
    return true
  const dated = reading.periods.some((mention) => within(mention, sentence))
  return dated || pointed || samePeriod(last, own)
}

const isCarried = (reading: Reading, item: Item): boolean =>
  /^(?:It|Its|They|Their|This|That|These)(?!\p{L})/u.test(reading.text.slice(sentenceOf(reading, item).start))

/** True when a superlative in the words is true of the fact's row. */
function pointsAt(view: FactView, words: string): boolean {
  const found = pointer.exec(words)?.groups
  if (!found || !view.profile || !view.measure) return false
  if (view.fact.kind === 'maximum') return found['top'] !== undefined
  if (view.fact.kind === 'minimum') return found['bottom'] !== undefined
  const [row] = view.fact.lineage.rows
  if (row === undefined || view.fact.lineage.rows.length !== 1) return false
  const place = placeOf(view.profile, view.measure.rounded, row)
  return (
    (found['top'] !== undefined && place.above === 0) ||
    (found['second'] !== undefined && place.above === 1) ||
    (found['bottom'] !== undefined && place.below === 0)
  )
}

function placeOf(
  profile: Profile,
  values: readonly number[],
  row: number,
): { readonly above: number; readonly below: number } {
  const own = values[row] ?? 0
  const others = profile.body.map((other) => values[other] ?? 0)
  return { above: others.filter((value) => value > own).length, below: others.filter((value) => value < own).length }
}

/** The better of several right ones: what is named nearby, in measure, kind and member. */
function score(reading: Reading, item: NumeralItem, view: FactView): number {
  const sentence = sentenceOf(reading, item)
  const text = reading.text.slice(sentence.start, sentence.end).toLowerCase()
  const words = new Set(wordsOf(text).map(stem))
  let points = 0
  for (const keys of view.members.values()) {
    if (keys !== 'whole')
      points += 3 * reading.mentions.filter((mention) => within(mention, sentence) && keys.includes(mention.key)).length
  }
  points +=
    2 *
    view.periods.filter((period) =>
      reading.periods.some((mention) => within(mention, sentence) && samePeriod(mention.period, period)),
    ).length
  for (const word of wordsOf(view.measure?.label ?? '')) if (words.has(stem(word))) points += 2
  if (kindWords[view.fact.kind]?.test(text)) points += 2
  return points
}

const kindWords: Partial<Record<Fact['kind'], RegExp>> = {
  total: /total|overall|altogether|combined/,
  average: /average|mean/,
  maximum: /highest|largest|top|peak|best|most/,
  minimum: /lowest|smallest|weakest|least/,
  share: /share|of (?:the )?(?:total|all|overall)|account/,
  growth: /grew|grow|rose|fell|increase|decrease|decline|drop|up|down/,
  difference: /differen|ahead|behind|gap|more than|less than|change|by/,
  contribution: /contribut|came from|driv/,
  missing: /missing|without|lack/,
}

/** Cells that the sheet has no room for, as facts of their own; the id follows from the place, so that it is always the same. */
function cellsLike(reading: Reading, item: NumeralItem, lexicon: Lexicon, language: string): FactView[] {
  const found: FactView[] = []
  let seen = 0
  for (const [index, table] of lexicon.tables.entries()) {
    const profile = lexicon.profiles.get(table.id)
    const tableNumber = Number(/\d{1,6}/.exec(table.id)?.[0] ?? index + 1)
    for (const measure of profile?.measures ?? []) {
      for (let row = 0; row < table.rows.length && seen < mostCells && found.length < 50; row += 1) {
        seen += 1
        const size = Math.abs(measure.rounded[row] ?? 0)
        const near = item.numeral.readings.some(
          ({ low, high }) => inside(size, low, high) || inside(size * 100, low, high),
        )
        if (!near || !measure.values[row] || !profile) continue
        const { fact } = cellFact(profile, measure, row, 4)
        const place = row * table.columns.length + measure.index
        const view = lexicon.view({ ...fact, id: `F${(tableNumber + 1) * 10_000_000 + place}` })
        if (fits(reading, item, view, language)) found.push(view)
      }
    }
  }
  return found
}

/** "Twice as much as APAC": the quotient of two members' values in one table. */
function isQuotient(reading: Reading, item: NumeralItem, lexicon: Lexicon): boolean {
  const sentence = sentenceOf(reading, item)
  const members = reading.mentions.filter((mention) => mention.kind === 'member' && within(mention, sentence))
  const [first, second] = members
  if (members.length !== 2 || first?.kind !== 'member' || second?.kind !== 'member' || first.key === second.key)
    return false
  if (
    !/(?:\bas\b.*\bas\b|than|the (?:size|revenue|amount|number)|of|vs|versus|compared)/i.test(
      reading.text.slice(item.end, sentence.end),
    )
  )
    return false
  const values = (key: string): Map<string, number> => {
    const cells = [...lexicon.views.values()].filter(
      (view) =>
        (view.fact.kind === 'cell' || view.fact.kind === 'total') &&
        [...view.members.values()].some((keys) => keys !== 'whole' && keys.length === 1 && keys[0] === key),
    )
    return new Map(
      cells.map((view) => [
        `${view.fact.lineage.tableId}:${view.fact.kind}:${view.measure?.name}:${view.periods.map((period) => period.firstDay).join()}`,
        view.value,
      ]),
    )
  }
  const own = values(second.key)
  return [...values(first.key)].some(([place, value]) => {
    const other = own.get(place)
    return (
      other !== undefined &&
      other > 0 &&
      item.numeral.readings.some(({ low, high }) => inside(value / other, low, high))
    )
  })
}
