import { canBeJudged, noticeOf, withVisibleTexts } from '../../chat/reply-words.ts'
import { rowsShown } from '../../chat/table-part.ts'
import { clip, oneLine } from '../../chat/text.ts'
import type { Reply } from '../../reply.ts'
import { type AdaptiveCard, bytesOf, type CardElement, cardAttachment, cardOf, wide } from './card.ts'
import { line, paragraphs, run, small } from './elements.ts'
import { answerButtons, answerOf, factsOf, feedbackButtons, suggestionButtons, warningSign } from './ended.ts'
import { evidenceOf, noEvidence } from './evidence.ts'
import { headlineOf, tableOf } from './first-answer.ts'
import { limits } from './limits.ts'
import { escapeWithin } from './markdown.ts'
import { forPlayground } from './playground.ts'
import { planOf, queueOf, stepInWords, stopButton } from './progress.ts'
import { finishedSlides, growingSlides } from './slides.ts'

/**
 * A reply as Teams takes it: one card that says everything. Teams does not edit messages that have a text, too; only the
 * end of a stream has both, and then the words of the answer are its text.
 */
export interface ReplyActivity {
  readonly type: 'message'
  /** Markdown. */
  readonly text?: string
  readonly textFormat?: 'markdown'
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
  /** The message takes a text beside its card: the end of a stream does. */
  readonly hasText?: boolean
  /** The Playground breaks on what it does not know, such as dialogs. */
  readonly client?: 'teams' | 'playground'
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
  const { hasText = false, client = 'teams' } = where
  const said = hasText ? saidOf(reply, where, form) : undefined
  const asked = said === undefined && saysQuestion(where) ? askedBy(reply) : []
  const evidence = reply.result ? evidenceOf(reply.result) : noEvidence
  const withCard = (body: readonly CardElement[]): ReplyActivity => {
    const card = wide(cardOf([...asked, ...body]))
    return {
      type: 'message',
      ...(said === undefined ? {} : { text: `${said}${evidence.mark}`, textFormat: 'markdown' }),
      attachments: [cardAttachment(client === 'playground' ? forPlayground(card) : card)],
      entities: evidence.entities,
      channelData: hasText && reply.result && canBeJudged(reply.result) ? { feedbackLoop: { type: 'default' } } : {},
      summary: clip(oneLine(noticeOf(reply)), limits.summary),
    }
  }
  if (reply.phase === 'queued') return withCard(queueOf(reply))
  const isSaid = said !== undefined
  const parts = reply.phase === 'working' ? working(reply, form, isSaid) : ended(reply, where, form, isSaid)
  const { before, slides, after } = parts
  const body = (shown: readonly CardElement[]): CardElement[] => [...before, ...shown, ...after]
  const room = limits.activityBytes - bytesOf(withCard(body([])))
  const whole = body(slides(room))
  return withCard(whole.length > 0 ? whole : [small('Done.')])
}

/** The words of a reply for a text beside the card; undefined while there are none. */
function saidOf(reply: Reply, where: ReplyContext, form: Form): string | undefined {
  const words = reply.result?.answer || reply.firstAnswer?.headline
  if (!words) return undefined
  const asked = saysQuestion(where) && reply.question !== ''
  const question = asked ? `**${askedWords}** ${escapeWithin(oneLine(reply.question), longestQuestion)}\n\n` : ''
  const warning = reply.result?.status === 'failed' ? `${warningSign} ` : ''
  return `${question}${warning}${escapeWithin(words, longestAnswer[form])}`
}

function saysQuestion({ saysQuestion = false, isCopy = false }: ReplyContext): boolean {
  return saysQuestion || isCopy
}

/** A card in parts: the slides take what room the others leave. */
interface Parts {
  readonly before: readonly CardElement[]
  readonly slides: (room: number) => readonly CardElement[]
  readonly after: readonly CardElement[]
}

function working(reply: Reply, form: Form, isSaid: boolean): Parts {
  const { firstAnswer } = reply
  const headline = firstAnswer && !isSaid ? headlineOf(firstAnswer) : []
  const before = [...headline, ...(firstAnswer ? table(firstAnswer, rowsShown.alone, form) : [])]
  const hasPictures = form === 'full' && reply.slides.some(({ picture }) => picture !== '')
  const isBrief = before.length > 0 || hasPictures || form === 'plain'
  return {
    before,
    slides: (room) => (hasPictures ? growingSlides(reply, room) : []),
    after: [...(isBrief ? [stepInWords(reply)] : planOf(reply)), ...stopButton(reply)],
  }
}

function ended(reply: Reply, { isPrivate, isCopy = false }: ReplyContext, form: Form, isSaid: boolean): Parts {
  const { firstAnswer, result } = reply
  if (!result) return { before: paragraphs('Done.'), slides: () => [], after: [] }
  const hasSlides = result.status === 'answered' && reply.slides.length > 0
  return {
    before: [
      ...(isSaid ? [] : answerOf(result, longestAnswer[form])),
      ...(firstAnswer ? table(firstAnswer, hasSlides ? rowsShown.besideDeck : rowsShown.alone, form) : []),
    ],
    slides: (room) =>
      hasSlides && form !== 'plain' ? finishedSlides(reply, room, { pictures: form === 'full', menus: !isCopy }) : [],
    after: [
      ...factsOf(result),
      ...answerButtons(reply, result, isPrivate, isCopy),
      ...(isCopy ? [] : suggestionButtons(reply, result)),
      ...(isSaid || form === 'plain' ? [] : feedbackButtons(reply, result)),
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
