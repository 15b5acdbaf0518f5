import { escapeText } from '../escape.ts'
import type { DeckContext } from './context.ts'

/** An address on the web that a deck points to. */
export interface DeckLink {
  /** What it is called within its slide, for formats that keep addresses apart from texts. */
  readonly id: 'trace' | 'deck'
  readonly label: string
  readonly url: string
}

const mostCharacters = 2_000

/** Where whoever looks at the deck can check it: how it came about, and the deck itself. Only addresses of the web count. */
export function deckLinks({ deck, words }: DeckContext): readonly DeckLink[] {
  const all = [
    { id: 'trace', label: words.traceLink, url: webAddress(deck.traceUrl) },
    { id: 'deck', label: words.deckLink, url: webAddress(deck.deckUrl) },
  ] as const
  return all.flatMap(({ url, ...link }) => (url === null ? [] : [{ ...link, url }]))
}

/** The links on one line; empty when there are none. */
export function linksHtml(context: DeckContext): string {
  const links = deckLinks(context).map(
    ({ label, url }) => `<a href="${escapeText(url)}" rel="noreferrer">${escapeText(label)}</a>`,
  )
  return links.length === 0 ? '' : `<p class="links">${links.join(' · ')}</p>`
}

/** The address in the web's own spelling; null for every other kind, such as `javascript:` and `file:`. */
function webAddress(text: string | undefined): string | null {
  if (text === undefined || text.length > mostCharacters || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}
