import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Write } from '../../src/bot/mailbox.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { newThread } from '../support/mailbox.ts'
import { isolatedRedisUrl } from '../support/parts.ts'

let redis: Redis

beforeAll(async () => {
  redis = new Redis(await isolatedRedisUrl())
})

afterAll(() => redis.disconnect())

const decksWith = (secret: string): ReturnType<typeof createDecks> =>
  createDecks({ redis, ttlMs: 60_000, secret: new Secret(secret), log: silentLogger })

async function store(writes: readonly Write[]): Promise<void> {
  for (const { key, field = '', value } of writes) {
    if (value === null) await redis.hdel(key, field)
    else await redis.hset(key, field, value)
  }
}

describe('Decks', () => {
  it('keeps every version, and gives each back as it was', async () => {
    const decks = decksWith('a')
    const thread = newThread()
    const versions = [1, 2, 3].map((version) => ({ ...salesDeck(), version, question: `Question ${version}` }))
    for (const deck of versions) await store(await decks.toWrites(thread, deck))
    const key = decks.keyOf(thread)

    expect(await decks.versions(key)).toEqual([1, 2, 3])
    expect(await Promise.all([1, 2, 3].map((version) => decks.get(key, version)))).toEqual(versions)
    expect(await decks.get(key, 4)).toBeUndefined()

    await decks.forget(key)
    expect(await decks.versions(key)).toEqual([])
  })

  it('lets the oldest version go when there are very many', async () => {
    const decks = decksWith('a')
    const thread = newThread()
    await store(await decks.toWrites(thread, { ...salesDeck(), version: 1 }))

    await store(await decks.toWrites(thread, { ...salesDeck(), version: 201 }))

    expect(await decks.versions(decks.keyOf(thread))).toEqual([201])
  })

  it('names decks so that nobody can guess the name, or the thread from it', () => {
    const [thread, other] = [newThread(), newThread()]
    const key = decksWith('a').keyOf(thread)

    expect(key).toMatch(/^[\w-]{22}$/)
    expect(decksWith('a').keyOf(thread)).toBe(key)
    expect(decksWith('b').keyOf(thread)).not.toBe(key)
    expect(decksWith('a').keyOf(other)).not.toBe(key)
  })

  it('has no deck where what is stored cannot be read', async () => {
    const decks = decksWith('a')
    await redis.hset('deckhand:deck:{broken}', '1', 'not a deck')

    expect(await decks.get('broken', 1)).toBeUndefined()
  })
})
