import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createConversations, type Conversations } from '../../src/bot/conversation.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { encodeThreadId } from '../../src/bot/thread.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis, type RedisConnection } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'

let redis: RedisConnection

beforeAll(async () => {
  redis = await connectRedis(inject('redisUrl'), { log: silentLogger })
})

afterAll(async () => redis[Symbol.asyncDispose]())

function createThreads(ttlMs: number): Conversations {
  const decks = createDecks({ redis, ttlMs, secret: new Secret('test'), log: silentLogger })
  return createConversations({ redis, ttlMs, decks, replies: createReplies({ redis, ttlMs }), log: silentLogger })
}

function newThread(): ReturnType<typeof encodeThreadId> {
  return encodeThreadId({ platform: 'cli', tenant: 'test', channel: 'shell', root: randomUUID() })
}

describe('Conversations', () => {
  it('gives back what was kept, deck included, and keeps threads apart', async () => {
    const conversations = createThreads(60_000)
    const [thread, other] = [newThread(), newThread()]
    const memory = {
      genieConversationId: 'c1',
      spaceId: 's1',
      transcript: [{ question: 'Revenue?', answer: '12' }],
      deck: salesDeck(),
    }

    await conversations.save(thread, memory)

    expect(await conversations.load(thread)).toEqual(memory)
    expect(await conversations.load(other)).toEqual({ transcript: [] })
  })

  it('forgets a thread after the configured time', async () => {
    const conversations = createThreads(86_400_000)
    const thread = newThread()

    await conversations.save(thread, { transcript: [] })

    const [key] = await redis.keys(`deckhand:thread:{${thread}}`)
    const ttlMs = await redis.pttl(key ?? '')
    expect(ttlMs).toBeGreaterThan(86_000_000)
    expect(ttlMs).toBeLessThanOrEqual(86_400_000)
  })

  it('starts anew when what is stored cannot be read', async () => {
    const conversations = createThreads(60_000)
    const [broken, foreign] = [newThread(), newThread()]
    await redis.set(`deckhand:thread:{${broken}}`, '{"transcript": [', 'PX', 60_000)
    await redis.set(`deckhand:thread:{${foreign}}`, '{"transcript": "none"}', 'PX', 60_000)

    expect(await conversations.load(broken)).toEqual({ transcript: [] })
    expect(await conversations.load(foreign)).toEqual({ transcript: [] })
  })
})
