import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { Genie } from './genie.ts'

const windowMs = 60_000

/**
 * Reserves the next free slot of a sliding window shared by all processes. The list holds the times of the last
 * `limit` reservations; a new one may start when the oldest of them is a window old. Redis's clock counts.
 */
const reserveSlot = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local start = now
if redis.call('LLEN', KEYS[1]) >= limit then
  start = math.max(now, tonumber(redis.call('LINDEX', KEYS[1], -limit)) + window)
end
redis.call('RPUSH', KEYS[1], start)
redis.call('LTRIM', KEYS[1], -limit, -1)
redis.call('PEXPIRE', KEYS[1], start - now + window)
return start - now
`

/** Genie's questions a minute are scarce and shared: a question waits until its slot comes, and says how long that is. */
export function limitRate(
  genie: Genie,
  deps: {
    readonly redis: Redis
    readonly clock: Clock
    /** Names the shared budget: the workspace's host. */
    readonly budget: string
    readonly questionsPerMinute: number
  },
): Genie {
  return {
    getSpace: (spaceId, signal) => genie.getSpace(spaceId, signal),
    async ask(question, signal) {
      signal.throwIfAborted()
      if (question.asked) return genie.ask(question, signal)
      const key = `deckhand:genie-slots:{${deps.budget}}`
      const waitMs = Number(await deps.redis.eval(reserveSlot, 1, key, deps.questionsPerMinute, windowMs))
      if (waitMs > 0) {
        question.onStatus?.('WAITING_FOR_RATE_LIMIT', waitMs)
        await deps.clock.sleep(waitMs, signal)
      }
      return genie.ask(question, signal)
    },
  }
}
