import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import type { Secret } from '../lib/secret.ts'
import type { DeckLink, Links } from './links.ts'

export interface SignedLinksDeps {
  readonly redis: Redis
  /** At least {@link shortestLinkKey} characters, the same in every process. With another one, all links stop working. */
  readonly key: Secret
  /** How long a link works. */
  readonly ttlMs: number
  /** Where people reach the server, without a slash at the end. Asked for when a link is made. */
  readonly baseUrl: () => string
  readonly clock: Clock
}

export const shortestLinkKey = 32

/** `/d/KEY/VERSION/FILE`, behind whatever path the server is reached at. */
const path = /\/d\/([\w-]{1,64})\/([1-9]\d{0,8})\/([^/]{1,200})$/
/** Milliseconds since the epoch in base 36. */
const instant = z.string().regex(/^[0-9a-z]{1,11}$/)
const Query = z.object({ m: instant, e: instant, s: z.string().length(43) })

/**
 * Links that carry their own permission: what they lead to, when they were made (`m`) and until when they work (`e`),
 * signed (`s`). Only a revocation is looked up. Whoever guesses, alters or keeps one too long learns nothing from the
 * answer, and nothing from the time it takes.
 */
export function createLinks(deps: SignedLinksDeps): Links {
  const { redis, key: secret, ttlMs, clock } = deps
  const revokedKey = (key: string): string => `deckhand:links:{${key}}`

  function sign({ key, version, file }: DeckLink, made: string, expires: string): string {
    const signed = JSON.stringify(['deck link', key, version, file, made, expires])
    return createHmac('sha256', secret.reveal()).update(signed).digest('base64url')
  }

  function addressOf(link: DeckLink, made: string, expires: string): string {
    const query = new URLSearchParams({ m: made, e: expires, s: sign(link, made, expires) })
    return `${deps.baseUrl()}/d/${link.key}/${link.version}/${encodeURIComponent(link.file)}?${query.toString()}`
  }

  return {
    to(key, version, file) {
      const now = clock.now()
      const [made, expires] = [now, now + ttlMs].map((at) => Math.round(at).toString(36)) as [string, string]
      return addressOf({ key, version, file }, made, expires)
    },

    async verify(address) {
      const link = linkIn(address)
      const { data: query } = Query.safeParse(Object.fromEntries(address.searchParams))
      if (!link || !query) return undefined
      if (!isSame(query.s, sign(link, query.m, query.e))) return undefined
      const madeAt = parseInt(query.m, 36)
      // A shorter life in the settings counts for links made before, too.
      if (clock.now() >= Math.min(parseInt(query.e, 36), madeAt + ttlMs)) return undefined
      const revokedAt = await redis.get(revokedKey(link.key))
      if (revokedAt !== null && madeAt <= Number(revokedAt)) return undefined
      return { ...link, beside: (file) => addressOf({ ...link, file }, query.m, query.e) }
    },

    async revoke(key) {
      // By then, all links made until now have ended by themselves.
      await redis.set(revokedKey(key), Math.round(clock.now()), 'PX', Math.round(ttlMs) + 1)
    },
  }
}

function linkIn(address: URL): DeckLink | undefined {
  const [, key, version, file] = path.exec(address.pathname) ?? []
  if (key === undefined || version === undefined || file === undefined) return undefined
  try {
    return { key, version: Number(version), file: decodeURIComponent(file) }
  } catch {
    return undefined // no text
  }
}

/** Takes as long for a text that is almost right as for one that is not. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
