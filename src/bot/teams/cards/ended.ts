import {
  deckOf,
  buttonWords,
  canBeJudged,
  deckWords,
  feedbackWords,
  figuresOf,
  fileWords,
  readingsLine,
  retryWords,
} from '../../chat/reply-words.ts'
import { clip } from '../../chat/text.ts'
import type { Reply, ReplyResult } from '../../reply.ts'
import type { CardElement } from './card.ts'
import { button, buttons, linkButton, paragraphs, run, small } from './elements.ts'

const mostSuggestions = 5
const longestProvenance = 600
/** Files that most people want; the others stand in the menu beside them. */
const inSight = new Set(['pdf', 'pptx'])

export const warningSign = '⚠'

/** What was found, or what came between; a failure is seen before it is read. */
export function answerOf({ answer, status }: ReplyResult, most: number): CardElement[] {
  const words = paragraphs(clip(answer, most))
  const [first, ...others] = words
  if (!first || status !== 'failed') return words
  const mark = run(`${warningSign} `, { weight: 'bolder' })
  return [{ type: 'Container', style: 'warning', items: [{ ...first, inlines: [mark, ...first.inlines] }, ...others] }]
}

/** How it was read, where it is from, and how far it can be trusted: two grey lines at most. */
export function factsOf(result: ReplyResult): CardElement[] {
  const readings = readingsLine(result)
  const { verified, duration, cost } = figuresOf(result)
  const figures = [
    run(clip(result.provenance, longestProvenance)),
    run(verified, { weight: 'bolder' }),
    run(duration),
    run(cost),
  ]
  const known = [result.provenance, verified, duration, cost].map((text) => text !== '')
  const shown = figures.filter((_, index) => known[index])
  const lines = [
    ...(readings === '' ? [] : [small(readings)]),
    ...(shown.length > 0 ? [small(...shown.flatMap((each, index) => (index > 0 ? [run(' · '), each] : [each])))] : []),
  ]
  return lines.map((each, index) => (index === 0 ? { ...each, separator: true, spacing: 'medium' } : each))
}

/** Try again, the deck and where else it can go, then its files and what it was computed with: two rows, for phones. */
export function answerButtons(reply: Reply, result: ReplyResult, isPrivate: boolean, isCopy: boolean): CardElement[] {
  const { turnId } = reply
  const { canRetry, sql, status } = result
  const deck = deckOf(result)
  const firm = { style: 'positive' } as const
  const aside = deck ? ({ mode: 'secondary' } as const) : {} // a menu that stands alone would hide the little there is
  const begin = [
    canRetry && !isCopy ? button(reply, { name: 'retry', turnId }, retryWords(result), firm) : undefined,
    linkButton(deckWords, deck?.links['html'] ?? '', firm),
    isPrivate && status === 'answered' ? button(reply, { name: 'publish', turnId }, buttonWords.publish) : undefined,
  ]
  const evidence = [
    sql.length > 0 ? button(reply, { name: 'sql', turnId }, buttonWords.sql, aside) : undefined,
    linkButton(buttonWords.trace, reply.traceUrl, aside),
  ]
  if (!deck) return buttons(...begin, ...evidence)
  const files = fileWords.map(([format, label]) =>
    linkButton(label, deck.links[format] ?? '', inSight.has(format) ? {} : aside),
  )
  const rows = [...buttons(...begin), ...buttons(...files, ...evidence)]
  return rows.map((each, at) => ({ ...each, spacing: at > 0 ? 'small' : 'default' }))
}

/** What could be asked next. Each stands alone, so that its words have the whole width. */
export function suggestionButtons(reply: Reply, { suggestions }: ReplyResult): CardElement[] {
  const asked = suggestions.flatMap((text, index) =>
    text === '' ? [] : buttons(button(reply, { name: 'ask', turnId: reply.turnId, index }, text)),
  )
  return asked.slice(0, mostSuggestions).map((each, at) => ({ ...each, spacing: at > 0 ? 'small' : 'medium' }))
}

/** Asks for an opinion on what is meant to be an answer. Teams' own buttons for that stand under its streams only. */
export function feedbackButtons(reply: Reply, result: ReplyResult): CardElement[] {
  if (!canBeJudged(result)) return []
  const opinion = (rating: 'good' | 'bad') =>
    button(reply, { name: 'feedback', turnId: reply.turnId, rating }, feedbackWords[rating])
  return buttons(opinion('good'), opinion('bad')).map((each) => ({ ...each, separator: true, spacing: 'medium' }))
}
