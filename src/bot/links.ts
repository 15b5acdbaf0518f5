import type { DeckKey } from './decks.ts'

/** Signed, expiring addresses of decks: whoever has one may see that deck, nobody else may see anything. */
export interface Links {
  /** The full address of a deck's file: `deck.html` (the deck page), `deck.pdf`, `slide-2.png`, `T1.csv` … */
  to(key: DeckKey, version: number, file: string): string
  /** What an address points to; undefined when it is wrong, altered, expired or revoked, without telling which. */
  verify(address: URL): Promise<OpenedLink | undefined>
  /** All links to this deck made until now stop working. */
  revoke(key: DeckKey): Promise<void>
}

export interface DeckLink {
  readonly key: DeckKey
  readonly version: number
  readonly file: string
}

/** A link that somebody came by, and that works. */
export interface OpenedLink extends DeckLink {
  /** The full address of another file of this deck, that works as long as this link: none lives on through others. */
  readonly beside: (file: string) => string
}
