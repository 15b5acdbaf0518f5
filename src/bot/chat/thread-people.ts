import type { Redis } from 'ioredis'
import { z } from 'zod'
import { defineScript } from '../../lib/redis-script.ts'
import type { ThreadId } from '../thread.ts'
import type { ChatPlatform } from './place.ts'

/**
 * Who has written in the threads we answer in, so that we can tell a conversation with us from one between people. Kept
 * as long as the thread's memory; of other threads nothing is kept.
 */
export interface ThreadPeople {
  /** We answer in this thread from now on. `others`: it began without us, so that we cannot know who is in it. */
  join(thread: ThreadId, person: string, others: boolean): Promise<void>
  /** Notes that the person wrote there. → how many have, or 0 when it is none of our threads */
  hear(thread: ThreadId, person: string): Promise<number>
  leave(thread: ThreadId): Promise<void>
}

/** Stands for everybody who may have written before we came. */
const others = '*'

const hearScript = defineScript(`
local people = KEYS[1]
local person, ttlMs = unpack(ARGV)
if redis.call('EXISTS', people) == 0 then
  return 0
end
redis.call('SADD', people, person)
redis.call('PEXPIRE', people, ttlMs)
return redis.call('SCARD', people)
`)

export function createThreadPeople(deps: {
  readonly platform: ChatPlatform
  readonly redis: Redis
  readonly ttlMs: number
}): ThreadPeople {
  const { redis, platform } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (thread: ThreadId): string => `deckhand:${platform}:people:{${thread}}`
  return {
    async join(thread, person, hasOthers) {
      const people = hasOthers ? [person, others] : [person]
      const results = await redis
        .multi()
        .sadd(keyOf(thread), ...people)
        .pexpire(keyOf(thread), ttlMs)
        .exec()
      for (const [error] of results ?? []) if (error) throw error
    },
    async hear(thread, person) {
      return z.number().parse(await hearScript.run(redis, [keyOf(thread)], [person, ttlMs]))
    },
    async leave(thread) {
      await redis.unlink(keyOf(thread))
    },
  }
}
