import type { types } from '@slack/bolt'
import type { Reply, ReplyResult } from '../../reply.ts'
import { encodeAction } from '../actions.ts'
import { limits } from '../limits.ts'
import { clip, escapeWithin, linkTo } from '../mrkdwn.ts'
import { type Block, button, context, linkButton, markup, plain, row, words } from './elements.ts'

const longestReadings = 600
const mostSuggestions = 5
const fileLabels: readonly (readonly [format: string, label: string])[] = [
  ['pdf', 'PDF'],
  ['pptx', 'PowerPoint'],
  ['xlsx', 'Excel'],
  ['csv', 'CSV'],
]

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
  const readings = result.readings.filter(Boolean)
  const { numbers, timingsMs, costUsd } = result
  const figures = [
    escapeWithin(result.provenance, limits.section / 2),
    numbers.total > 0 ? `*${numbers.verified} of ${numbers.total} numbers verified*` : '',
    timingsMs.total > 0 ? duration(timingsMs.total) : '',
    costUsd > 0 ? cost(costUsd) : '',
    reply.traceUrl.length <= limits.section / 4 ? linkTo(reply.traceUrl, 'Trace') : '',
  ].filter(Boolean)
  return [
    ...(readings.length > 0 ? [context(clip(`Read as: ${readings.join('; ')}`, longestReadings))] : []),
    ...(figures.length > 0 ? [context(markup(figures.join(' · ')))] : []),
  ]
}

/** The deck and its files, what it was computed with, and where else it can go. */
export function deckButtons(reply: Reply, result: ReplyResult, isPrivate: boolean): Block[] {
  const { turnId } = reply
  const links = result.deck?.links ?? {}
  const files = fileLabels.map(([format, label]) => linkButton(format, label, links[format] ?? ''))
  return row([
    linkButton('html', 'Open deck', links['html'] ?? '', 'primary'),
    ...files,
    result.sql.length > 0 ? button({ name: 'sql', turnId }, 'SQL') : undefined,
    isPrivate && result.status === 'answered' ? button({ name: 'publish', turnId }, 'Post to channel') : undefined,
  ])
}

/** What to do next: try again, or ask on. */
export function nextButtons({ turnId }: Reply, result: ReplyResult): Block[] {
  const suggestions = result.suggestions.flatMap((text, index) =>
    text === '' ? [] : [button({ name: 'ask', turnId, index }, text)],
  )
  return row([
    result.canRetry
      ? button({ name: 'retry', turnId }, result.status === 'stopped' ? 'Ask again' : 'Try again', 'primary')
      : undefined,
    ...suggestions.slice(0, mostSuggestions),
  ])
}

/** 👍 and 👎 for what is meant to be an answer. */
export function feedbackOf({ turnId }: Reply, result: ReplyResult): Block[] {
  if (result.traceId === '' || (result.status !== 'answered' && result.status !== 'refused')) return []
  const good = encodeAction({ name: 'feedback', turnId, rating: 'good' })
  const bad = encodeAction({ name: 'feedback', turnId, rating: 'bad' })
  return [
    {
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: good.action_id,
          positive_button: { text: plain('Good answer', limits.buttonText), value: good.value },
          negative_button: { text: plain('Bad answer', limits.buttonText), value: bad.value },
        },
      ],
    },
  ]
}

function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  return `${Math.round(seconds / 60)} min`
}

function cost(usd: number): string {
  return usd < 0.01 ? 'less than 1 ¢' : `$${usd.toFixed(2)}`
}
