import { untilAborted } from '../../lib/abort.ts'
import type { Logger } from '../../lib/log.ts'
import { PortError, type PostedMessage } from '../chat-port.ts'
import { isWritten } from '../chat/origin.ts'
import type { Background } from '../chat/background.ts'
import type { Spot } from '../chat/place.ts'
import type { PublishingPort } from '../chat/publishing-port.ts'
import { currentStep } from '../chat/reply-words.ts'
import type { IncomingMessage } from '../message.ts'
import type { Reply } from '../reply.ts'
import { decodeThreadId } from '../thread.ts'
import { forms, type ReplyActivity, replyToActivity, type ReplyContext } from './cards/reply-card.ts'
import { goneError } from './errors.ts'
import type { FileOffers } from './file-offers.ts'
import { pace } from './limits.ts'
import type { MessageTurns } from './message-turns.ts'
import type { Pictures } from './pictures.ts'
import { inChain, type References } from './references.ts'
import { sendingMs, type SentNotes } from './sent-notes.ts'
import type { Streams } from './streams.ts'
import type { BudgetedWire } from './teams-wire.ts'
import type { ConversationRef, OutgoingActivity } from './wire.ts'

export interface TeamsPortDeps {
  readonly wire: BudgetedWire
  readonly references: References
  readonly streams: Streams
  readonly notes: SentNotes
  readonly messageTurns: MessageTurns
  readonly pictures: Pictures
  readonly files: FileOffers
  readonly background: Background
  readonly log: Logger
  /** The Playground knows no dialogs and no consent to files, and makes two messages of a text with a card. */
  readonly client?: 'teams' | 'playground'
}

/** Files that Teams can take into a person's OneDrive; the others are behind links. */
const offeredFormats: ReadonlySet<string> = new Set(['pdf', 'pptx'])

/**
 * Replies in Teams: in a channel's reply chain, in a group chat, or in a personal chat, where they begin as a stream. A
 * posted message is its activity id; one that began as a stream has `stream:` in front, since Teams may have no message
 * of it yet.
 */
export function createTeamsPort(deps: TeamsPortDeps): PublishingPort {
  const { wire, references, streams, notes, messageTurns, pictures, files, background, log, client = 'teams' } = deps

  async function refAt(tenant: string, channel: string, root: string | undefined): Promise<ConversationRef> {
    const ref = await references.find(tenant, channel)
    if (!ref) throw goneError(`No conversation "${channel}" of tenant "${tenant}" is known, or the app was taken out`)
    return root === undefined ? ref : inChain(ref, root)
  }

  function refOf({ thread }: IncomingMessage): Promise<ConversationRef> {
    const { tenant, channel, root } = decodeThreadId(thread)
    return refAt(tenant, channel, root)
  }

  /** Sends the richest form that Teams takes. @throws PortError when it takes none */
  async function sendReply<T>(
    reply: Reply,
    where: Omit<ReplyContext, 'form'>,
    send: (activity: ReplyActivity) => Promise<T>,
  ): Promise<T> {
    let refusal: unknown
    for (const form of forms) {
      try {
        return await send(replyToActivity(pictures.withAddresses(reply), { ...where, client, form }))
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'refused') throw error
        log.warn({ turn: reply.turnId, form, error: error.message }, 'Teams does not take the reply in this form')
        refusal = error
      }
    }
    throw refusal
  }

  async function postReply(message: IncomingMessage, reply: Reply, signal: AbortSignal): Promise<PostedMessage> {
    const ref = await refOf(message)
    await notes.begin(message.id)
    const posted = await begin(ref, message, reply, signal).catch(async (error: unknown) => {
      // Refused, or nobody will ever know: either way no id is to be waited for.
      await notes.clear(message.id)
      throw error
    })
    await notes.set(message.id, posted)
    await messageTurns.set(ref.conversationId, idOf(posted), message.id)
    return posted
  }

  /** As a stream where Teams takes one. */
  async function begin(
    ref: ConversationRef,
    message: IncomingMessage,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<PostedMessage> {
    const isStream = ref.conversationType === 'personal' && isBeginning(reply)
    const streamed = isStream ? await streams.begin(ref, message, currentStep(reply), signal) : undefined
    if (streamed !== undefined) return `${streamMark}${streamed}`
    return (await sendReply(reply, whereOf(message), (activity) => wire.send(ref, activity, signal))).id
  }

  /** Edits a message. One that began as a stream and never came to be a message is posted anew, under its old name. */
  async function editMessage(
    ref: ConversationRef,
    posted: PostedMessage,
    message: IncomingMessage,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<void> {
    const moved = isStreamed(posted) ? await notes.find(movedFrom(posted), signal) : undefined
    const id = moved ?? idOf(posted)
    const isLast = reply.phase === 'ended'
    try {
      await sendReply(reply, whereOf(message), (activity) =>
        isLast ? wire.update(ref, id, activity, signal) : wire.tryUpdate(ref, id, activity, signal),
      )
    } catch (error) {
      const isLost = isStreamed(posted) && moved === undefined && error instanceof PortError && error.code === 'gone'
      if (!isLost || !isLast) throw error
      const sent = await sendReply(reply, whereOf(message), (activity) => wire.send(ref, activity, signal))
      await notes.set(movedFrom(posted), sent.id)
      await messageTurns.set(ref.conversationId, sent.id, message.id)
    }
  }

  return {
    editIntervalMs: pace.editIntervalMs,

    async post(message, reply, signal) {
      signal.throwIfAborted()
      // Goes on when the caller has no more time, also while this process stops: what arrives is noted, and found by who
      // comes next. A failure is the caller's to tell.
      const posting = postReply(message, reply, AbortSignal.timeout(sendingMs))
      background.run('post a reply', () => posting.catch(() => undefined))
      return await untilAborted(posting, signal)
    },

    find: (message, signal) => notes.find(message.id, signal),

    async edit(posted, message, reply, signal) {
      signal.throwIfAborted()
      const ref = await refOf(message)
      const id = idOf(posted)
      if (isStreamed(posted) && (await streams.isOpen(id)) && isBeginning(reply)) {
        const outcome = await streams.inform(ref, id, currentStep(reply), signal)
        // Stopped, or cut short: the turn goes on, or ends soon, and that is shown in the message.
        if (outcome === 'shown') return
      } else if (isStreamed(posted)) {
        // What ends the turn may be a text with a card, which Teams does not edit; anything before is words, then a card.
        const isLast = reply.phase === 'ended' && client === 'teams'
        const outcome = await sendReply(reply, { ...whereOf(message), hasText: true }, (activity) =>
          streams.finish(ref, id, isLast ? activity : wordsOf(activity), signal),
        )
        if (outcome === 'shown' && isLast) return
      }
      await editMessage(ref, posted, message, reply, signal)
    },

    async addPicture({ thread }, picture, _alt, signal) {
      signal.throwIfAborted()
      return await untilAborted(pictures.keep(thread, picture.bytes), signal)
    },

    async addFiles(message, added, signal) {
      signal.throwIfAborted()
      const ref = await refOf(message)
      const there: string[] = []
      if (ref.conversationType !== 'personal' || client === 'playground') return there
      for (const file of added) {
        if (offeredFormats.has(file.format) && (await files.offer(ref, message.thread, file, signal)))
          there.push(file.name)
      }
      return there
    },

    async publish({ tenant, channel, threadId }: Spot, reply, signal) {
      const ref = await refAt(tenant, channel, threadId)
      const where = { isPrivate: false, isCopy: true }
      const { id } = await sendReply(reply, where, (activity) => wire.send(ref, activity, signal))
      await messageTurns.set(ref.conversationId, id, reply.turnId)
      return id
    },
  }
}

const streamMark = 'stream:'

function isStreamed(posted: PostedMessage): boolean {
  return posted.startsWith(streamMark)
}

function idOf(posted: PostedMessage): string {
  return isStreamed(posted) ? posted.slice(streamMark.length) : posted
}

/** Under which the message is noted that took a stream's place. */
function movedFrom(posted: PostedMessage): string {
  return `moved.${idOf(posted)}`
}

/** A reply without its card. */
function wordsOf({ text, textFormat, summary }: ReplyActivity): OutgoingActivity {
  return { type: 'message', text: text ?? summary, ...(textFormat ? { textFormat } : {}), summary }
}

/** Nothing to show yet but what is being done: a stream says that better than a card. */
function isBeginning({ phase, firstAnswer, slides }: Reply): boolean {
  return phase === 'working' && !firstAnswer && slides.every(({ picture }) => picture === '')
}

function whereOf(message: IncomingMessage): Omit<ReplyContext, 'form'> {
  const { isPrivate = false } = message
  return isWritten(message) ? { isPrivate } : { isPrivate, saysQuestion: true }
}
