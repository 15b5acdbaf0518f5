import type { Redis } from 'ioredis'

/** Which turn a message of ours in Teams shows: feedback names the message alone. Kept as long as threads. */
export interface MessageTurns {
  /** `conversationId` as on the wire, in channels with the reply chain. */
  set(conversationId: string, activityId: string, turnId: string): Promise<void>
  /** Undefined when it is none of our answers, or not kept any more. */
  find(conversationId: string, activityId: string): Promise<string | undefined>
}

export function createMessageTurns(deps: { readonly redis: Redis; readonly ttlMs: number }): MessageTurns {
  const { redis } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (conversationId: string, activityId: string): string =>
    `deckhand:teams:turn-of:${encodeURIComponent(conversationId)}:${encodeURIComponent(activityId)}`
  return {
    async set(conversationId, activityId, turnId) {
      await redis.set(keyOf(conversationId, activityId), turnId, 'PX', ttlMs)
    },
    async find(conversationId, activityId) {
      return (await redis.get(keyOf(conversationId, activityId))) ?? undefined
    },
  }
}
