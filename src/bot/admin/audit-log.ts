import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'

/** One attempt to command something, made before anything is done about it. */
export const AuditRecord = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  identity: z.string(),
  /** '' for strangers. */
  person: z.string(),
  /** What was meant, or as it was written where nothing could be made of it. */
  command: z.string(),
  environment: z.string().optional(),
  outcome: z.enum(['allowed', 'refused', 'not-understood']),
  /** For operators; '' when it was allowed. */
  why: z.string(),
})
export type AuditRecord = z.infer<typeof AuditRecord>

/** Who commanded what, refused attempts included, newest last. Nobody edits it; the oldest of very many go. */
export interface AuditLog {
  /** @throws when it cannot be kept: then the command is not to be carried out */
  append(record: AuditRecord): Promise<void>
  /** The newest, newest first. */
  list(count: number): Promise<readonly AuditRecord[]>
}

const key = 'deckhand:admin:audit'
/** Strangers write into it as often as they like; nobody's Redis is to fill up with that. */
const kept = 50_000

export function createAuditLog({ redis }: { readonly redis: Redis }): AuditLog {
  return {
    async append(record) {
      await redis.rpush(key, JSON.stringify(record))
      await redis.ltrim(key, -kept, -1)
    },
    async list(count) {
      const stored = await redis.lrange(key, -count, -1)
      return stored.toReversed().flatMap((text) => AuditRecord.safeParse(parseJson(text)).data ?? [])
    },
  }
}
