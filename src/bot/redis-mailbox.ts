import { Redis } from 'ioredis'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { connectRedis } from '../lib/redis.ts'
import type { Secret } from '../lib/secret.ts'
import { MailboxError, type Mailbox } from './mailbox.ts'
import { stopChannel } from './mailbox/keys.ts'
import { createMailboxStore } from './mailbox/store.ts'
import { startSweep } from './mailbox/sweep.ts'
import { createWakeUps } from './mailbox/wake-ups.ts'
import { startWorker, type MailboxWorker } from './mailbox/worker.ts'
import { noMetrics, type Metrics } from './metrics.ts'

export interface QueueSettings {
  readonly turnsPerWorker: number
  readonly lockMs: number
  readonly maxAttempts: number
  readonly maxWaitingPerThread: number
  readonly shutdownMs: number
}

export interface MailboxDeps {
  readonly redisUrl: string | Secret
  readonly settings: QueueSettings
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
}

/** Platforms wait about three seconds for an acknowledgement, and send again when there is none. */
const acceptWithinMs = 2000

/**
 * The mailbox on Redis: lists per thread that only change together, and BullMQ to call workers, to notice those that die,
 * and to try again. What guards against two workers at one thread is the token each writes with, not the call.
 * @throws RedisError when Redis cannot be reached
 */
export async function createMailbox(deps: MailboxDeps): Promise<Mailbox> {
  const { redisUrl, settings, clock, log, metrics = noMetrics } = deps
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await connectRedis(redisUrl, { log }))
  const intake = parts.use(await connectRedis(redisUrl, { log, commandTimeoutMs: acceptWithinMs, failFast: true }))
  const calls = parts.use(await connectRedis(redisUrl, { log, commandTimeoutMs: null }))
  await warnOfEviction(redis, log)
  intake.setMaxListeners(0) // one for each message that waits for the connection
  const store = createMailboxStore({ redis, intake, clock })
  const connection = parts.adopt(connectQueue(redisUrl), (open) => open.disconnect())
  const wakeUps = parts.use(createWakeUps({ connection, log }))
  let worker: MailboxWorker | undefined

  calls.on('message', (_channel: string, turnId: string) => worker?.stop(turnId))
  // Calls made while the connection was away are only in the flags.
  calls.on('ready', () => void stopFlagged())
  await calls.subscribe(stopChannel)

  async function stopFlagged(): Promise<void> {
    for (const { thread, turnId, stop } of worker?.running() ?? []) {
      if (turnId === undefined) continue
      if (await store.isStopped(thread, turnId).catch(() => false)) stop(turnId)
    }
  }

  /** Wakes without making the sender wait for it: the sweep finds what gets lost here. */
  function wake(thread: Parameters<typeof wakeUps.add>[0]): void {
    wakeUps.add(thread).catch((error: unknown) => log.debug({ thread, error: describeError(error) }, 'Call got lost'))
  }

  const owned = parts.move()
  return {
    async accept(message) {
      const { state, ahead } = await withinDeadline(() => store.accept(message, settings.maxWaitingPerThread))
      if (state === 'full') {
        metrics.count('messages_refused', { code: 'full' })
        throw new MailboxError('full', `Cannot take message "${message.id}": ${ahead} wait in its thread`, {
          userMessage: 'There are too many questions waiting in this thread. Please ask again when some are answered.',
        })
      }
      metrics.count('messages_accepted', { isNew: state === 'new' ? 'yes' : 'no' })
      wake(message.thread)
      return { isNew: state === 'new', ahead }
    },

    async stop(thread, turnId) {
      const stopped = await withinDeadline(() => store.stop(thread, turnId))
      if (stopped === undefined) return 'nothing-to-stop'
      worker?.stop(stopped)
      await redis.publish(stopChannel, stopped).catch(() => undefined) // the flag is there
      return 'stopping'
    },

    work(handler) {
      if (worker) throw new Error('Mailbox.work was called before in this process')
      worker = owned.use(
        startWorker({
          ...settings,
          connection,
          store,
          wakeUps,
          handler,
          clock,
          log,
          metrics,
        }),
      )
      owned.use(startSweep({ redis, wakeUps, clock, log }))
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  async function withinDeadline<T>(run: () => Promise<T>): Promise<T> {
    try {
      await ready(intake, acceptWithinMs)
      return await run()
    } catch (error) {
      metrics.count('messages_refused', { code: 'unavailable' })
      throw new MailboxError('unavailable', 'Cannot take a message: Redis does not answer', {
        cause: error,
        userMessage: 'I cannot take questions right now. Please try again in a minute.',
      })
    }
  }
}

/** Resolves when commands can be sent; rejects when that takes longer. */
async function ready(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === 'ready') return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error(`no connection within ${withinMs} ms`)), withinMs)
  redis.once('ready', resolve)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    redis.off('ready', resolve)
  }
}

/** BullMQ waits without end, on purpose, and comes back fast. */
function connectQueue(redisUrl: string | Secret): Redis {
  const connection = new Redis(typeof redisUrl === 'string' ? redisUrl : redisUrl.reveal(), {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 500),
  })
  connection.on('error', () => undefined) // the other connections tell
  return connection
}

/** A store that forgets under memory pressure would forget questions. */
async function warnOfEviction(redis: Redis, log: Logger): Promise<void> {
  try {
    const [, policy] = await redis.config('GET', 'maxmemory-policy')
    if (policy !== undefined && policy !== 'noeviction') {
      log.warn({ policy }, 'Redis may drop accepted questions under memory pressure: set maxmemory-policy noeviction')
    }
  } catch {
    // Some hosted Redis do not tell.
  }
}
