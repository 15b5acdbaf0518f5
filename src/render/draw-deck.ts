import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { PageLease, PagePool } from './browser/page-pool.ts'
import type { Deck, Slide } from './deck.ts'
import { printDocument, type PrintDocument } from './html/deck-to-html.ts'
import { pictureKey, type PictureCache } from './rasterize/picture-cache.ts'
import type { Rasterizer } from './rasterize/rasterizer.ts'
import { RenderError } from './renderer.ts'
import type { Themes } from './theme.ts'

/** What a deck becomes in the browser; each part settles on its own. */
export interface Drawing {
  /** The tagged PDF; null when it was not wanted. */
  readonly pdf: Promise<Uint8Array> | null
  /** One PNG per slide, in slide order; empty when they were not wanted. */
  readonly pictures: readonly Promise<Uint8Array>[]
}

/** Draws decks with the pooled browser pages and the drawing threads. Owns neither. */
export interface DeckDrawer {
  /** @throws RenderError `bad-deck`, at once; the parts reject with every other */
  drawDeck(deck: Deck, want: { readonly pdf: boolean; readonly pictures: boolean }, signal: AbortSignal): Drawing
  /** The picture of one slide at its place (from zero) in a deck that may not be complete. @throws RenderError */
  drawSlide(deck: Omit<Deck, 'slides'>, slide: Slide, index: number, signal: AbortSignal): Promise<Uint8Array>
}

export interface DeckDrawerDeps {
  /** Brand themes by name, beside the built-in ones. */
  readonly themes?: Themes | undefined
  readonly pool: PagePool
  readonly rasterizer: Rasterizer
  readonly cache: PictureCache
  readonly log: Logger
}

export function createDeckDrawer(deps: DeckDrawerDeps): DeckDrawer {
  const { pool, rasterizer, cache, log } = deps

  /** One page per slide. A job whose browser crashed under it is done once more with a new one. */
  async function print(html: string, pageCount: number, tagged: boolean, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await printOnce(await pool.leasePage(signal), html, pageCount, tagged, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof RenderError) || error.code !== 'browser-crashed') throw error
      log.warn({ error: describeError(error) }, 'Printing failed; trying once more')
      return await printOnce(await pool.leasePage(signal), html, pageCount, tagged, signal)
    }
  }

  /** The pictures of some pages of a PDF that is still being printed. */
  function drawPages(
    pdf: Promise<Uint8Array>,
    pages: readonly number[],
    signal: AbortSignal,
  ): readonly Promise<Uint8Array>[] {
    const drawn = pdf.then((bytes) => rasterizer.rasterize(bytes, pages, signal))
    return pages.map(async (_, index) => (await drawn)[index] ?? missingPage(index))
  }

  function drawPictures(
    document: PrintDocument,
    pdf: Promise<Uint8Array> | null,
    signal: AbortSignal,
  ): readonly Promise<Uint8Array>[] {
    const keys = document.slides.map((markup) => pictureKey(markup, document.look))
    const pictures = keys.map((key): Promise<Uint8Array> | undefined => {
      const known = cache.get(key)
      return known && Promise.resolve(known)
    })
    const unknown = [...keys.keys()].filter((place) => pictures[place] === undefined)
    log.debug({ slides: keys.length, drawn: unknown.length }, 'Pictures of a deck')
    if (unknown.length > 0) {
      // Without a PDF to hand out, only the unknown slides go through the browser, and without tags.
      const drawn =
        pdf === null
          ? drawPages(print(document.html(unknown), unknown.length, false, signal), [...unknown.keys()], signal)
          : drawPages(pdf, unknown, signal)
      for (const [index, picture] of drawn.entries()) pictures[unknown[index] ?? 0] = picture
    }

    return keys.map(async (key, place) => {
      const png = (await pictures[place]) ?? missingPage(place)
      cache.set(key, png)
      return png
    })
  }

  return {
    drawDeck(deck, want, signal) {
      signal.throwIfAborted()
      if (!want.pdf && !want.pictures) return { pdf: null, pictures: [] }
      const document = printDocument(deck, 0, deps.themes)
      const pdf = want.pdf ? print(document.html(), document.slides.length, true, signal) : null
      const pictures = want.pictures ? drawPictures(document, pdf, signal) : []
      // Whoever asked awaits each of them, unless it left before.
      for (const part of [pdf, ...pictures]) part?.catch(() => undefined)
      return { pdf, pictures }
    },

    async drawSlide(deck, slide, index, signal) {
      const document = printDocument({ ...deck, slides: [slide] }, index, deps.themes)
      const [picture] = drawPictures(document, null, signal)
      return (await picture) ?? missingPage(index)
    },
  }
}

async function printOnce(
  lease: PageLease,
  html: string,
  pageCount: number,
  tagged: boolean,
  signal: AbortSignal,
): Promise<Uint8Array> {
  await using page = lease
  const pdf = await page.print(html, { tagged }, signal)
  const printed = countPages(pdf)
  if (printed !== pageCount) {
    throw new RenderError('browser-crashed', `Cannot use PDF: it has ${printed} pages, expected ${pageCount}`, {
      userMessage: 'Drawing the deck failed. Please try again.',
    })
  }
  return pdf
}

/** Page objects in a PDF as Chromium writes it, uncompressed outside of streams. */
function countPages(pdf: Uint8Array): number {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1')
  return text.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0
}

function missingPage(index: number): never {
  throw new RenderError('browser-crashed', `Cannot find picture of slide ${index + 1}`, {
    userMessage: 'Drawing the previews failed. Please try again.',
  })
}
