import type { Redis } from 'ioredis'

/** True the first time it is asked about `what`, in any process; for replies that are no turns. */
export type Once = (what: string, rememberMs?: number) => Promise<boolean>

/** Slack delivers again for an hour at most. */
const usuallyMs = 2 * 3_600_000

export function createOnce({ redis }: { readonly redis: Redis }): Once {
  return async (what, rememberMs = usuallyMs) =>
    (await redis.set(`deckhand:slack:once:${what}`, '1', 'PX', rememberMs, 'NX')) === 'OK'
}
