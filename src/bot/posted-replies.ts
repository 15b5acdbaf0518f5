import type { Redis } from 'ioredis'
import { z } from 'zod'
import { defineScript } from '../lib/redis-script.ts'
import type { PostedMessage } from './chat-port.ts'

/** Where each turn's reply was posted, so that whoever comes next edits it, and no two processes both post. */
export interface PostedReplies {
  /** How long a process has for posting. One that dies meanwhile holds the reply up for that long, not the turn. */
  readonly claimMs: number
  /**
   * `posted`: it is there. `ours`: posting it is up to us alone, for `claimMs`; `isFirst` is false when someone tried
   * before and may have got it through. `theirs`: another process is posting it now.
   */
  claim(turnId: string): Promise<Claim>
  /** Keeps the id of what was posted. */
  set(turnId: string, message: PostedMessage): Promise<void>
  /** Gives our claim back, so that the next one need not wait for its end. `mayBeThere`: it may have been posted. */
  release(turnId: string, mayBeThere: boolean): Promise<void>
}

export type Claim =
  | { readonly state: 'posted'; readonly message: PostedMessage }
  | { readonly state: 'ours'; readonly isFirst: boolean }
  | { readonly state: 'theirs' }

/** Longer than any turn waits; buttons bring their message's id along. */
const ttlMs = 86_400_000

/** The value is `at:ID`, or `claim:UNTIL` in milliseconds of Redis's own clock. → {state, id or 'first' or 'again'} */
const claimScript = defineScript(`
local key = KEYS[1]
local claimMs, ttlMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local value = redis.call('GET', key)
if value and string.sub(value, 1, 3) == 'at:' then
  return { 'posted', string.sub(value, 4) }
end
if value and tonumber(string.sub(value, 7)) > now then
  return { 'theirs', '' }
end
redis.call('SET', key, 'claim:' .. (now + claimMs), 'PX', ttlMs)
return { 'ours', value and 'again' or 'first' }
`)

const Claimed = z.tuple([z.enum(['posted', 'ours', 'theirs']), z.string()])

export function createPostedReplies(deps: {
  readonly redis: Redis
  /** Default 5 s. */
  readonly claimMs?: number
}): PostedReplies {
  const { redis, claimMs = 5000 } = deps
  const keyOf = (turnId: string): string => `deckhand:posted:${turnId}`
  return {
    claimMs,
    async claim(turnId) {
      const [state, detail] = Claimed.parse(await claimScript.run(redis, [keyOf(turnId)], [claimMs, ttlMs]))
      if (state === 'posted') return { state, message: detail }
      return state === 'ours' ? { state, isFirst: detail === 'first' } : { state }
    },
    async set(turnId, message) {
      await redis.set(keyOf(turnId), `at:${message}`, 'PX', ttlMs)
    },
    async release(turnId, mayBeThere) {
      if (mayBeThere) await redis.set(keyOf(turnId), 'claim:0', 'PX', ttlMs)
      else await redis.unlink(keyOf(turnId))
    },
  }
}
