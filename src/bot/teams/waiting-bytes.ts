import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { ThreadId } from '../thread.ts'

/**
 * Bytes of a thread that wait in Redis until somebody comes for them: Teams for a picture, a person for a file. They go by
 * themselves, and nobody gets them any more once the thread is forgotten.
 */
export interface WaitingBytes {
  /** → the id they wait under, which nobody can guess: {@link waitingId} */
  put(thread: ThreadId, bytes: Uint8Array, forMs: number): Promise<string>
  /** Undefined when they are gone, or their thread was forgotten since. */
  find(id: string): Promise<{ readonly thread: ThreadId; readonly bytes: Uint8Array } | undefined>
  remove(id: string): Promise<void>
}

export const waitingId = /^[\w-]{32}$/

export function createWaitingBytes(deps: {
  readonly redis: Redis
  readonly decks: Pick<Decks, 'keyOf'>
  readonly links: Pick<Links, 'to' | 'verify'>
}): WaitingBytes {
  const { redis, decks, links } = deps
  const keyOf = (id: string): string => `deckhand:teams:waiting:${id}`
  return {
    async put(thread, bytes, forMs) {
      const id = randomBytes(24).toString('base64url')
      // A link to the thread's deck that nobody is given: it works for as long as those that people have.
      const link = links.to(decks.keyOf(thread), 1, id)
      const results = await redis
        .multi()
        .hset(keyOf(id), { thread, link, bytes: Buffer.from(bytes) })
        .pexpire(keyOf(id), forMs)
        .exec()
      for (const [error] of results ?? []) if (error) throw error
      return id
    },
    async find(id) {
      const { thread, link, bytes } = await redis.hgetallBuffer(keyOf(id))
      if (!thread || !link || !bytes) return undefined
      if (await links.verify(new URL(link.toString()))) return { thread: thread.toString() as ThreadId, bytes }
      await redis.unlink(keyOf(id))
      return undefined
    },
    async remove(id) {
      await redis.unlink(keyOf(id))
    },
  }
}
