import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Lease, TurnEnd, TurnHandler } from '../../src/bot/mailbox.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { createMailbox, type QueueSettings } from '../../src/bot/redis-mailbox.ts'
import { encodeThreadId, type ThreadId } from '../../src/bot/thread.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'

export const queueSettings: QueueSettings = {
  turnsPerWorker: 4,
  lockMs: 2000,
  maxAttempts: 3,
  maxWaitingPerThread: 20,
  shutdownMs: 2000,
}

export function openMailbox(redisUrl: string, settings: Partial<QueueSettings> = {}): ReturnType<typeof createMailbox> {
  return createMailbox({
    redisUrl,
    settings: { ...queueSettings, ...settings },
    clock: systemClock,
    log: silentLogger,
  })
}

export function newThread(): ThreadId {
  return encodeThreadId({ platform: 'api', tenant: 'test', channel: 'c', root: randomUUID() })
}

export function messageIn(thread: ThreadId, more: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    id: `m-${randomUUID()}`,
    thread,
    text: 'Revenue by region in 2023',
    user: { id: 'ada' },
    sentAt: Date.now(),
    origin: {},
    ...more,
  }
}

/** What happened to turns, in order, and a promise for each moment. */
export interface RecordingHandler extends TurnHandler {
  readonly log: readonly string[]
  /** Resolves when `log` holds that many lines that start with `start`. */
  until(start: string, count?: number): Promise<void>
}

type Run = (message: IncomingMessage, lease: Lease) => Promise<string | TurnEnd>

/** Runs turns with `run`, and notes `run ID`, `end ID REPLY`, `give-up ID`. */
export function recordingHandler(
  run: Run = (message) => Promise.resolve(`answer to ${message.text}`),
  deliver: (message: IncomingMessage, reply: string) => Promise<void> = () => Promise.resolve(),
): RecordingHandler {
  const log: string[] = []
  const waiting = new Set<() => void>()
  const note = (line: string): void => {
    log.push(line)
    for (const look of waiting) look()
  }
  return {
    log,
    until(start, count = 1) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (log.filter((line) => line.startsWith(start)).length < count) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      return promise
    },
    async run(message, lease) {
      note(`run ${message.id}`)
      const end = await run(message, lease)
      return typeof end === 'string' ? { reply: end, writes: [] } : end
    },
    async giveUp(message) {
      note(`give-up ${message.id}`)
      return { reply: 'given up', writes: [] }
    },
    async deliver(message, reply) {
      await deliver(message, reply)
      note(`end ${message.id} ${reply}`)
    },
  }
}

/** All that is in the mailbox's part of a Redis database, but for marks and figures, which go by themselves. */
export async function leftovers(redis: Redis): Promise<string[]> {
  const keys = await redis.keys('*')
  const own = new Set(
    ['meta', 'id', 'events', 'stalled-check', 'marker'].map((name) => `{deckhand:queue}:turns:${name}`),
  )
  const goes = /:seen:|^deckhand:mail:sweeping$|^deckhand:(figures|spend):/
  return keys.filter((key) => !own.has(key) && !goes.test(key)).toSorted()
}

export function until(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}
