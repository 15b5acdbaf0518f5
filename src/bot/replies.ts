import type { Redis } from 'ioredis'
import { packJson, unpackJson } from '../lib/packed-json.ts'
import type { Write } from './mailbox.ts'
import { Reply } from './reply.ts'

/** Terminal replies, kept as long as their thread, so that their buttons work days later. */
export interface Replies {
  /** Undefined when it is forgotten, or its turn has not ended yet. */
  find(turnId: string): Promise<Reply | undefined>
  /** What storing it takes, to happen together with the end of its turn. */
  toWrites(reply: Reply): readonly Write[]
  /** What removing it takes. */
  toRemovals(turnIds: readonly string[]): readonly Write[]
}

export function createReplies(deps: { readonly redis: Redis; readonly ttlMs: number }): Replies {
  const keyOf = (turnId: string): string => `deckhand:reply:${turnId}`
  return {
    async find(turnId) {
      const packed = await deps.redis.getBuffer(keyOf(turnId))
      return packed === null ? undefined : Reply.safeParse(unpackJson(packed)).data
    },
    toWrites: (reply) => [{ key: keyOf(reply.turnId), value: packJson(reply), ttlMs: deps.ttlMs }],
    toRemovals: (turnIds) => turnIds.map((turnId) => ({ key: keyOf(turnId), value: null, ttlMs: 0 })),
  }
}
