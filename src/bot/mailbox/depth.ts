import type { Redis } from 'ioredis'
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
