import type { Deck } from './deck.ts'
import { RenderError, type RenderedFile, type Renderer } from './renderer.ts'
import type { Themes } from './theme.ts'

/** Decks as documents, where there is no browser. Other formats are refused with `browser-missing`. */
export function createHtmlRenderer({ themes }: { readonly themes?: Themes }): Renderer {
  return {
    async *render(deck, want, signal) {
      signal.throwIfAborted()
      const other = want.find((format) => format !== 'html')
      if (other !== undefined) throw notHere(other)
      if (want.length > 0) yield await toHtmlFile(deck, themes)
    },
    async preview() {
      throw notHere('png')
    },
    async warm() {},
    async [Symbol.asyncDispose]() {},
  }
}

/** The deck page. */
export async function toHtmlFile(deck: Deck, themes: Themes | undefined): Promise<RenderedFile> {
  // Loaded with the first deck: making pages takes more code than starting to answer.
  const { deckToHtml } = await import('./html/deck-to-html.ts')
  const bytes = Buffer.from(deckToHtml(deck, { themes }))
  return { format: 'html', name: 'deck.html', mediaType: 'text/html; charset=utf-8', bytes }
}

function notHere(format: string): RenderError {
  return new RenderError('browser-missing', `Cannot draw ${format}: this renderer makes html only`, {
    userMessage: 'Only the deck page can be made here.',
  })
}
