import type { Deck } from '../render/deck.ts'
import type { DeckKey } from './decks.ts'
import type { Links } from './links.ts'

/**
 * A signed link to each file of a deck, by format: `html`, `pdf`, `pptx`, `xlsx`, and `csv` for its first table; further
 * tables stand under their file's name, such as `T2.csv`.
 */
export function linksOf(deck: Deck, key: DeckKey, links: Links): Record<string, string> {
  const to = (file: string): string => links.to(key, deck.version, file)
  const [first, ...others] = deck.tables.map((table) => `${table.id}.csv`)
  return {
    html: to('deck.html'),
    pdf: to('deck.pdf'),
    pptx: to('deck.pptx'),
    xlsx: to('deck.xlsx'),
    ...(first === undefined ? {} : { csv: to(first) }),
    ...Object.fromEntries(others.map((file) => [file, to(file)])),
  }
}
