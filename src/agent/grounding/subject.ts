/** Is a fact about what the sentence is about? Members of categories, invented names, and periods. */
import { type Period, contains, samePeriod } from '../facts/periods.ts'
import { type Governor, governor, joint, rangeJoint } from './governor.ts'
import { type FactView, type Lexicon, keyOf } from './lexicon.ts'
import type { Mention } from './mentions.ts'
import { type Item, type PeriodMention, type Reading, clauseOf, sentenceOf } from './reading.ts'
import { type Span, within } from './sentences.ts'

export type SubjectProblem = 'unknown-name' | 'wrong-subject' | 'wrong-period'

/** Null when the fact may stand where the item stands. A fact about the whole stands beside a member only after a word such as "total". */
export function subjectProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): SubjectProblem | null {
  return (
    nameProblem(reading, item, view, lexicon) ??
    memberProblem(reading, item, view, lexicon) ??
    periodProblem(reading, item, view, lexicon)
  )
}

/** A name that is no member, where a member should be: "Atlantis made {F1}". */
function nameProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): SubjectProblem | null {
  const found = governor(reading, item, reading.mentions, joint)
  if (!found?.strict) return null
  for (const mention of [...found.group, ...found.also]) {
    if (mention.kind === 'unknown') return 'unknown-name'
    if (mention.kind !== 'outside') continue
    // The question names LATAM, the data does not: a fact about one member is not about LATAM
    const single = [...view.members].some(
      ([column, keys]) =>
        keys !== 'whole' && keys.length === 1 && view.choices.has(column) && !namesMember(reading, item, keys),
    )
    if (single || !lexicon.isAbout(view.fact.lineage.tableId, mention.text)) return 'wrong-subject'
  }
  return null
}

const namesMember = (reading: Reading, item: Item, keys: readonly string[]): boolean =>
  reading.mentions.some(
    (mention) => mention.kind === 'member' && keys.includes(mention.key) && within(mention, sentenceOf(reading, item)),
  )

function memberProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): SubjectProblem | null {
  const members = reading.mentions.filter((mention) => mention.kind === 'member')
  const columns = new Set(members.flatMap((mention) => [...mention.columns]))
  for (const column of columns) {
    const own = members.filter((mention) => mention.columns.has(column))
    const found = governor(reading, item, own, joint)
    if (!found) continue
    const about = view.members.get(column)
    if (about === undefined) {
      const elsewhere = found.group.some((mention) => [...mention.columns].some((other) => view.members.has(other)))
      const strange = found.group.some((mention) => !isFiltered(view, mention, lexicon))
      if (!elsewhere && strange && found.strict && !permitsWhole(reading, item, view, found.group))
        return 'wrong-subject'
    } else if (about === 'whole') {
      if (found.strict && !permitsWhole(reading, item, view, found.group)) return 'wrong-subject'
    } else if (!isAbout(reading, item, about, found, own)) return 'wrong-subject'
  }
  return null
}

const isFiltered = (view: FactView, mention: Mention, lexicon: Lexicon): boolean =>
  lexicon.isAbout(view.fact.lineage.tableId, mention.text)

type MemberMention = Mention & { readonly kind: 'member' }

function isAbout(
  reading: Reading,
  item: Item,
  about: readonly string[],
  found: Governor<MemberMention>,
  all: readonly MemberMention[],
): boolean {
  if (about.length > 1) {
    // About two or three: whoever stands next to the number must be among them
    const clause = clauseOf(reading, item)
    const here = all.filter((mention) => within(mention, clause))
    const alone =
      reading.items.filter((other) => within({ start: other.start, end: other.start + 1 }, clause)).length === 1
    const next = [
      here.findLast((mention) => mention.end <= item.start),
      here.find((mention) => mention.start >= item.end),
    ]
    return (
      (alone ? here : next).every((mention) => mention === undefined || about.includes(mention.key)) &&
      found.group.some((mention) => about.includes(mention.key))
    )
  }
  const [only = ''] = about
  const hit =
    found.group.some((mention) => mention.key === only) &&
    (found.group.length === 1 || found.group.every((mention) => mention.key === only))
  return hit || found.also.some((mention) => mention.key === only)
}

const wholeWords =
  /(?<!\p{L})(?:total|totals|overall|altogether|combined|company(?:-|\s)?wide|company|whole|entire|sum|grand|together|all|gesamt|insgesamt|group(?:-|\s)?wide|worldwide|global)(?!\p{L})/iu
const averageWords = /(?<!\p{L})(?:average|mean|typical|avg|durchschnitt|moyenne|promedio)(?!\p{L})/iu

/** "EMEA made 24% of the {F1} total": a word for the whole stands nearer to the number than the member, and is not the member's own. */
function permitsWhole(reading: Reading, item: Item, view: FactView, group: readonly Span[]): boolean {
  const { text } = reading
  const words = view.fact.kind === 'average' ? averageWords : wholeWords
  const after = /^\s+(?:\p{L}+\s+){0,1}?/u.exec(text.slice(item.end))
  if (after && words.test(/^\s+(?:\p{L}+\s+)?\p{L}+/u.exec(text.slice(item.end))?.[0] ?? '')) return true
  if (view.fact.kind === 'count' || view.fact.kind === 'missing') return countsNoun(reading, item, view)
  // "310 of 569": a part in front of its whole
  const part = reading.items.findLast((other) => other.end <= item.start)
  if (part && /^\s+(?:out\s+)?of\s+(?:(?:the|all)\s+)*$/i.test(text.slice(part.end, item.start))) return true
  const before = group.filter((mention) => mention.end <= item.start).at(-1)
  const from = Math.max(sentenceOf(reading, item).start, before?.end ?? 0)
  const gap = text.slice(from, item.start)
  const match = words.exec(gap)
  if (!match || gap.slice(match.index).split(/\s+/).length > 6) return false
  const own = before !== undefined && /^(?:'s|’s|['’])?\s*(?:'s|’s)?\s*$/.test(gap.slice(0, match.index))
  const following = group.find((mention) => mention.start >= item.end)
  return !own && following === undefined
}

/** "5 regions" for the number of regions. */
function countsNoun(reading: Reading, item: Item, view: FactView): boolean {
  const noun = /^\s+((?:\p{L}+\s+){0,2}\p{L}+)/u.exec(reading.text.slice(item.end))?.[1] ?? ''
  const label = keyOf(view.fact.label).split(' ')
  return noun
    .toLowerCase()
    .split(/\s+/)
    .some((word) => label.includes(word))
}

const sinceWord =
  /(?:since|from|vs\.?|versus|compared (?:to|with)|against|than|over|between|after|on|seit|gegenüber)\s+(?:the\s+)?$/i
const finer =
  /(?<!\p{L})(?:quarters?|quarterly|months?|monthly|weeks?|weekly|days?|daily|best|worst|peak(?:ed|s)?|highest|lowest|record|strongest|weakest|high|low|single|latest|last|final|first|Q[1-4])(?!\p{L})/iu
const yearOnYear =
  /(?<!\p{L})(?:year[ -]over[ -]year|year[ -]on[ -]year|yoy|y\/y|annual(?:ly)?|a year (?:earlier|ago|before)|prior year|previous year|last year)(?!\p{L})/iu

function periodProblem(reading: Reading, item: Item, view: FactView, lexicon: Lexicon): SubjectProblem | null {
  const found = governor(reading, item, reading.periods, rangeJoint)
  if (!found || found.loose || item.kind === 'period') return null
  const { periods } = view
  if (periods.length === 0) {
    const limits = lexicon.limits(view.fact.lineage.tableId)
    const related = (period: Period): boolean => limits.some((limit) => contains(period, limit))
    return !found.strict || limits.length === 0 || found.group.some((mention) => related(mention.period))
      ? null
      : 'wrong-period'
  }
  const clause = reading.text.slice(clauseOf(reading, item).start, clauseOf(reading, item).end)
  const candidates = [...found.group, ...found.also]
  // Several rows may share an extreme: any of their periods will do
  const shared = view.fact.kind === 'maximum' || view.fact.kind === 'minimum'
  const ok = isStep(view)
    ? matchesStep(reading, item, view, found, clause)
    : periods.length === 1 || shared
      ? periods.some((period) => matchesOne(view, period, found, clause))
      : matchesSpan(reading, item, view, found)
  if (ok) return null
  return !found.strict &&
    !candidates.some((mention) => periods.some((period) => contains(mention.period, period))) &&
    periods.length > 2
    ? null
    : 'wrong-period'
}

/** A change from one period to another, as against a sum over several. */
export const isStep = ({ fact }: FactView): boolean =>
  fact.kind === 'growth' || fact.kind === 'contribution' || fact.kind === 'difference'

const equal = (a: Period, b: Period): boolean => samePeriod(a, b) || (contains(a, b) && contains(b, a))

function matchesOne(view: FactView, period: Period, found: Governor<PeriodMention>, clause: string): boolean {
  return [...found.group, ...found.also].some((mention) => {
    if (equal(mention.period, period)) return true
    if (!contains(mention.period, period)) return false
    // "In 2023, the best quarter brought {Q4}" is fine; "2023 brought {Q4}" is not, unless there is no other quarter
    const inside = view.profile?.axis?.ordered.filter((other) => contains(mention.period, other)) ?? []
    return inside.length <= 1 || finer.test(clause)
  })
}

function matchesStep(
  reading: Reading,
  item: Item,
  view: FactView,
  found: Governor<PeriodMention>,
  clause: string,
): boolean {
  const [from, to] = [view.periods[0], view.periods.at(-1)]
  if (!from || !to) return true
  const isEnd = (period: Period): boolean => equal(period, to)
  const isStart = (period: Period): boolean => equal(period, from)
  if (found.group.length > 1) return found.group.every((mention) => isStart(mention.period) || isEnd(mention.period))
  // All periods of the clause that are as fine as the fact's own must be its ends: "grew {Q3 to Q4} from Q1 to Q4" is wrong
  const here = reading.periods.filter((mention) => within(mention, clauseOf(reading, item)))
  const items = reading.items.filter((other) =>
    within({ start: other.start, end: other.start + 1 }, clauseOf(reading, item)),
  )
  const strangers = here.filter(
    (mention) => mention.period.grain === to.grain && !isStart(mention.period) && !isEnd(mention.period),
  )
  if (items.length === 1 && strangers.length > 0) return false
  return found.group.some((mention) => {
    if (isEnd(mention.period)) return true
    if (isStart(mention.period))
      return (
        sinceWord.test(reading.text.slice(Math.max(0, mention.start - 20), mention.start)) ||
        here.some((other) => isEnd(other.period))
      )
    if (!contains(mention.period, to)) return false
    const inside = view.profile?.axis?.ordered.filter((other) => contains(mention.period, other)) ?? []
    if (contains(mention.period, from))
      return (
        finer.test(clause) ||
        (inside[0] !== undefined && samePeriod(inside[0], from) && samePeriod(inside.at(-1) ?? from, to))
      )
    return yearOnYear.test(clause) || finer.test(clause) || inside.length <= 1
  })
}

/** A fact over several periods: the mention must hold them all, or be the ends of their span. */
function matchesSpan(reading: Reading, item: Item, view: FactView, found: Governor<PeriodMention>): boolean {
  const [first, last] = [view.periods[0], view.periods.at(-1)]
  if (!first || !last) return true
  const mentions = found.group.map((mention) => mention.period)
  if (mentions.some((period) => view.periods.every((own) => contains(period, own)))) return true
  const begin = mentions.some((period) => equal(period, first) || contains(period, first))
  const end = mentions.some((period) => equal(period, last) || contains(period, last))
  if (begin && end && mentions.length > 1) return true
  const [mention] = found.group
  const before = mention ? reading.text.slice(Math.max(0, mention.start - 20), mention.start) : ''
  if (begin && sinceWord.test(before)) return true
  if (end && /(?:through|to|until|by|up to|bis)\s+$/i.test(before)) return true
  return permitsWhole(reading, item, view, found.group)
}
