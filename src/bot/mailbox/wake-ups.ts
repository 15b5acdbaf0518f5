import { Queue, type JobsOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { ThreadId } from '../thread.ts'

/** Calls workers to threads: at most one is at a thread, and at most one more call waits behind it. */
export interface WakeUps extends AsyncDisposable {
  readonly queueName: string
  readonly prefix: string
  add(thread: ThreadId): Promise<void>
  addAll(threads: readonly ThreadId[]): Promise<void>
  /** Pause before the next try of a thread in which something went wrong `attempt` times. */
  readonly backOffMs: (attempt: number) => number
}

const queueName = 'turns'
const prefix = '{deckhand:queue}'

export function createWakeUps(deps: { readonly connection: Redis; readonly log: Logger }): WakeUps {
  const queue = new Queue<{ thread: ThreadId }>(queueName, {
    connection: deps.connection,
    prefix,
    streams: { events: { maxLen: 100 } }, // nobody listens to them
  })
  queue.on('error', (error) => deps.log.debug({ error: describeError(error) }, 'Queue has a problem'))
  const optionsFor = (thread: ThreadId): JobsOptions => ({
    deduplication: { id: thread, keepLastIfActive: true },
    attempts: Number.MAX_SAFE_INTEGER,
    backoff: { type: 'custom' },
    removeOnComplete: true,
    removeOnFail: true,
    keepLogs: 0,
    stackTraceLimit: 1,
  })
  return {
    queueName,
    prefix,
    async add(thread) {
      await queue.add('turn', { thread }, optionsFor(thread))
    },
    async addAll(threads) {
      await queue.addBulk(threads.map((thread) => ({ name: 'turn', data: { thread }, opts: optionsFor(thread) })))
    },
    backOffMs: (attempt) => Math.min(250 * 2 ** Math.min(attempt, 7), 30_000),
    async [Symbol.asyncDispose]() {
      await queue.close()
    },
  }
}
