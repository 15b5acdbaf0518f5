/** Which of several names or periods in a sentence a number belongs to. */
import { type Item, type Reading, clauseOf, sentenceOf } from './reading.ts'
import { type Span, within } from './sentences.ts'

/** The mention that a number belongs to, the others coordinated with it, and how sure that is. */
export interface Governor<M extends Span> {
  /** One mention, or several joined as in "EMEA and APAC". */
  readonly group: readonly M[]
  /** False where the mention only follows somewhere: "Revenue reached $5M, led by EMEA". */
  readonly strict: boolean
  /** Another one that would do as well: the subject in "EMEA beat APAC with $5M". */
  readonly also: readonly M[]
  /** True where it already has its number and time has moved on: "{F1} in Q3, before dropping to {F2}". */
  readonly loose: boolean
}

export const joint = /^\s*(?:,|,?\s*(?:and|&|und|et|y|or|plus|as well as)|\/|\+)\s*(?:the\s+)?$/i
export const rangeJoint =
  /^\s*(?:to|and|&|–|—|-|vs\.?|versus|through|until|over|from|→|bis|und|compared (?:to|with)|against|\/)\s*(?:the\s+)?$/i
const attach =
  /(?:^|\s)(?:in|from|for|by|within|at|across|of|during|aus|für|im|en|pour|on)\s+(?:(?:the|full|all|fiscal|year|calendar)\s+)*$/i
const object =
  /(?:(?:^|\s)(?:beat|beats|beating|ahead of|than|versus|vs\.?|over|above|outperformed|outperforming|outsold|behind|below|trailed|trails|trailing|overtook|unlike|like|compared (?:to|with)|against|followed|excluding|except|outpaced|outpacing|exceeded|exceeds|surpassed|leads|led|tops|topped))\s+(?:the\s+)?$/i

/** Which mention governs a number. */
export function governor<M extends Span>(
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

const laterWord =
  /(?<!\p{L})(?:before|then|after|afterwards|later|subsequently|followed|previously|today|now|currently|latest)(?!\p{L})/iu
const earlierWord =
  /(?:from|than|versus|vs\.?|against|compared (?:to|with)|after|von|de)\s+(?:(?:about|around|only|just|nearly)\s+)?[(]?$/i

/** A period that came with another number governs the next one no longer when the words look back or go on. */
function movesOn(reading: Reading, item: Item, before: readonly Span[], gap: string): boolean {
  if (agoAfter.test(reading.text.slice(item.end))) return true
  const mention = before.at(-1)
  const earlier = mention ? reading.items.findLast((other) => other.end <= mention.start) : undefined
  const hasOwn = mention && earlier && attach.test(reading.text.slice(earlier.end, before[0]?.start))
  if (hasOwn) return laterWord.test(gap) || earlierWord.test(gap)
  return earlierWord.test(gap) && /\d/.test(reading.text.slice(0, item.start))
}

/** "{F1} the year before". */
const agoAfter =
  /^\s*(?:in\s+|for\s+)?(?:(?:the|a|one)\s+)?(?:(?:previous|prior|last)\s+(?:year|quarter|month|week)|(?:year|quarter|month|week)\s+(?:before|earlier|ago|prior))(?!\p{L})/iu

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
