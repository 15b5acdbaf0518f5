import type { Redis } from 'ioredis'
import { z } from 'zod'
import { opinionsDue, toDue } from './feedback/outbox-keys.ts'
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

/**
 * Opinions about answers, kept as long as their thread. A person has one for each answer: the last. Keeping one and
 * noting that others have to be told of it is one step, so that none is lost on the way.
 */
export interface FeedbackStore {
  put(feedback: Feedback): Promise<void>
  /** What people think of one answer now, oldest opinion first. */
  list(thread: ThreadId, turnId: string): Promise<readonly Feedback[]>
  forget(thread: ThreadId): Promise<void>
}

const Stored = z.object({
  turnId: z.string(),
  thread: z.string().transform((value) => value as ThreadId),
  traceId: z.string(),
  userId: z.string(),
  rating: z.enum(['good', 'bad']),
  reason: z.string(),
  at: z.number(),
})

export function createFeedbackStore(deps: { readonly redis: Redis; readonly ttlMs: number }): FeedbackStore {
  const { redis } = deps
  /** As JSON values, by turn and person. */
  const keyOf = (thread: ThreadId): string => `deckhand:feedback:{${thread}}`
  return {
    async put(feedback) {
      const { thread, turnId, userId } = feedback
      const results = await redis
        .multi()
        .hset(keyOf(thread), `${turnId} ${userId}`, JSON.stringify(feedback))
        .pexpire(keyOf(thread), Math.round(deps.ttlMs))
        .zadd(opinionsDue, feedback.at, toDue({ thread, turnId }))
        .exec()
      for (const [error] of results ?? []) if (error) throw error
    },
    async list(thread, turnId) {
      const all = Object.entries(await redis.hgetall(keyOf(thread)))
      return all
        .flatMap(([field, value]) => (field.startsWith(`${turnId} `) ? [Stored.parse(JSON.parse(value))] : []))
        .toSorted((a, b) => a.at - b.at)
    },
    async forget(thread) {
      await redis.unlink(keyOf(thread))
    },
  }
}
