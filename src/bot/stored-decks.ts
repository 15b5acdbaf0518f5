import { createHmac } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Logger } from '../lib/log.ts'
import { packJson, unpackJson } from '../lib/packed-json.ts'
import type { Secret } from '../lib/secret.ts'
import { Deck } from '../render/deck.ts'
import type { Decks } from './decks.ts'

/** Older versions than that are let go, one with each new one. */
const mostVersions = 200

export interface DecksDeps {
  readonly redis: Redis
  readonly ttlMs: number
  /** Makes keys that nobody can guess. With another secret, threads go on under other keys. */
  readonly secret: Secret
  readonly log: Logger
}

/** All versions of a deck are fields of one hash, which lives from its last change on: storing one costs the same always. */
export function createDecks({ redis, ttlMs, secret, log }: DecksDeps): Decks {
  const placeOf = (key: string): string => `deckhand:deck:{${key}}`
  return {
    keyOf: (thread) =>
      createHmac('sha256', secret.reveal()).update(`deck of ${thread}`).digest('base64url').slice(0, 22),

    async toWrites(thread, deck) {
      const key = placeOf(this.keyOf(thread))
      const stored = { key, field: String(deck.version), value: packJson(deck), ttlMs }
      const oldest = { key, field: String(deck.version - mostVersions), value: null, ttlMs }
      return deck.version > mostVersions ? [stored, oldest] : [stored]
    },

    async get(key, version) {
      const packed = await redis.hgetBuffer(placeOf(key), String(version))
      if (packed === null) return undefined
      const deck = Deck.safeParse(unpackJson(packed))
      if (!deck.success) log.warn({ version, problem: deck.error.message }, 'Stored deck cannot be read')
      return deck.data
    },

    async versions(key) {
      const fields = await redis.hkeys(placeOf(key))
      return fields.map(Number).toSorted((a, b) => a - b)
    },

    async forget(key) {
      await redis.unlink(placeOf(key))
    },
  }
}
