import { noticeOf, withVisibleTexts } from '../chat/reply-words.ts'
import { rowsShown } from '../chat/table-part.ts'
import type { Reply } from '../reply.ts'
import { type Block, context, section } from './blocks/elements.ts'
import { answerOf, deckButtons, factsOf, feedbackOf, nextButtons } from './blocks/ended.ts'
import { fixedWidthTable, headlineOf, tableOf } from './blocks/first-answer.ts'
import { askedBy } from './blocks/question.ts'
import { planOf, queueOf, stepInWords, stepsInWords, stopButton } from './blocks/progress.ts'
import { finishedSlides, growingSlides } from './blocks/slides.ts'
import { limits } from './limits.ts'
import { escapeWithin } from './mrkdwn.ts'

/** What `chat.postMessage` and `chat.update` take. `text` is for notifications and screen readers. */
export interface SlackMessage {
  readonly text: string
  readonly blocks: Block[]
}

/** From what looks best to what no workspace has ever refused. */
export const forms = ['full', 'compact', 'plain'] as const
export type Form = (typeof forms)[number]

export interface MessageContext {
  /** Only the person who asked sees the message. */
  readonly isPrivate: boolean
  /** It repeats an answer somewhere else: what would go on with the thread, such as changing slides, stays there. */
  readonly isCopy?: boolean
  /** Nobody wrote the question in the thread, such as where a button asked it: the reply says it. Copies always do. */
  readonly saysQuestion?: boolean
  /** The richest form to try (default `full`); a plainer one is taken when that would be too large. */
  readonly form?: Form
}

const longestAnswer: Readonly<Record<Form, number>> = { full: 6000, compact: 2900, plain: 2000 }

/** A reply as a Slack message, within all of Slack's limits whatever is in the reply. */
export function replyToMessage(given: Reply, where: MessageContext): SlackMessage {
  const reply = withVisibleTexts(given)
  const [best, ...plainer] = forms.slice(forms.indexOf(where.form ?? 'full'))
  let blocks = compose(reply, where, best ?? 'plain')
  for (const form of plainer) {
    if (blocks.length <= limits.blocks && textOf(blocks) <= limits.blocksText) break
    blocks = compose(reply, where, form)
  }
  return { text: escapeWithin(noticeOf(reply), limits.section), blocks }
}

function compose(reply: Reply, where: MessageContext, form: Form): Block[] {
  const question = where.saysQuestion || where.isCopy ? askedBy(reply) : []
  const room = limits.blocks - question.length
  if (reply.phase === 'queued') return [...question, ...queueOf(reply)]
  return [...question, ...(reply.phase === 'working' ? working(reply, form, room) : ended(reply, where, form, room))]
}

function working(reply: Reply, form: Form, room: number): Block[] {
  const { firstAnswer } = reply
  const before = firstAnswer ? [...headlineOf(firstAnswer), ...table(firstAnswer, rowsShown.alone, form)] : []
  const hasPictures = form === 'full' && reply.slides.some(({ picture }) => picture !== '')
  const after = [...progress(reply, form, before.length > 0 || hasPictures), ...stopButton(reply)]
  const slides = hasPictures ? growingSlides(reply, room - before.length - after.length) : []
  return [...before, ...slides, ...after]
}

function progress(reply: Reply, form: Form, isBrief: boolean): Block[] {
  if (isBrief || form === 'plain') return [stepInWords(reply)]
  return form === 'full' ? planOf(reply) : stepsInWords(reply)
}

function ended(reply: Reply, { isPrivate, isCopy = false }: MessageContext, form: Form, whole: number): Block[] {
  const { firstAnswer, result } = reply
  if (!result) return [section('Done.')]
  const hasSlides = result.status === 'answered' && reply.slides.length > 0
  const before = [
    ...answerOf(result, longestAnswer[form]),
    ...(firstAnswer ? table(firstAnswer, hasSlides ? rowsShown.besideDeck : rowsShown.alone, form) : []),
  ]
  const after = [
    ...factsOf(reply, result),
    ...deckButtons(reply, result, isPrivate),
    ...(isCopy ? [] : nextButtons(reply, result)),
    ...(form === 'full' ? feedbackOf(reply, result) : []),
  ]
  const room = whole - before.length - after.length
  const slides =
    hasSlides && form !== 'plain' ? finishedSlides(reply, room, { pictures: form === 'full', menus: !isCopy }) : []
  const all = [...before, ...slides, ...after]
  return all.length > 0 ? all : [context('Done.')]
}

function table(answer: NonNullable<Reply['firstAnswer']>, mostRows: number, form: Form): Block[] {
  if (form === 'plain') return []
  return form === 'full' ? tableOf(answer, mostRows) : fixedWidthTable(answer, mostRows)
}

/** Characters of all texts in it: what Slack adds up, as far as known. */
function textOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textOf(item), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [name, field]) => sum + (typeof field === 'string' && name === 'text' ? field.length : textOf(field)),
    0,
  )
}
