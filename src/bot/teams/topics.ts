import type { Redis } from 'ioredis'

/**
 * Chats in Teams have no threads: what is said in one belongs to its running topic, which takes the place of a thread's
 * root. Another begins when a person says so, when an answer to a channel's question is given in private, or when somebody
 * goes on with an older answer by its buttons.
 */
export interface Topics {
  /** Of a chat with the given conversation id. */
  running(tenant: string, channel: string): Promise<string>
  goOnIn(topic: string, tenant: string, channel: string): Promise<void>
}

/** Until somebody begins another. */
export const firstTopic = '0'

export function createTopics(deps: {
  readonly redis: Redis
  /** How long threads are remembered, and with them which one is running. */
  readonly ttlMs: number
}): Topics {
  const { redis } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (tenant: string, channel: string): string =>
    `deckhand:teams:topic:${encodeURIComponent(tenant)}:${encodeURIComponent(channel)}`
  return {
    async running(tenant, channel) {
      const topic = await redis.getex(keyOf(tenant, channel), 'PX', ttlMs)
      return topic ?? firstTopic
    },
    async goOnIn(topic, tenant, channel) {
      await redis.set(keyOf(tenant, channel), topic, 'PX', ttlMs)
    },
  }
}
