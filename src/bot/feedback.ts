import type { Redis } from 'ioredis'
import type { ThreadId } from './thread.ts'

/** What a person thinks of an answer. */
export interface Feedback {
  readonly turnId: string
  readonly thread: ThreadId
  /** Of the answer's turn; '' when it was not traced. */
  readonly traceId: string
  readonly userId: string
  readonly rating: 'good' | 'bad'
  /** In the person's own words; '' when they gave none. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Opinions about answers, kept as long as their thread. A person has one for each answer: the last. */
export interface FeedbackStore {
  put(feedback: Feedback): Promise<void>
  /** As JSON values, by turn and person. */
  forget(thread: ThreadId): Promise<void>
}

export function createFeedbackStore(deps: { readonly redis: Redis; readonly ttlMs: number }): FeedbackStore {
  const { redis } = deps
  const keyOf = (thread: ThreadId): string => `deckhand:feedback:{${thread}}`
  return {
    async put(feedback) {
      const { thread, turnId, userId } = feedback
      const results = await redis
        .multi()
        .hset(keyOf(thread), `${turnId} ${userId}`, JSON.stringify(feedback))
        .pexpire(keyOf(thread), Math.round(deps.ttlMs))
        .exec()
      for (const [error] of results ?? []) if (error) throw error
    },
    async forget(thread) {
      await redis.unlink(keyOf(thread))
    },
  }
}
