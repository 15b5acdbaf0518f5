import { describeError, userMessageOf } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Chat } from '../chat/chat.ts'
import { turnIdAt } from '../chat/place.ts'
import { expired } from '../chat/pressed.ts'
import { isCopy } from '../chat/stored-reply.ts'
import type { Voice } from '../chat/voice.ts'
import type { PressAnswer, SubmissionAnswer, Window } from '../chat/window.ts'
import { cardAttachment } from './cards/card.ts'
import { sayToActivity } from './cards/say.ts'
import { windowToCard } from './cards/windows.ts'
import { cardMessage, dialogMessage, dialogWindow, done } from './invoke-answers.ts'
import { type PressedData, type SubmittedData, parsePressed, parseSubmitted } from './invokes.ts'
import type { MessageTurns } from './message-turns.ts'
import { isStranger, placeIn, rootInChannel, spotOf, userOf } from './places.ts'
import type { Topics } from './topics.ts'
import type { ConversationRef, InvokeAnswer, TeamsWire, VerifiedActivity } from './wire.ts'

export interface PressingDeps {
  readonly chat: Chat
  readonly topics: Topics
  readonly messageTurns: MessageTurns
  readonly wire: TeamsWire
  readonly voice: Voice
  readonly log: Logger
}

/**
 * Buttons of cards and filled-in windows, by the three ways in which they arrive. Never throws: Teams delivers none of
 * them again, so the person is told what went wrong.
 */
export interface Pressing {
  /** `adaptiveCard/action`: a button, or an inline form, of a card. `data`: of the button. */
  byCard(verified: VerifiedActivity, data: unknown): Promise<InvokeAnswer>
  /** `task/fetch` and `task/submit`: a dialog is, or will be, open. */
  byDialog(verified: VerifiedActivity, data: unknown): Promise<InvokeAnswer>
  /** A message that is a button of a card, or an inline form. False when it is neither. */
  byMessage(verified: VerifiedActivity): Promise<boolean>
}

type Answer = PressAnswer | SubmissionAnswer

const underWay = 'On it.'
const below = 'See the message below.'
const sent = 'Sent.'
const windowWithinMs = 10_000

export function createPressing({ chat, topics, messageTurns, wire, voice, log }: PressingDeps): Pressing {
  /** `undefined`: none of ours. */
  async function handle(verified: VerifiedActivity, data: unknown): Promise<{ readonly answer: Answer } | undefined> {
    const pressed = parsePressed(data)
    const submitted = parseSubmitted(data)
    if (!pressed && !submitted) return undefined
    try {
      return { answer: pressed ? await press(verified, pressed) : submitted && (await submit(verified, submitted)) }
    } catch (error) {
      log.warn({ error: describeError(error) }, 'A button in Teams did nothing')
      return { answer: { tell: userMessageOf(error) } }
    }
  }

  /**
   * Whether people of this conversation were shown the answer: it has its thread here, or the message is known as a copy.
   * What a button says is the word of whoever's client sends it, and ids of turns can be computed from those of questions.
   */
  async function isShownIn(ref: ConversationRef, messageId: string, turnId: string): Promise<boolean> {
    const reply = await chat.stored.find(turnId, ref.tenantId)
    if (!reply || !isCopy(reply, placeIn(ref, messageId))) return true
    return (await messageTurns.find(ref.conversationId, messageId)) === turnId
  }

  async function press(verified: VerifiedActivity, { action, root }: PressedData): Promise<PressAnswer> {
    const { activity, ref } = verified
    const place = placeIn(ref, activity.replyToId ?? activity.id ?? '')
    if (!(await isShownIn(ref, place.id, action.turnId))) return { tell: expired }
    const thread = placeIn(ref, rootInChannel(verified) ?? root)
    const answer = await chat.press({
      user: userOf(activity),
      action,
      place,
      root: thread,
      isStranger: isStranger(activity, ref),
      press: turnIdAt(placeIn(ref, activity.id ?? '')),
    })
    if (!answer && action.name !== 'stop' && action.name !== 'publish') await goOn(verified, root)
    return answer
  }

  /** Whatever the window says of where it was opened: it is where it was sent from. */
  async function submit(verified: VerifiedActivity, { kind, about, value }: SubmittedData): Promise<SubmissionAnswer> {
    const { activity, ref } = verified
    if (isStranger(activity, ref)) return undefined
    if (!(await isShownIn(ref, about.place.id, about.turnId))) return { error: expired }
    const answer = await chat.submit({
      tenant: ref.tenantId,
      user: userOf(activity),
      kind,
      about: {
        ...about,
        place: placeIn(ref, about.place.id),
        root: placeIn(ref, rootInChannel(verified) ?? about.root.id),
      },
      value,
      id: about.press ?? turnIdAt(placeIn(ref, activity.id ?? '')),
    })
    if (!answer && kind !== 'reason') await goOn(verified, about.root.id)
    return answer
  }

  /** What is written next in a chat is about what was just asked there. */
  async function goOn({ ref }: VerifiedActivity, topic: string): Promise<void> {
    if (ref.conversationType === 'channel') return
    const { tenant, channel } = placeIn(ref, topic)
    await topics.goOnIn(topic, tenant, channel)
  }

  /** A card of its own where no dialog can open. */
  function post({ ref }: VerifiedActivity, window: Window): void {
    chat.background.run('show a window', async () => {
      const card = cardAttachment(windowToCard(window, 'message'))
      await wire.send(ref, { type: 'message', attachments: [card] }, AbortSignal.timeout(windowWithinMs))
    })
  }

  /** A form that stood in the conversation goes when it is filled in, as a dialog does. */
  function putAway({ activity, ref }: VerifiedActivity): void {
    const { replyToId } = activity
    if (!replyToId) return
    chat.background.run('put a form away', async () => {
      const within = AbortSignal.timeout(windowWithinMs)
      try {
        await wire.remove(ref, replyToId, within)
      } catch {
        // Not every client lets messages be removed.
        await wire.update(ref, replyToId, sayToActivity(sent), within)
      }
    })
  }

  return {
    async byCard(verified, data) {
      const { answer } = (await handle(verified, data)) ?? {}
      if (parseSubmitted(data) && !(answer && 'error' in answer)) putAway(verified)
      if (!answer) return cardMessage(underWay)
      if ('window' in answer) {
        post(verified, answer.window)
        return cardMessage(below)
      }
      return cardMessage('tell' in answer ? answer.tell : answer.error)
    },
    async byDialog(verified, data) {
      const { answer } = (await handle(verified, data)) ?? {}
      if (!answer) return done
      if ('window' in answer) return dialogWindow(answer.window)
      return dialogMessage('tell' in answer ? answer.tell : answer.error)
    },
    async byMessage(verified) {
      const { activity } = verified
      const handled = await handle(verified, activity.value)
      if (!handled) return false
      const { answer } = handled
      if (parseSubmitted(activity.value) && !(answer && 'error' in answer)) putAway(verified)
      if (answer && 'window' in answer) post(verified, answer.window)
      else if (answer) {
        const words = 'tell' in answer ? answer.tell : answer.error
        chat.background.run('tell', () => voice.whisper(spotOf(verified), userOf(activity), words))
      }
      return true
    },
  }
}
