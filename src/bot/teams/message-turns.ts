import type { Redis } from 'ioredis'

/** Which turn a message of ours in Teams shows: feedback names the message alone. Kept as long as threads. */
export interface MessageTurns {
  /** `conversationId` as on the wire, in channels with the reply chain. */
  set(conversationId: string, activityId: string, turnId: string): Promise<void>
  /**
   * Undefined when it is none of our answers, or not kept any more. `activityId` is '' when feedback names no message, as
   * the Agents Playground's does: then the conversation's last answer is meant.
   */
  find(conversationId: string, activityId: string): Promise<string | undefined>
}

export function createMessageTurns(deps: { readonly redis: Redis; readonly ttlMs: number }): MessageTurns {
  const { redis } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (conversationId: string, activityId: string): string =>
    `deckhand:teams:turn-of:${encodeURIComponent(conversationId)}:${encodeURIComponent(activityId)}`
  return {
    async set(conversationId, activityId, turnId) {
      const results = await redis
        .multi()
        .set(keyOf(conversationId, activityId), turnId, 'PX', ttlMs)
        .set(keyOf(conversationId, ''), turnId, 'PX', ttlMs)
        .exec()
      for (const [error] of results ?? []) if (error) throw error
    },
    async find(conversationId, activityId) {
      return (await redis.get(keyOf(conversationId, activityId))) ?? undefined
    },
  }
}
