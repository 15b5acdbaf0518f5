import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { PostedMessage } from '../chat-port.ts'
import { pace } from './limits.ts'

/**
 * What was sent for which turn. Teams lets no bot read a conversation back, so this is all there is to find a reply by: a
 * mark before it is sent, its id as soon as Teams has said it. Between the two lies the one moment in which a process that
 * dies leaves a message that nobody knows of; a second one is posted then.
 */
export interface SentNotes {
  /** Call it right before sending. */
  begin(turnId: string): Promise<void>
  set(turnId: string, posted: PostedMessage): Promise<void>
  /** Nothing was sent after all. */
  clear(turnId: string): Promise<void>
  /** Waits while somebody may still be sending. @throws the signal's reason */
  find(turnId: string, signal: AbortSignal): Promise<PostedMessage | undefined>
}

const ttlMs = 86_400_000
/** Longer than a call can take: who has not noted an id by then is dead. */
export const sendingMs = pace.callMs + 2000
const lookAgainMs = 200

export function createSentNotes({ redis, clock }: { readonly redis: Redis; readonly clock: Clock }): SentNotes {
  const keyOf = (turnId: string): string => `deckhand:teams:sent:${turnId}`
  return {
    async begin(turnId) {
      await redis.set(keyOf(turnId), 'sending', 'PX', sendingMs, 'NX')
    },
    async set(turnId, posted) {
      await redis.set(keyOf(turnId), `at:${posted}`, 'PX', ttlMs)
    },
    async clear(turnId) {
      await redis.unlink(keyOf(turnId))
    },
    async find(turnId, signal) {
      for (;;) {
        signal.throwIfAborted()
        const note = await redis.get(keyOf(turnId))
        if (note === null) return undefined
        if (note.startsWith('at:')) return note.slice('at:'.length)
        await clock.sleep(lookAgainMs, signal)
      }
    },
  }
}
