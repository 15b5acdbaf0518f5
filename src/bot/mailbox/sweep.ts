import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { ThreadId } from '../thread.ts'
import { busyThreads, sweepLock } from './keys.ts'
import type { WakeUps } from './wake-ups.ts'

const everyMs = 5000
/** A thread without a step forward for that long may have lost its wake-up; an unneeded one costs next to nothing. */
const quietMs = 5000
const mostAtOnce = 1000

/**
 * Calls workers to threads whose wake-up got lost: a process died between taking a message in and calling, or the queue's
 * part of Redis was lost. One process at a time does it, for all.
 */
export function startSweep(deps: {
  readonly redis: Redis
  readonly wakeUps: WakeUps
  readonly clock: Clock
  readonly log: Logger
}): Disposable {
  const { redis, wakeUps, clock, log } = deps
  async function sweep(): Promise<void> {
    try {
      if ((await redis.set(sweepLock, '1', 'PX', everyMs - 500, 'NX')) === null) return
      const now = clock.now()
      const quiet = await redis.zrangebyscore(busyThreads, '-inf', now - quietMs, 'LIMIT', 0, mostAtOnce)
      if (quiet.length === 0) return
      log.debug({ threads: quiet.length }, 'Quiet threads are woken')
      await wakeUps.addAll(quiet as ThreadId[])
      await redis.zadd(busyThreads, 'XX', ...quiet.flatMap((thread) => [now, thread]))
    } catch (error) {
      log.debug({ error: describeError(error) }, 'Quiet threads could not be looked for')
    }
  }
  const timer = setInterval(() => void sweep(), everyMs)
  timer.unref()
  void sweep()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
