import type { types } from '@slack/bolt'
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
import { encodeAction } from '../actions.ts'
import { limits } from '../limits.ts'
import { escapeWithin, linkTo } from '../mrkdwn.ts'
import { type Block, button, context, linkButton, markup, plain, row, words } from './elements.ts'

const mostSuggestions = 5

/** What was found, or what came between; a failure is seen before it is read. */
export function answerOf({ status, answer }: ReplyResult, most: number): Block[] {
  const text = clip(answer, most)
  if (status !== 'failed') return text === '' ? [] : [words(text)]
  const elements: types.RichTextElement[] = [
    { type: 'emoji', name: 'warning' },
    { type: 'text', text: ` ${text}` },
  ]
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }]
}

/** How it was read, where it is from, and how far it can be trusted: two grey lines at most. */
export function factsOf(reply: Reply, result: ReplyResult): Block[] {
  const readings = readingsLine(result)
  const { verified, duration, cost } = figuresOf(result)
  const figures = [
    escapeWithin(result.provenance, limits.section / 2),
    verified === '' ? '' : `*${verified}*`,
    duration,
    cost,
    reply.traceUrl.length <= limits.section / 4 ? linkTo(reply.traceUrl, buttonWords.trace) : '',
  ].filter(Boolean)
  return [
    ...(readings === '' ? [] : [context(readings)]),
    ...(figures.length > 0 ? [context(markup(figures.join(' · ')))] : []),
  ]
}

/** The deck and its files, what it was computed with, and where else it can go. */
export function deckButtons(reply: Reply, result: ReplyResult, isPrivate: boolean): Block[] {
  const { turnId } = reply
  const links = deckOf(result)?.links ?? {}
  const files = fileWords.map(([format, label]) => linkButton(format, label, links[format] ?? ''))
  return row([
    linkButton('html', deckWords, links['html'] ?? '', 'primary'),
    ...files,
    result.sql.length > 0 ? button({ name: 'sql', turnId }, buttonWords.sql) : undefined,
    isPrivate && result.status === 'answered' ? button({ name: 'publish', turnId }, buttonWords.publish) : undefined,
  ])
}

/** What to do next: try again, or ask on. */
export function nextButtons({ turnId }: Reply, result: ReplyResult): Block[] {
  const suggestions = result.suggestions.flatMap((text, index) =>
    text === '' ? [] : [button({ name: 'ask', turnId, index }, text)],
  )
  return row([
    result.canRetry ? button({ name: 'retry', turnId }, retryWords(result), 'primary') : undefined,
    ...suggestions.slice(0, mostSuggestions),
  ])
}

/** 👍 and 👎 for what is meant to be an answer. */
export function feedbackOf({ turnId }: Reply, result: ReplyResult): Block[] {
  if (!canBeJudged(result)) return []
  const good = encodeAction({ name: 'feedback', turnId, rating: 'good' })
  const bad = encodeAction({ name: 'feedback', turnId, rating: 'bad' })
  return [
    {
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: good.action_id,
          positive_button: { text: plain(feedbackWords.good, limits.buttonText), value: good.value },
          negative_button: { text: plain(feedbackWords.bad, limits.buttonText), value: bad.value },
        },
      ],
    },
  ]
}
