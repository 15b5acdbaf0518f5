import type { Reply, ReplyResult } from '../reply.ts'
import type { SlideCommand } from './action.ts'
import { clip, oneLine, visible } from './text.ts'

/** What a reply says on every platform, as texts without markup. */

type Step = Reply['steps'][number]
type Slide = Reply['slides'][number]

const longestStep = { title: 150, detail: 200 } as const
const longestReadings = 600

/** The words on buttons. */
export const buttonWords = {
  stop: 'Stop',
  cancel: 'Cancel',
  sql: 'SQL',
  publish: 'Post to channel',
  trace: 'Trace',
} as const

/** A deck's files in the order of their buttons: the key of the link, and what its button says. */
export const fileWords: readonly (readonly [format: string, label: string])[] = [
  ['pdf', 'PDF'],
  ['pptx', 'PowerPoint'],
  ['xlsx', 'Excel'],
  ['csv', 'CSV'],
]
export const deckWords = 'Open deck'

/** The deck that an answer leads to. Beside a failure, or a question back, that of an earlier answer would look like it. */
export function deckOf({ status, deck }: ReplyResult): ReplyResult['deck'] {
  return status === 'answered' ? deck : undefined
}

export const slideCommandWords: Readonly<Record<SlideCommand, string>> = {
  edit: 'Edit this slide…',
  chart: 'Change the chart…',
  drop: 'Drop this slide',
  why: 'Why these numbers?',
}

export const planTitle = 'Working on your question'

/** Why nothing happens yet: what is important of it, and the rest. */
export function queueWords({ ahead }: Reply): readonly [strong: string, rest: string] {
  const others = ahead === 1 ? 'one earlier message' : `${ahead} earlier messages`
  return ['In line', ` behind ${others} of this thread.`]
}

/** Such as "Asking Genie · running the query". */
export function currentStep(reply: Reply): string {
  const step = runningStep(reply) ?? reply.steps.find(({ state }) => state === 'pending')
  return step ? stepWords(step) : 'Getting started'
}

/** The step being done; of several the one that began last. */
export function runningStep({ steps }: Reply): Step | undefined {
  return steps.findLast(({ state }) => state === 'running')
}

export function stepWords({ title, detail }: Step): string {
  const what = clip(title, longestStep.title)
  const how = clip(oneLine(detail), longestStep.detail)
  return [what, how].filter(Boolean).join(' · ') || 'Working'
}

/** Such as "3  ·  EMEA leads". */
export function slideTitle({ index, title }: Slide): string {
  return [`${index + 1}`, title].filter(Boolean).join('  ·  ')
}

/** For who cannot see the picture. */
export function slideAlt({ index, title }: Slide): string {
  return [`Slide ${index + 1}`, title].filter(Boolean).join(': ')
}

/** How the question was read; '' when that is not known. */
export function readingsLine({ readings }: ReplyResult): string {
  const known = readings.filter(Boolean)
  return known.length > 0 ? clip(`Read as: ${known.join('; ')}`, longestReadings) : ''
}

/** How far an answer can be trusted, and what it took: '' for what is not known. */
export function figuresOf({ numbers, timingsMs, costUsd }: ReplyResult): {
  readonly verified: string
  readonly duration: string
  readonly cost: string
} {
  return {
    verified: numbers.total > 0 ? `${numbers.verified} of ${numbers.total} numbers verified` : '',
    duration: timingsMs.total > 0 ? durationInWords(timingsMs.total) : '',
    cost: costUsd > 0 ? costInWords(costUsd) : '',
  }
}

/** The opinions that are asked for. */
export const feedbackWords = { good: 'Good answer', bad: 'Bad answer' } as const

/** 👍 and 👎 are for what is meant to be an answer. */
export function canBeJudged({ traceId, status }: ReplyResult): boolean {
  return traceId !== '' && (status === 'answered' || status === 'refused')
}

/** On the button that asks the same again. */
export function retryWords({ status }: ReplyResult): string {
  return status === 'stopped' ? 'Ask again' : 'Try again'
}

/** What a notification says of a reply. */
export function noticeOf(reply: Reply): string {
  const said = reply.result?.answer || reply.firstAnswer?.headline
  return said || (reply.phase === 'queued' ? 'In line' : reply.result ? 'Done' : `${currentStep(reply)} …`)
}

/** The reply with its texts trimmed, so that what looks empty is empty. */
export function withVisibleTexts(reply: Reply): Reply {
  const clean = (_: string, value: unknown): unknown => (typeof value === 'string' ? visible(value).trim() : value)
  return JSON.parse(JSON.stringify(reply), clean) as Reply // only texts have changed
}

function durationInWords(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  return `${Math.round(seconds / 60)} min`
}

function costInWords(usd: number): string {
  return usd < 0.01 ? 'less than 1 ¢' : `$${usd.toFixed(2)}`
}
