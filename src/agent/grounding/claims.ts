/** Does the sentence say of a fact what it is? Measure, kind of fact, and direction. */
import { stem, wordsOf } from '../facts/words.ts'
import { type FactView, type Lexicon, keyOf } from './lexicon.ts'
import { nounAfter } from './beside-numerals.ts'
import { type Item, type Reading, clauseOf } from './reading.ts'
import type { Span } from './sentences.ts'
import { isStep } from './subject.ts'

export type ClaimProblem = 'wrong-measure' | 'wrong-kind' | 'wrong-direction'

/** Up, down, or a change whose direction the words leave open ("growth of"). */
export type Direction = 'up' | 'down' | 'open'

const up =
  'grew|grow|grows|growing|grown|rose|rise|rises|rising|risen|increased?|increases|increasing|up|climb(?:ed|s|ing)?|gain(?:ed|s|ing)?|jump(?:ed|s|ing)?|surge[ds]?|surging|soar(?:ed|s|ing)?|expand(?:ed|s|ing)|add(?:ed|s|ing)|rallied|stieg|gestiegen|wuchs|gewachsen|zugenommen|zunahme|anstieg|augmenté|hausse|subió|creció|aumentó'
const down =
  'fell|fall|falls|falling|fallen|declin(?:ed|e|es|ing)|drop(?:ped|s|ping)?|decreas(?:ed|e|es|ing)|down|shrank|shrunk|shrinks?|shrinking|slipp?(?:ed|s|ing)?|slid|plunged?|plunging|tumbled|contract(?:ed|s|ing)|contraction|reduc(?:ed|es|ing|tion)|dip(?:ped|s|ping)?|lost|loses|losing|slump(?:ed|s|ing)?|sank|fiel|gefallen|sank|gesunken|rückgang|abnahme|baisse|diminué|cayó|bajó|disminuyó'
const open =
  'growth|change[ds]?|changing|swing|moved?|shift(?:ed)?|wachstum|veränderung|croissance|crecimiento|improve(?:d|s|ment)|improving|worsen(?:ed|s)'

const upWord = new RegExp(`^(?:${up})$`, 'iu')
const downWord = new RegExp(`^(?:${down})$`, 'iu')
const changeWord = new RegExp(`^(?:${up}|${down}|${open})$`, 'iu')
/** After the number: "a {F1} increase", "{F1} lower than". "More" and "less" compare, they need not be change. */
const afterUp = /^(?:increase|rise|gain|jump|surge|climb|uplift|upswing|higher|anstieg|zuwachs|hausse)$/i
const afterDown = /^(?:decrease|decline|drop|fall|dip|reduction|contraction|slump|slide|plunge|lower|rückgang|baisse)$/i
const afterOpen = /^(?:growth|change|swing|wachstum)$/i
/** Right before the number: it is where something went or came from, and not by how much it changed. */
const levelWord = /^(?:to|at|from|reaching|hitting|totaling|totalling|auf|bei|von|zu|à|hasta)$/i
/** Words of measure and degree that may stand between a word of change and its number. */
const degree =
  /^(?:a|an|of|about|around|approximately|roughly|nearly|almost|some|over|under|more|than|less|just|another|only|even|still|um|plus|minus|sharply|slightly|strongly|significantly|steadily|modestly|further|again|also|as|much|impressive|strong|solid|healthy|robust|modest|steep|sharp|slight|notable|significant|massive|big|small|mere|total|net|overall|year-over-year|yoy|annual|quarterly|monthly)$/i
/** A verb that takes the number for itself: "EMEA grew and made {F1}". */
const otherVerb =
  /^(?:is|was|are|were|made|makes|has|had|have|reached|hit|posted|generated|brought|with|came|stood|sold|recorded|earned|delivered|accounted|accounts|contributed|contributes|represents|totaled|totalled|ended|finished|closed|and|which)$/i
/** Where up and down are no direction. */
const phrasal =
  /^(?:mak(?:e|es|ing)|made|adds?|set|sums?|catch|caught|pick|breaks?|broken|boils?|sign(?:ed|s|ing)?|end(?:ed|s)?|show(?:ed|s|ing)?|takes?|took|back|follow|follows|wound|opened) (?:up|down)$/i
const article = /^(?:the|a|an|its|their|this|that|our|'s|’s|strongest|biggest|largest|highest|overall)$/i

export interface ChangeClaim {
  readonly direction: Direction
  /** True for "grew by {F1}", false for "grew to {F1}". */
  readonly isAmount: boolean
  /** True where the number itself is called a growth: "growth of {F1}", "{F1} growth". */
  readonly isGrowth?: boolean
}

/** What the words next to a number say about change, or null when they say nothing. */
export function changeClaim(reading: Reading, item: Item): ChangeClaim | null {
  const clause = clauseOf(reading, item)
  for (const word of nounAfter(reading.text.slice(item.end, clause.end), 0)) {
    if (afterUp.test(word)) return { direction: 'up', isAmount: true }
    if (afterDown.test(word)) return { direction: 'down', isAmount: true }
    if (afterOpen.test(word)) return { direction: 'open', isAmount: true, isGrowth: true }
  }
  const next = /^\s*(?:lower|higher)(?= than)/.exec(reading.text.slice(item.end, clause.end))?.[0].trim()
  if (next) return { direction: next === 'higher' ? 'up' : 'down', isAmount: true }
  const previous = reading.items.findLast((other) => other.end <= item.start && other.start >= clause.start)
  const from = previous?.end ?? clause.start
  const gap = previous ? reading.text.slice(from, item.start) : ''
  if (previous && /^\s*(?:and|,|or|–|-|\/)\s*$/.test(gap)) return changeClaim(reading, previous)
  // "fell 4 points to 9%": the second is where it went
  if (previous && /^[\s\p{L}]{0,20}\s(?:to|from)\s+$/u.test(gap)) {
    const claim = changeClaim(reading, previous)
    return claim && { ...claim, isAmount: false }
  }
  return claimBefore(wordsBetween(reading, from, item.start))
}

/** Back from the number, over the rest of the same thought, to the nearest word of change. */
function claimBefore(words: readonly string[]): ChangeClaim | null {
  let isLevel: boolean | null = null
  let verbs = false
  for (const [steps, word] of words.toReversed().slice(0, 9).entries()) {
    const at = words.length - 1 - steps
    if (/^[,;:()–—]$/.test(word)) {
      // "Growth in EMEA: {F1}"
      const label = words.slice(0, at)
      const head = label.findLastIndex((other) => isOpen(other))
      const isLabel = word === ':' && head >= 0 && label.slice(head + 1).every((other) => calling.test(other))
      return isLabel ? { direction: 'open', isAmount: true, isGrowth: growthNoun.test(label[head] ?? '') } : null
    }
    const idiom = phrasal.test(`${words[at - 1] ?? ''} ${word}`)
    const direction = idiom
      ? null
      : upWord.test(word)
        ? 'up'
        : downWord.test(word)
          ? 'down'
          : changeWord.test(word)
            ? 'open'
            : null
    if (direction) {
      const isNoun =
        article.test(words[at - 1] ?? '') || direction === 'open' || /^(?:of|in)$/.test(words[at + 1] ?? '')
      const isGrowth = growthNoun.test(word) && words.slice(at + 1).every((other) => calling.test(other))
      return verbs && !isNoun ? null : { direction, isAmount: isLevel !== true, isGrowth }
    }
    if (isLevel === null && word.toLowerCase() === 'by') isLevel = false
    else if (isLevel === null && levelWord.test(word)) isLevel = true
    else if (isLevel === null && !degree.test(word)) isLevel = false
    verbs ||= otherVerb.test(word)
  }
  return null
}

const growthNoun = /^(?:growth|wachstum|croissance|crecimiento)$/i
/** What may stand between "growth" and the number that is called so; "*" is a name or a period. */
const calling = /^(?:of|was|is|were|at|in|for|reached|rate|a|an|the|about|nearly|only|just|over|\*)$/i

const isOpen = (word: string | undefined): boolean => word !== undefined && changeWord.test(word)

/** Words and marks of a stretch of text; a name or a period counts as one word. */
function wordsBetween(reading: Reading, from: number, to: number): string[] {
  const spans = [...reading.mentions, ...reading.periods].filter((span) => span.start >= from && span.end <= to)
  const words: string[] = []
  for (const match of reading.text.slice(from, to).matchAll(/[\p{L}’'-]+|[,;:()–—]/gu)) {
    const start = from + match.index
    const span = spans.find((other) => other.start <= start && start < other.end)
    if (!span) words.push(match[0])
    else if (span.start === start) words.push('*')
  }
  return words
}

const changeNamed = (view: FactView): boolean =>
  wordsOf(view.measure?.name ?? '').some((word) =>
    /^(?:growth|change|delta|diff|difference|yoy|qoq|mom|wow|increase|decrease|decline|trend|variance|vs)$/.test(word),
  )

/** Which way "grew from {F1} to {F2}" says it went, or null when two numbers are no such pair. */
export function saysMove(reading: Reading, from: Span, to: Span): 'up' | 'down' | null {
  const between = reading.text.slice(from.end, to.start)
  const clause = clauseOf(reading, from)
  const before = wordsBetween(reading, clause.start, from.start)
  const isPair = /\sto\s+(?:(?:about|around|only|just|nearly|over)\s+)?$/i.test(between) && !/[;.!?]/.test(between)
  if (!isPair || between.split(/\s+/).length > 9 || before.at(-1)?.toLowerCase() !== 'from') return null
  const word = before.toReversed().find((other) => upWord.test(other) || downWord.test(other))
  return word === undefined ? null : upWord.test(word) ? 'up' : 'down'
}

/** True when words of change stand anywhere in the clause: without them a bare "33 percent" is no growth. */
export function speaksOfChange(reading: Reading, item: Item): boolean {
  const clause = clauseOf(reading, item)
  const words = reading.text.slice(clause.start, clause.end).match(/[\p{L}-]+/gu) ?? []
  return words.some(
    (word) =>
      changeWord.test(word) ||
      afterUp.test(word) ||
      afterDown.test(word) ||
      afterOpen.test(word) ||
      comparing.test(word),
  )
}

const comparing =
  /^(?:yoy|qoq|mom|more|less|fewer|faster|slower|ahead|behind|difference|gap|lead|trails?|additional|extra|outs\p{L}+|contribut\p{L}+|drove|accounts?|versus|vs|than|year-over-year|quarter-over-quarter)$/iu

/** Null when what the words claim is what the fact tells. */
export function claimProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): ClaimProblem | null {
  return (
    kindProblem(reading, item, view) ??
    directionProblem(reading, item, view) ??
    measureProblem(reading, item, view, lexicon)
  )
}

const shareAfter =
  /^\s*(?:of\s+(?:the\s+|our\s+|all\s+|its\s+)?(?:total|overall|whole|all|entire|company|global|combined|grand)|share(?!\p{L})|der gesamt|du total|del total)/iu
const shareBefore =
  /(?:share of|accounts? for|accounted for|accounting for|makes? up|made up|represent(?:s|ed|ing)?|share is|share was|share:|anteil von)\s+(?:(?:a|an|about|around|nearly|almost|only|just|over|some|roughly)\s+)*$/i

function kindProblem(reading: Reading, item: Item, view: FactView): ClaimProblem | null {
  const { fact } = view
  const isPart = fact.kind === 'share' && /^\s+of\s/.test(reading.text.slice(item.end))
  const claim = isPart ? null : changeClaim(reading, item)
  const isChange = isStep(view) || changeNamed(view)
  if (fact.kind === 'contribution') return null
  if (
    claim?.isAmount &&
    !isChange &&
    (claim.direction !== 'open' || fact.kind === 'share' || claim.isGrowth === true) &&
    fact.kind !== 'count'
  )
    return 'wrong-kind'
  if (claim && !claim.isAmount && claim.direction !== 'open' && fact.kind === 'growth') return 'wrong-kind'
  const before = reading.text.slice(clauseOf(reading, item).start, item.start)
  const after = reading.text.slice(item.end, clauseOf(reading, item).end)
  const percentage = fact.unit.kind === 'ratio' || fact.unit.kind === 'percent'
  if (percentage && fact.kind === 'growth' && (shareAfter.test(after) || shareBefore.test(before))) return 'wrong-kind'
  if (!isChange && moreThan.test(after)) return 'wrong-kind'
  // "Total revenue was {F5}" with one region's revenue
  if (saysTotal(before) && isPartOfMany(view) && !namesPart(reading, item, view)) return 'wrong-kind'
  if (saysTotal(before) && fact.kind === 'average') return 'wrong-kind'
  if (saysAverage(before) && fact.kind === 'total') return 'wrong-kind'
  return null
}

/** "{F1} less than LATAM", "{F1} more orders than APAC": the number is a difference. */
const moreThan = /^\s*(?:less|more|fewer|higher|lower|greater|better|worse)\s+(?:\p{L}+\s+){0,2}than(?!\p{L})/iu

const links =
  '\\s*[:=(]?\\s*(?:(?:was|is|were|of|at|reached|hit|to|came to|stood at|amounted to|totaled|totalled|about|around|over|nearly|roughly)\\s+)*'
const totalSaid = new RegExp(
  `(?<!\\p{L})(?:total|overall|combined|company-?wide|grand total|altogether)(?:\\s+[\\p{L}-]+){0,3}${links}$`,
  'iu',
)
const totalOf = /(?:of|share of|in|part of)\s+(?:the\s+)?(?:total|overall|combined)\s+[^,]*(?:was|is|were|at)\s*$/iu
const averageSaid = new RegExp(`(?<!\\p{L})(?:average|mean)(?:\\s+[\\p{L}-]+){0,4}${links}$`, 'iu')
const saysTotal = (before: string): boolean =>
  totalSaid.test(before) && !totalOf.test(before) && !averageSaid.test(before)
const saysAverage = (before: string): boolean => averageSaid.test(before)

function isPartOfMany(view: FactView): boolean {
  if (!['cell', 'maximum', 'minimum', 'outlier'].includes(view.fact.kind)) return false
  if (/total|overall|sum/i.test(view.measure?.name ?? '') && view.profile?.table.rows.length === 1) return false
  return [...view.members].some(([column, keys]) => keys !== 'whole' && keys.length === 1 && view.choices.has(column))
}

function namesPart(reading: Reading, item: Item, view: FactView): boolean {
  const clause = clauseOf(reading, item)
  const keys = new Set([...view.members.values()].flatMap((members) => (members === 'whole' ? [] : members)))
  return reading.mentions.some(
    (mention) =>
      mention.kind === 'member' && keys.has(mention.key) && mention.start >= clause.start && mention.end <= clause.end,
  )
}

function directionProblem(reading: Reading, item: Item, view: FactView): ClaimProblem | null {
  const { value } = view
  if (!isStep(view) && !changeNamed(view)) return null
  if (view.fact.kind === 'contribution') return null
  if (isLead(view)) return leadProblem(reading, item, view)
  const claim = changeClaim(reading, item)
  if (!claim?.isAmount || claim.direction === 'open' || value === 0)
    return claim?.isAmount && value === 0 && claim.direction !== 'open' ? 'wrong-direction' : null
  return (claim.direction === 'up') === value > 0 ? null : 'wrong-direction'
}

/** A difference between two categories, not between two periods. */
const isLead = (view: FactView): boolean =>
  view.fact.kind === 'difference' && / ahead of /.test(view.fact.label) && view.periods.length < 2

const behind =
  /(?<!\p{L})(?:behind|trail(?:s|ed|ing)?|below|less than|lower than|fewer than|short of|lag(?:s|ged|ging)?|under)(?!\p{L})/iu
const ahead =
  /(?<!\p{L})(?:ahead|lead(?:s|ing)?|led|beat(?:s|ing)?|above|more than|higher than|outperform(?:s|ed|ing)?|outsold|tops?|topped|exceed(?:s|ed|ing)?|surpass(?:es|ed)?|over)(?!\p{L})/iu

/** "EMEA is {F1} ahead of APAC" names the leader first; "APAC trails EMEA by {F1}" last. */
function leadProblem(reading: Reading, item: Item, view: FactView): ClaimProblem | null {
  const clause = clauseOf(reading, item)
  const words = reading.text.slice(clause.start, clause.end)
  const members = reading.mentions.filter(
    (mention) => mention.kind === 'member' && mention.start >= clause.start && mention.end <= clause.end,
  )
  const [first, second] = members
  if (!first || !second || first.kind !== 'member') return null
  const leader = view.profile && view.fact.lineage.rows[0] !== undefined ? leaderKeys(view) : new Set<string>()
  const says = behind.test(words) ? 'behind' : ahead.test(words) ? 'ahead' : null
  if (says === null || leader.size === 0) return null
  return leader.has(first.key) === (says === 'ahead') ? null : 'wrong-direction'
}

function leaderKeys(view: FactView): Set<string> {
  const [row = -1] = view.fact.lineage.rows
  const cells = view.profile?.table.rows[row] ?? []
  return new Set(cells.flatMap((cell) => (cell === null ? [] : keyOf(cell))))
}

const linking =
  /^\s*(?:(?:for|in|from|of|by)\s+(?:the\s+)?[\p{L}\d ]{1,30}?\s*)?(?:(?:is|was|were|are|of|at|:|=|\(|reached|hit|totaled|totalled|came|stood|amounted|grew|rose|fell|dropped|declined|increased|decreased|climbed|jumped|slipped|up|down|to|by|about|around|nearly|over|only|just|has|have|had|also|sharply|slightly)\s*)+$/iu

/** "Orders were {F1}" with revenue, "{F1} customers" with orders: another measure's own word stands where this one's should. */
function measureProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): ClaimProblem | null {
  const name = view.measure?.name
  if (name === undefined) return null
  const own = new Set(wordsOf(`${name} ${view.measure?.label ?? ''}`).map(stem))
  const other = (word: string): boolean =>
    !own.has(stem(word)) &&
    !own.has(root(word)) &&
    [...lexicon.measureStems].some(
      ([measure, stems]) => measure !== name && (stems.has(stem(word)) || stems.has(root(word))),
    )
  const clause = clauseOf(reading, item)
  const rest = reading.text.slice(item.end, clause.end)
  // "{F1} of orders" names what a share is of; of a return rate it names what is returned
  const base = view.fact.kind === 'share' ? rest.replace(/^\s+of\s+(?:the\s+|our\s+|all\s+|total\s+)*/i, ' ') : rest
  const noun = nounAfter(base, 0)
  if (noun.some(other) && !noun.some((word) => own.has(stem(word)))) return 'wrong-measure'
  const before = reading.text.slice(clause.start, item.start)
  const words = [...before.matchAll(/\p{L}+/gu)]
  const last = words.findLast((word) => other(word[0]) || own.has(stem(word[0])))
  if (!last || own.has(stem(last[0])) || words.some((word) => isMeasureOf(own, word[0], lexicon, name))) return null
  const gap = before.slice(last.index + last[0].length)
  return linking.test(gap) || (isStep(view) && !/[,;:]/.test(gap)) ? 'wrong-measure' : null
}

/** "returned" and "returning" are about returns. */
const root = (word: string): string => stem(word).replace(/(?:ed|ing)$/, '')

const isMeasureOf = (own: ReadonlySet<string>, word: string, lexicon: Lexicon, name: string): boolean =>
  own.has(stem(word)) && (lexicon.measureStems.get(name)?.has(stem(word)) ?? false)
