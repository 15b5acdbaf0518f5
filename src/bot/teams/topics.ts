import type { Redis } from 'ioredis'

/**
 * Chats in Teams have no threads: what is said in one belongs to its running topic, which takes the place of a thread's
 * root. Another begins when a person says so, when an answer to a channel's question is given in private, or when somebody
 * goes on with an older answer by its buttons.
 */
export interface Topics {
  /**
   * The topic of a message in a chat: the one that was running when it came first, however often it comes, and also when
   * it is taken back. `id` is that of its turn.
   */
  of(id: string, tenant: string, channel: string): Promise<string>
  goOnIn(topic: string, tenant: string, channel: string): Promise<void>
}

/** Longer than Teams delivers again, and than a turn lasts. */
const messageMs = 2 * 3_600_000
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
    async of(id, tenant, channel) {
      const running = (await redis.getex(keyOf(tenant, channel), 'PX', ttlMs)) ?? firstTopic
      const known = await redis.set(`deckhand:teams:topic-of:${id}`, running, 'PX', messageMs, 'NX', 'GET')
      return known ?? running
    },
    async goOnIn(topic, tenant, channel) {
      await redis.set(keyOf(tenant, channel), topic, 'PX', ttlMs)
    },
  }
}
