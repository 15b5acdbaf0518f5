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

  it('remembers the last turns of a long thread only, and of each the essence', async () => {
    const conversations = createThreads(60_000)
    const thread = newThread()
    const transcript = Array.from({ length: 500 }, (_, index) => ({
      question: `Question ${index}`,
      answer: 'word '.repeat(2000),
    }))

    await conversations.save(thread, { transcript })

    const kept = (await conversations.load(thread)).transcript
    expect(kept).toHaveLength(20)
    expect(kept.at(-1)?.question).toBe('Question 499')
    expect(kept.at(-1)?.answer.length).toBeLessThanOrEqual(1500)
  })

  it('keeps the replies of the last turns only, and removes all that is kept on request', async () => {
    const thread = newThread()
    const deck = salesDeck()
    const conversations = createThreads(60_000)
    const memory = { transcript: [], deck }
    const turns = Array.from({ length: 25 }, () => `turn-${randomUUID()}`)
    for (const turn of turns) {
      await redis.set(`deckhand:reply:${turn}`, 'a reply')
      for (const { key, field, value } of await conversations.toWrites(thread, memory, turn)) {
        if (value === null) await redis.del(key)
        else if (field === undefined) await redis.set(key, value)
        else await redis.hset(key, field, value)
      }
    }
    const keptReplies = await Promise.all(turns.map((turn) => redis.exists(`deckhand:reply:${turn}`)))

    await conversations.forget(thread)

    expect(keptReplies).toEqual([...Array.from({ length: 5 }, () => 0), ...Array.from({ length: 20 }, () => 1)])
    expect(await redis.exists(...turns.map((turn) => `deckhand:reply:${turn}`))).toBe(0)
    expect(await conversations.load(thread)).toEqual({ transcript: [] })
    expect(await conversations.deck(thread, deck.version)).toBeUndefined()
  })
})
