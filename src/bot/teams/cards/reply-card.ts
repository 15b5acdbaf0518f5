import { canBeJudged, noticeOf, withVisibleTexts } from '../../chat/reply-words.ts'
import { rowsShown } from '../../chat/table-part.ts'
import { clip, oneLine } from '../../chat/text.ts'
import type { Reply } from '../../reply.ts'
import { type AdaptiveCard, bytesOf, type CardElement, cardAttachment, cardOf } from './card.ts'
import { line, paragraphs, run, small } from './elements.ts'
import { answerButtons, factsOf, failureOf, suggestionButtons } from './ended.ts'
import { evidenceOf } from './evidence.ts'
import { headlineOf, tableOf } from './first-answer.ts'
import { limits } from './limits.ts'
import { escapeWithin } from './markdown.ts'
import { planOf, queueOf, stepInWords, stopButton } from './progress.ts'
import { finishedSlides, growingSlides } from './slides.ts'

/** A reply as Teams takes it. The words of an answer are the message's text; what text cannot show is its card. */
export interface ReplyActivity {
  readonly type: 'message'
  /** Markdown; '' where the card says everything. */
  readonly text: string
  readonly textFormat: 'markdown'
  readonly attachments: readonly { readonly contentType: string; readonly content: AdaptiveCard }[]
  readonly entities: readonly Readonly<Record<string, unknown>>[]
  readonly channelData: Readonly<Record<string, unknown>>
  /** For notifications; never empty. Plain. */
  readonly summary: string
}

/** From what looks best to what every client draws. */
export const forms = ['full', 'compact', 'plain'] as const
export type Form = (typeof forms)[number]

export interface ReplyContext {
  /** Only the person who asked sees the message. */
  readonly isPrivate: boolean
  /** It repeats an answer somewhere else: what would go on with the thread, such as changing slides, stays there. */
  readonly isCopy?: boolean
  /** Nobody wrote the question in the thread, such as where a button asked it: the reply says it. Copies always do. */
  readonly saysQuestion?: boolean
  /** The richest form to try (default `full`); a plainer one is taken when that would be too large. */
  readonly form?: Form
}

const longestQuestion = 300
const askedWords = 'Asked:'
/** Of the answer, escapes included. */
const longestAnswer: Readonly<Record<Form, number>> = { full: 6000, compact: 2900, plain: 2000 }

/** A reply as an activity, within all of Teams' limits whatever is in the reply. */
export function replyToActivity(given: Reply, where: ReplyContext): ReplyActivity {
  const reply = withVisibleTexts(given)
  const [best, ...plainer] = forms.slice(forms.indexOf(where.form ?? 'full'))
  let activity = compose(reply, where, best ?? 'plain')
  for (const form of plainer) {
    if (bytesOf(activity) <= limits.activityBytes) break
    activity = compose(reply, where, form)
  }
  return activity
}

function compose(reply: Reply, where: ReplyContext, form: Form): ReplyActivity {
  const saysQuestion = where.saysQuestion === true || where.isCopy === true
  const words = wordsOf(reply, form, saysQuestion)
  const asked = saysQuestion && words.text === '' ? askedBy(reply) : []
  const withCard = (body: readonly CardElement[]): ReplyActivity => ({
    type: 'message',
    textFormat: 'markdown',
    ...words,
    attachments: [cardAttachment(cardOf([...asked, ...body]))],
    summary: clip(oneLine(noticeOf(reply)), limits.summary),
  })
  if (reply.phase === 'queued') return withCard(queueOf(reply))
  const { before, slides, after } = reply.phase === 'working' ? working(reply, form) : ended(reply, where, form)
  const room = limits.activityBytes - bytesOf(withCard([...before, ...after]))
  const body = [...before, ...slides(room), ...after]
  return withCard(body.length > 0 ? body : [small('Done.')])
}

type Words = Pick<ReplyActivity, 'text' | 'entities' | 'channelData'>

/** What stands beside the card: of an answer its text, its source, and the thumbs under it. */
function wordsOf(reply: Reply, form: Form, saysQuestion: boolean): Words {
  const { phase, question, result } = reply
  if (phase !== 'ended' || !result || result.status === 'failed' || result.answer === '') {
    return { text: '', entities: [], channelData: {} }
  }
  const { mark, entities } = evidenceOf(result)
  const asked =
    saysQuestion && question !== '' ? `**${askedWords}** ${escapeWithin(oneLine(question), longestQuestion)}\n\n` : ''
  return {
    text: `${asked}${escapeWithin(result.answer, longestAnswer[form])}${mark}`,
    entities,
    channelData: canBeJudged(result) ? { feedbackLoop: { type: 'default' } } : {},
  }
}

/** A card in parts: the slides take what room the others leave. */
interface Parts {
  readonly before: readonly CardElement[]
  readonly slides: (room: number) => readonly CardElement[]
  readonly after: readonly CardElement[]
}

function working(reply: Reply, form: Form): Parts {
  const { firstAnswer } = reply
  const before = firstAnswer ? [...headlineOf(firstAnswer), ...table(firstAnswer, rowsShown.alone, form)] : []
  const hasPictures = form === 'full' && reply.slides.some(({ picture }) => picture !== '')
  const isBrief = before.length > 0 || hasPictures || form === 'plain'
  return {
    before,
    slides: (room) => (hasPictures ? growingSlides(reply, room) : []),
    after: [...(isBrief ? [stepInWords(reply)] : planOf(reply)), ...stopButton(reply)],
  }
}

function ended(reply: Reply, { isPrivate, isCopy = false }: ReplyContext, form: Form): Parts {
  const { firstAnswer, result } = reply
  if (!result) return { before: paragraphs('Done.'), slides: () => [], after: [] }
  const hasSlides = result.status === 'answered' && reply.slides.length > 0
  return {
    before: [
      ...(result.status === 'failed' ? failureOf(result, longestAnswer[form]) : []),
      ...(firstAnswer ? table(firstAnswer, hasSlides ? rowsShown.besideDeck : rowsShown.alone, form) : []),
    ],
    slides: (room) =>
      hasSlides && form !== 'plain' ? finishedSlides(reply, room, { pictures: form === 'full', menus: !isCopy }) : [],
    after: [
      ...factsOf(result),
      ...answerButtons(reply, result, isPrivate, isCopy),
      ...(isCopy ? [] : suggestionButtons(reply, result)),
    ],
  }
}

function table(answer: NonNullable<Reply['firstAnswer']>, mostRows: number, form: Form): CardElement[] {
  return form === 'plain' ? [] : tableOf(answer, mostRows)
}

/** What is wanted, for those who did not see it being asked. */
function askedBy({ question }: Reply): CardElement[] {
  if (question === '') return []
  const words = clip(oneLine(question), longestQuestion)
  return [
    line(run(`${askedWords} `, { size: 'small', weight: 'bolder' }), run(words, { size: 'small', isSubtle: true })),
  ]
}
