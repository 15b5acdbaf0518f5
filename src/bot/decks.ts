import type { Deck } from '../render/deck.ts'
import type { Write } from './mailbox.ts'
import type { ThreadId } from './thread.ts'

/** Names a thread's deck over all its versions. Cannot be guessed, and tells nothing about the thread. */
export type DeckKey = string

/** Every version of every thread's deck, in Redis, compressed, for as long as the thread is remembered. */
export interface Decks {
  keyOf(thread: ThreadId): DeckKey
  /** What storing this version takes, to happen together with the end of its turn. */
  toWrites(thread: ThreadId, deck: Deck): Promise<readonly Write[]>
  /** Undefined when it is forgotten or never was. */
  get(key: DeckKey, version: number): Promise<Deck | undefined>
  /** Versions that can be had, oldest first. */
  versions(key: DeckKey): Promise<readonly number[]>
  /** Removes all of them. */
  forget(key: DeckKey): Promise<void>
}
