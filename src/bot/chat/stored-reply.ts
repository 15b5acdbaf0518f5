import type { Deck, Slide } from '../../render/deck.ts'
import type { Conversations } from '../conversation.ts'
import type { Decks } from '../decks.ts'
import type { Replies } from '../replies.ts'
import type { Reply } from '../reply.ts'
import { decodeThreadId, type ThreadId } from '../thread.ts'
import type { Place } from './place.ts'

/** What buttons of an answer are about. Each is undefined when it is not kept (any more). */
export interface StoredReplies {
  /** The reply of a turn in the given tenant. */
  find(turnId: string, tenant: string): Promise<Reply | undefined>
  /** The slide of a reply, as it was then, with its deck and number there. */
  slideThen(reply: Reply, index: number): Promise<{ deck: Deck; slide: Slide; number: number } | undefined>
  /** The number that the slide of a reply has in the thread's deck by now: slides may have moved since. */
  numberNow(reply: Reply, index: number): Promise<number | undefined>
}

export function createStoredReplies(deps: {
  readonly replies: Replies
  readonly decks: Decks
  readonly conversations: Conversations
}): StoredReplies {
  const { replies, decks, conversations } = deps
  return {
    async find(turnId, tenant) {
      const reply = await replies.find(turnId)
      return reply && decodeThreadId(threadOf(reply)).tenant === tenant ? reply : undefined
    },
    async slideThen(reply, index) {
      const kept = reply.result?.deck
      const deck = kept && (await decks.get(kept.key, kept.version))
      const at = deck?.slides.findIndex(({ id }) => id === reply.slides[index]?.id) ?? -1
      const slide = deck?.slides[at]
      return deck && slide && { deck, slide, number: at + 1 }
    },
    async numberNow(reply, index) {
      const { deck } = await conversations.load(threadOf(reply))
      const at = deck?.slides.findIndex(({ id }) => id === reply.slides[index]?.id) ?? -1
      return at < 0 ? undefined : at + 1
    },
  }
}

/** Replies carry the id as text; only ours are stored. */
export function threadOf(reply: Reply): ThreadId {
  return reply.thread as ThreadId
}

/** True for a copy of the answer, posted where its thread is not. */
export function isCopy(reply: Reply, place: Place): boolean {
  return decodeThreadId(threadOf(reply)).channel !== place.channel
}
