import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import { type Action, parseAction } from '../chat/action.ts'
import { About, type AskingKind, askingKinds } from '../chat/window.ts'

/** What a button, a dialog or a feedback form of ours sends back, whatever carries it. */

/** Data of a button. */
export interface PressedData {
  readonly action: Action
  /** Of the thread that the button's answer belongs to. */
  readonly root: string
}

/** Data of a filled-in window, the field with the name `value` included. */
export interface SubmittedData {
  readonly kind: AskingKind
  readonly about: About
  readonly value: string
}

const Rooted = z.looseObject({ root: z.string().min(1).max(200) })

/** Undefined when it is none of our buttons, or altered. */
export function parsePressed(data: unknown): PressedData | undefined {
  const action = parseAction(data)
  const root = Rooted.safeParse(data).data?.root
  return action && root !== undefined ? { action, root } : undefined
}

const Submitted = z.looseObject({
  deckhandWindow: z.enum(askingKinds),
  about: About,
  value: z.string().max(4000).default(''),
})

/** Undefined when it is none of our windows, or altered. */
export function parseSubmitted(data: unknown): SubmittedData | undefined {
  const { deckhandWindow: kind, about, value } = Submitted.safeParse(data).data ?? {}
  return kind && about && value !== undefined ? { kind, about, value } : undefined
}

const CardAction = z.looseObject({ action: z.looseObject({ data: z.unknown() }) })
const TaskData = z.looseObject({ data: z.unknown() })

/** `data` of the button behind `adaptiveCard/action`. */
export function cardActionData(value: unknown): unknown {
  return CardAction.safeParse(value).data?.action.data
}

/** `data` of `task/fetch` and `task/submit`. */
export function taskData(value: unknown): unknown {
  return TaskData.safeParse(value).data?.data
}

const Given = z.looseObject({
  actionName: z.literal('feedback'),
  actionValue: z.looseObject({ reaction: z.enum(['like', 'dislike']), feedback: z.unknown().optional() }),
})
const longestReason = 4000
const FeedbackText = z.looseObject({ feedbackText: z.string() })

/** What the thumbs under an answer say. Teams sends the words as JSON in a text, the playground as they are. */
export interface GivenFeedback {
  readonly rating: 'good' | 'bad'
  readonly reason: string
}

/** Undefined when it is no feedback. */
export function parseFeedback(value: unknown): GivenFeedback | undefined {
  const given = Given.safeParse(value).data?.actionValue
  if (!given) return undefined
  const { reaction, feedback } = given
  const text = typeof feedback === 'string' ? feedback : ''
  const words = FeedbackText.safeParse(parseJson(text)).data?.feedbackText ?? text
  return { rating: reaction === 'like' ? 'good' : 'bad', reason: words.trim().slice(0, longestReason) }
}
