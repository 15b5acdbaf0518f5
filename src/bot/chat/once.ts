import type { Redis } from 'ioredis'
import type { ChatPlatform } from './place.ts'

/** What is to be done once, by whichever process is first; for all that is no turn. */
export interface Once {
  /** True for the first who asks about `what`. */
  claim(what: string, rememberMs?: number): Promise<boolean>
  /** It came to nothing: the next may try. Best effort, what cannot be released is forgotten in time. */
  release(what: string): Promise<void>
}

/** Platforms deliver again for an hour at most. */
const usuallyMs = 2 * 3_600_000

export function createOnce({ redis, platform }: { readonly redis: Redis; readonly platform: ChatPlatform }): Once {
  const keyOf = (what: string): string => `deckhand:${platform}:once:${what}`
  return {
    claim: async (what, rememberMs = usuallyMs) => (await redis.set(keyOf(what), '1', 'PX', rememberMs, 'NX')) === 'OK',
    release: async (what) => void (await redis.unlink(keyOf(what)).catch(() => undefined)),
  }
}
