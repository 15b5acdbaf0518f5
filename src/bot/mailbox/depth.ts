import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import type { ThreadId } from '../thread.ts'
import { busyThreads, deadLetters, keysOf } from './keys.ts'

/** What waits in Redis, for all processes together. */
export interface QueueDepth {
  /** Threads with a message or an end that is not done with. */
  readonly busyThreads: number
  /** Messages without an end, running ones included. */
  readonly waitingMessages: number
  /** Ends of turns that have not reached their platform. */
  readonly undeliveredEnds: number
  /** Turns given up that are kept for a look. */
  readonly deadLetters: number
}

const Sent = z.object({ sentAt: z.number() })

/** Threads whose lists are counted; more than that at once is a number nobody needs to know exactly. */
const mostCounted = 1000

/** What the mailbox holds right now. Cheap enough to be asked for every few seconds. */
export async function readQueueDepth(redis: Redis): Promise<QueueDepth> {
  const [busy, dead, threads] = await Promise.all([
    redis.zcard(busyThreads),
    redis.llen(deadLetters),
    redis.zrange(busyThreads, '0', String(mostCounted - 1)),
  ])
  const lengths = await Promise.all(
    threads.map((thread) => {
      const { inbox, outbox } = keysOf(thread as ThreadId)
      return Promise.all([redis.llen(inbox), redis.llen(outbox)])
    }),
  )
  return {
    busyThreads: busy,
    deadLetters: dead,
    waitingMessages: sum(lengths.map(([waiting]) => waiting)),
    undeliveredEnds: sum(lengths.map(([, undelivered]) => undelivered)),
  }
}

/**
 * How long, in ms, the oldest question waits that is next in its thread and that no worker has taken up; 0 when there is
 * none. Questions behind others of their own thread wait for those, and not for a worker.
 */
export async function readOldestWait(redis: Redis, now: number): Promise<number> {
  const threads = await redis.zrange(busyThreads, '0', String(mostCounted - 1))
  const sentAt = await Promise.all(
    threads.map(async (thread) => {
      const { inbox, lease, messages } = keysOf(thread as ThreadId)
      const [next, running] = await Promise.all([redis.lindex(inbox, 0), redis.hget(lease, 'turn')])
      if (next === null || next === running) return now
      const message = Sent.safeParse(parseJson((await redis.hget(messages, next)) ?? ''))
      return message.success ? message.data.sentAt : now
    }),
  )
  return sentAt.reduce((longest, at) => Math.max(longest, now - at), 0)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
