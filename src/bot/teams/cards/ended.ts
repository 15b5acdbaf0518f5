import {
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
  return [
    ...(readings === '' ? [] : [small(readings)]),
    ...(shown.length > 0 ? [small(...shown.flatMap((each, index) => (index > 0 ? [run(' · '), each] : [each])))] : []),
  ]
}

/** Try again, the deck and its files, what it was computed with, and where else it can go. */
export function answerButtons(reply: Reply, result: ReplyResult, isPrivate: boolean, isCopy: boolean): CardElement[] {
  const { turnId } = reply
  const { deck, sql, status } = result
  // A menu that stands alone would hide the little there is.
  const aside = deck ? ({ mode: 'secondary' } as const) : {}
  const files = fileWords.map(([format, label]) =>
    linkButton(label, deck?.links[format] ?? '', inSight.has(format) ? {} : aside),
  )
  const publish = isPrivate && status === 'answered'
  return [
    ...buttons(
      result.canRetry && !isCopy
        ? button(reply, { name: 'retry', turnId }, retryWords(result), { style: 'positive' })
        : undefined,
      linkButton(deckWords, deck?.links['html'] ?? '', { style: 'positive' }),
      ...files,
      sql.length > 0 ? button(reply, { name: 'sql', turnId }, buttonWords.sql, aside) : undefined,
      linkButton(buttonWords.trace, reply.traceUrl, aside),
    ),
    ...(publish ? buttons(button(reply, { name: 'publish', turnId }, buttonWords.publish)) : []),
  ]
}

/** What could be asked next. Each stands alone, so that its words have the whole width. */
export function suggestionButtons(reply: Reply, { suggestions }: ReplyResult): CardElement[] {
  const asked = suggestions.flatMap((text, index) =>
    text === '' ? [] : buttons(button(reply, { name: 'ask', turnId: reply.turnId, index }, text)),
  )
  return asked.slice(0, mostSuggestions).map((each, at) => (at > 0 ? { ...each, spacing: 'small' as const } : each))
}

/** 👍 and 👎 for what is meant to be an answer. Teams' own stand under messages that are never edited only. */
export function feedbackButtons(reply: Reply, result: ReplyResult): CardElement[] {
  if (!canBeJudged(result)) return []
  const { turnId } = reply
  return buttons(
    ...feedbackWords.map(([rating, sign, words]) => ({
      ...button(reply, { name: 'feedback', turnId, rating }, sign),
      tooltip: words,
    })),
  )
}
