import type { Redis } from 'ioredis'
import { defineScript } from '../../lib/redis-script.ts'
import { callWindows } from './limits.ts'

/** What a conversation takes of us in a time, shared by all processes. */
export interface CallBudget {
  /**
   * Takes one call out of the conversation's budget: 0, or the milliseconds until there is one. What can be left out, such
   * as an edit that another follows, leaves the last calls of each time to what cannot.
   */
  take(conversation: string, canBeLeftOut: boolean): Promise<number>
}

/** Calls of each window that only what cannot be left out may use. */
const keptBack = 3

/** Calls take their time to arrive, some longer than others: windows are this much longer here than there. */
const slackMs = 100

/** The times of the last calls, oldest first, by Redis's own clock. ARGV: calls kept back, then calls and time of each window. */
const takeScript = defineScript(`
local key = KEYS[1]
local keptBack = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
local longest, most = 0, 0
for i = 2, #ARGV, 2 do
  local calls, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  longest, most = math.max(longest, window), math.max(most, calls)
  local at = redis.call('LINDEX', key, keptBack - calls)
  if at and now - tonumber(at) < window then
    wait = math.max(wait, tonumber(at) + window - now)
  end
end
if wait > 0 then return wait end
redis.call('RPUSH', key, now)
redis.call('LTRIM', key, -most, -1)
redis.call('PEXPIRE', key, longest)
return 0
`)

export function createCallBudget({ redis }: { readonly redis: Redis }): CallBudget {
  const windows = callWindows.flatMap(({ calls, ms }) => [calls, ms + slackMs])
  return {
    async take(conversation, canBeLeftOut) {
      const key = `deckhand:teams:calls:${encodeURIComponent(conversation)}`
      return Number(await takeScript.run(redis, [key], [canBeLeftOut ? keptBack : 0, ...windows]))
    },
  }
}
