import type { Redis } from 'ioredis'
import { z } from 'zod'
import { defineScript } from '../../lib/redis-script.ts'

/** At most so many requests in any 60 seconds, over all processes. */
export interface RequestLimit {
  /** Counts a request of this caller; how long to wait, in milliseconds, when it is one too many, which is not counted. */
  take(caller: string): Promise<{ readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number }>
}

const windowMs = 60_000

/** The times of the last requests that were let through, newest first, by Redis's own clock. → milliseconds to wait */
const takeScript = defineScript(`
local key = KEYS[1]
local most, windowMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('LINDEX', key, most - 1)
if oldest and now - oldest < windowMs then
  return math.min(windowMs, oldest + windowMs - now)
end
redis.call('LPUSH', key, now)
redis.call('LTRIM', key, 0, most - 1)
redis.call('PEXPIRE', key, windowMs)
return 0
`)

export function createRequestLimit(deps: {
  readonly redis: Redis
  /** Limits of another name count for themselves. */
  readonly name: string
  readonly perMinute: number
}): RequestLimit {
  return {
    async take(caller) {
      const key = `deckhand:api:limit:${deps.name}:${caller}`
      const waitMs = z.number().parse(await takeScript.run(deps.redis, [key], [deps.perMinute, windowMs]))
      return waitMs > 0 ? { ok: false, retryAfterMs: waitMs } : { ok: true }
    },
  }
}
