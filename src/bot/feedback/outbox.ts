import type { Redis } from 'ioredis'
import { z } from 'zod'
import { untilAborted } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { defineScript } from '../../lib/redis-script.ts'
import { fromDue, opinionsDue, type Rated } from './outbox-keys.ts'

/**
 * Tells others of opinions, off everybody's path. In Redis and not on a disk: who takes an opinion in is often not the
 * process, nor the machine, whose turn it is about, and any of them can tell it later. One process at a time does so for
 * one answer; one that dies meanwhile is followed by another. Disposing it lets what is under way stop.
 */
export interface FeedbackOutbox extends AsyncDisposable {
  /** There may be something new. */
  wake(): void
}

/** What telling came to: `done`, or `later` when somebody was away, or did not know the turn yet. */
export type Told = 'done' | 'later'

const leaseMs = 120_000
const lookEveryMs = 5000
const soonestRetryMs = 5000
const latestRetryMs = 600_000

/** → the member that is due, now leased, or nil */
const claimScript = defineScript(`
local now, untilMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
if due then redis.call('ZADD', KEYS[1], untilMs, due) end
return due
`)

/** Ends a lease, unless a new opinion came meanwhile: that is due by itself. A retry time of 0: nothing is left to tell. */
const endScript = defineScript(`
local member, untilMs, retryAt = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if tonumber(redis.call('ZSCORE', KEYS[1], member) or -1) ~= untilMs then return 0 end
if retryAt == 0 then redis.call('ZREM', KEYS[1], member) else redis.call('ZADD', KEYS[1], retryAt, member) end
return 1
`)

const Member = z.string().nullable()

export function createFeedbackOutbox(deps: {
  readonly redis: Redis
  /** Tells everyone what people think of this answer. */
  readonly tell: (rated: Rated, signal: AbortSignal) => Promise<Told>
  readonly clock: Clock
  readonly log: Logger
}): FeedbackOutbox {
  const { redis, tell, clock, log } = deps
  const closing = new AbortController()
  const { signal } = closing
  /** How often telling of an answer was put off in a row, by this process. */
  const putOff = new Map<string, number>()
  let rested = Promise.withResolvers<void>()

  /** True when there was something to tell. */
  async function next(): Promise<boolean> {
    const now = clock.now()
    const untilMs = now + leaseMs
    const member = Member.parse(await claimScript.run(redis, [opinionsDue], [now, untilMs]))
    if (member === null) return false
    const told = await tellOf(member)
    const tries = told === 'later' ? (putOff.get(member) ?? 0) + 1 : 0
    if (tries === 0) putOff.delete(member)
    else putOff.set(member, tries)
    const retryAt = tries === 0 ? 0 : clock.now() + Math.min(latestRetryMs, soonestRetryMs * 2 ** (tries - 1))
    await endScript.run(redis, [opinionsDue], [member, untilMs, retryAt])
    return true
  }

  async function tellOf(member: string): Promise<Told> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(leaseMs / 2)])
    try {
      return await untilAborted(tell(fromDue(member), within), within)
    } catch (error) {
      if (!signal.aborted) log.warn({ error: describeError(error) }, 'An opinion is told later')
      return 'later'
    }
  }

  async function work(): Promise<void> {
    while (!signal.aborted) {
      rested = Promise.withResolvers<void>()
      let isBusy = false
      try {
        isBusy = await next()
      } catch (error) {
        if (!signal.aborted) log.warn({ error: describeError(error) }, 'Opinions cannot be read from Redis right now')
      }
      if (isBusy || signal.aborted) continue
      const waiting = new AbortController()
      const look = clock.sleep(lookEveryMs, AbortSignal.any([signal, waiting.signal])).catch(() => {})
      await Promise.race([look, rested.promise])
      waiting.abort()
    }
  }

  const working = work()
  return {
    wake: () => rested.resolve(),
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('Opinions are told later', 'AbortError'))
      await working
    },
  }
}
