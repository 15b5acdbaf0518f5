/** Is a fact about what the sentence is about? Members of categories, invented names, and periods. */
import { type Period, contains, samePeriod } from '../facts/periods.ts'
import { type FactView, type Lexicon, keyOf } from './lexicon.ts'
import { type Item, type Mention, type PeriodMention, type Reading, clauseOf, sentenceOf } from './reading.ts'
import { type Span, within } from './sentences.ts'

export type SubjectProblem = 'unknown-name' | 'wrong-subject' | 'wrong-period'

/** The mention that a number belongs to, the others coordinated with it, and how sure that is. */
interface Governor<M extends Span> {
  /** One mention, or several joined as in "EMEA and APAC". */
  readonly group: readonly M[]
  /** False where the mention only follows somewhere: "Revenue reached $5M, led by EMEA". */
  readonly strict: boolean
  /** Another one that would do as well: the subject in "EMEA beat APAC with $5M". */
  readonly also: readonly M[]
  /** True where it already has its number and time has moved on: "{F1} in Q3, before dropping to {F2}". */
  readonly loose: boolean
}

const joint = /^\s*(?:,|,?\s*(?:and|&|und|et|y|or|plus|as well as)|\/|\+)\s*(?:the\s+)?$/i
const rangeJoint =
  /^\s*(?:to|and|&|–|—|-|vs\.?|versus|through|until|over|from|→|bis|und|compared (?:to|with)|against|\/)\s*(?:the\s+)?$/i
const attach =
  /(?:^|\s)(?:in|from|for|by|within|at|across|of|during|aus|für|im|en|pour|on)\s+(?:(?:the|full|all|fiscal|year|calendar)\s+)*$/i
const object =
  /(?:(?:^|\s)(?:beat|beats|beating|ahead of|than|versus|vs\.?|over|above|outperformed|outperforming|outsold|behind|below|trailed|trails|trailing|overtook|unlike|like|compared (?:to|with)|against|followed|excluding|except|outpaced|outpacing|exceeded|exceeds|surpassed|leads|led|tops|topped))\s+(?:the\s+)?$/i

/** Which mention governs a number. */
function governor<M extends Span>(
  reading: Reading,
  item: Item,
  mentions: readonly M[],
  joins: RegExp,
): Governor<M> | null {
  const { text } = reading
  const sentence = sentenceOf(reading, item)
  const clause = clauseOf(reading, item)
  let near = mentions.filter((mention) => within(mention, sentence))
  if (near.length === 0) near = carried(reading, item, mentions)
  if (near.length === 0) return null
  const groups = grouped(text, near, joins)
  const after = groups.find(([first]) => first !== undefined && first.start >= item.end)
  const before = groups.findLast((group) => (group.at(-1)?.end ?? Infinity) <= item.start)
  const plain = { strict: true, also: [], loose: false }
  if (after?.[0] && isAttached(reading, item, after[0], clause)) {
    return { ...plain, group: shareOut(reading, item, after, clause) }
  }
  if (before) {
    const first = before[0]
    const gap = text.slice(before.at(-1)?.end ?? 0, item.start)
    const isObject =
      first !== undefined && object.test(text.slice(Math.max(sentence.start, first.start - 24), first.start))
    const subject = groups.findLast((group) => (group.at(-1)?.end ?? Infinity) <= (first?.start ?? 0)) ?? []
    // "EMEA beat APAC: {F1} against {F2}"
    const both = isObject && /^\s*[:,(–-]/.test(gap) ? shareOut(reading, item, [...subject, ...before], clause) : []
    if (both.length === 1) return { ...plain, group: both }
    const direct = /^(?:'s|’s)?\s*(?:at|:|\(|=|–|-|['’]s)?\s*$/i.test(gap)
    const group = shareOut(reading, item, before, clause)
    return { group, strict: true, also: isObject && !direct ? subject : [], loose: movesOn(reading, item, before, gap) }
  }
  const gap = after?.[0] ? text.slice(item.end, after[0].start) : ''
  return after ? { ...plain, group: after, strict: /^,?\s*(?:the\s+)?$/.test(gap) } : null
}

const laterWord = /(?<!\p{L})(?:before|then|after|afterwards|later|subsequently|followed|previously)(?!\p{L})/iu
const earlierWord =
  /(?:from|than|versus|vs\.?|against|compared (?:to|with)|after|von|de)\s+(?:(?:about|around|only|just|nearly)\s+)?[(]?$/i

/** A period that came with another number governs the next one no longer when the words look back or go on. */
function movesOn(reading: Reading, item: Item, before: readonly Span[], gap: string): boolean {
  const mention = before.at(-1)
  const earlier = mention ? reading.items.findLast((other) => other.end <= mention.start) : undefined
  if (!mention || !earlier || !attach.test(reading.text.slice(earlier.end, before[0]?.start)))
    return earlierWord.test(gap) && /\d/.test(reading.text.slice(0, item.start))
  return laterWord.test(gap) || earlierWord.test(gap)
}

/** What "It" and "Their" at the start of a sentence speak of. */
function carried<M extends Span>(reading: Reading, item: Item, mentions: readonly M[]): M[] {
  const sentence = sentenceOf(reading, item)
  if (!/^(?:It|Its|They|Their|This|That|These|Sie|Es|Il|Elle)(?!\p{L})/u.test(reading.text.slice(sentence.start)))
    return []
  const before = reading.sentences.findLast((other) => other.end <= sentence.start)
  const last = before ? mentions.findLast((mention) => within(mention, before)) : undefined
  return last ? [last] : []
}

/** Mentions that are joined by nothing but "and" or a comma belong together. */
function grouped<M extends Span>(text: string, mentions: readonly M[], joins: RegExp): M[][] {
  const groups: M[][] = []
  for (const mention of mentions) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && mention.start >= last.end && joins.test(text.slice(last.end, mention.start)))
      group.push(mention)
    else groups.push([mention])
  }
  return groups
}

/** "{F1} in EMEA", "$5M of revenue came from EMEA", "12% (EMEA)". */
function isAttached(reading: Reading, item: Item, mention: Span, clause: Span): boolean {
  const gap = reading.text.slice(item.end, mention.start)
  if (!within(mention, clause) || reading.items.some((other) => other.start >= item.end && other.end <= mention.start))
    return false
  if (/^\s*\(?\s*$/.test(gap)) return true
  if (/[,;:.!?()]|\s(?:and|while|but|or)\s/.test(gap) || gap.split(/\s+/).length > 7) return false
  return (
    attach.test(gap) &&
    !/\s(?:ahead|short|outside|out|instead|because|on top|in front|in spite)\s+of\s+(?:the\s+)?$/i.test(gap)
  )
}

/** In "EMEA and APAC made {F1} and {F2}" each number has its own member. */
function shareOut<M extends Span>(reading: Reading, item: Item, group: readonly M[], clause: Span): readonly M[] {
  if (group.length < 2) return group
  const end = group.at(-1)?.end ?? 0
  const start = group[0]?.start ?? 0
  const sentence = sentenceOf(reading, item)
  const side = reading.items.filter(
    (other) =>
      within(other, sentence) &&
      (item.start >= end ? other.start >= end : other.end <= start) &&
      within({ start: other.start, end: other.start + 1 }, clause),
  )
  const own = group[side.indexOf(item)]
  return side.length === group.length && own ? [own] : group
}

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
    const next = [
      here.findLast((mention) => mention.end <= item.start),
      here.find((mention) => mention.start >= item.end),
    ]
    return (
      next.every((mention) => mention === undefined || about.includes(mention.key)) &&
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
  const ok =
    periods.length === 1
      ? matchesOne(view, periods[0], found, clause)
      : isStep(view)
        ? matchesStep(reading, item, view, found, clause)
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

function matchesOne(
  view: FactView,
  period: Period | undefined,
  found: Governor<PeriodMention>,
  clause: string,
): boolean {
  if (!period) return true
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
  if (begin && end) return true
  const [mention] = found.group
  const before = mention ? reading.text.slice(Math.max(0, mention.start - 20), mention.start) : ''
  if (begin && sinceWord.test(before)) return true
  if (end && /(?:through|to|until|by|up to|bis)\s+$/i.test(before)) return true
  return permitsWhole(reading, item, view, found.group)
}
