import { createHash, scryptSync, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../lib/secret.ts'

/** A caller. `id` tells keys apart in threads, traces and limits, and cannot be turned back into the key. */
export interface ApiCaller {
  readonly id: string
}

export interface ApiKeys {
  /** False when nobody may call. */
  readonly isSetUp: boolean
  /** Who sent this `Authorization` header; takes the same time for any key that is wrong. */
  find(authorization: string | undefined): ApiCaller | undefined
}

/** Slow on purpose, once a start: what is seen of a weak key must not give it away. */
const idOf = (key: string): string => scryptSync(key, 'deckhand api key', 12).toString('base64url')
const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest()

export function createApiKeys(keys: readonly Secret[]): ApiKeys {
  const known = keys.map((key) => ({ digest: digestOf(key.reveal()), caller: { id: idOf(key.reveal()) } }))
  return {
    isSetUp: known.length > 0,
    find(authorization = '') {
      const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
      const digest = digestOf(given ?? '')
      const matching = known.filter((key) => timingSafeEqual(key.digest, digest))
      return given === undefined ? undefined : matching[0]?.caller
    },
  }
}
