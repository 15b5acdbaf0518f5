import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { PageLease, PagePool } from './browser/page-pool.ts'
import type { Deck, Slide } from './deck.ts'
import { safeLanguage } from './format.ts'
import { printDocument, type PrintDocument } from './html/deck-to-html.ts'
import { arrangeOverview, overviewPdf, type Overview } from './rasterize/overview.ts'
import { pictureKey, type PictureCache } from './rasterize/picture-cache.ts'
import type { Rasterizer } from './rasterize/rasterizer.ts'
import { RenderError } from './renderer.ts'
import { themeNamed, type Theme, type Themes } from './theme.ts'
import { isRightToLeft } from './words.ts'

/** What a deck becomes in the browser; each part settles on its own. */
export interface Drawing {
  /** The tagged PDF; null when it was not wanted. */
  readonly pdf: Promise<Uint8Array> | null
  /** By width, one PNG per slide, in slide order. */
  readonly pictures: ReadonlyMap<number, readonly Promise<Uint8Array>[]>
  /** A PNG of all slides on one sheet; null when it was not wanted. */
  readonly overview: Promise<Uint8Array> | null
}

export interface DrawingWanted {
  readonly pdf: boolean
  /** Widths of the pictures of each slide. */
  readonly widthsPx: readonly number[]
  readonly overview: boolean
}

/** Draws decks with the pooled browser pages and the drawing threads. Owns neither. */
export interface DeckDrawer {
  /** @throws RenderError `bad-deck`, at once; the parts reject with every other */
  drawDeck(deck: Deck, want: DrawingWanted, signal: AbortSignal): Drawing
  /** The picture of one slide at its place (from zero) in a deck that may not be complete. @throws RenderError */
  drawSlide(
    deck: Omit<Deck, 'slides'>,
    slide: Slide,
    index: number,
    widthPx: number,
    signal: AbortSignal,
  ): Promise<Uint8Array>
}

export interface DeckDrawerDeps {
  /** Brand themes by name, beside the built-in ones. */
  readonly themes?: Themes | undefined
  readonly pool: PagePool
  readonly rasterizer: Rasterizer
  readonly cache: PictureCache
  readonly log: Logger
}

/** The overview of a deck, and the name under which its picture is kept. */
interface Sheet {
  readonly overview: Overview
  readonly theme: Theme
  readonly key: string
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

  /** What is known, or else what `draw` makes of it, kept for the next time. */
  async function kept(key: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const png = cache.get(key) ?? (await draw())
    cache.set(key, png)
    return png
  }

  /** By width, the pictures of all slides. Only those that are not known are drawn, from the PDF or without one. */
  function drawPictures(
    document: PrintDocument,
    widthsPx: readonly number[],
    pdf: Promise<Uint8Array> | null,
    signal: AbortSignal,
  ): ReadonlyMap<number, readonly Promise<Uint8Array>[]> {
    const wanted = [...new Set(widthsPx)].flatMap((widthPx) =>
      document.slides.map((markup, place) => ({ place, widthPx, key: pictureKey(markup, document.look, widthPx) })),
    )
    const unknown = wanted.filter(({ key }) => cache.get(key) === undefined)
    const places = [...new Set(unknown.map(({ place }) => place))]
    log.debug({ slides: document.slides.length, drawn: places.length }, 'Pictures of a deck')

    // Without a PDF to hand out, only slides that miss a picture go through the browser, and without tags.
    async function drawUnknown(): Promise<readonly Promise<Uint8Array>[]> {
      const bytes = await (pdf ?? print(document.html(places), places.length, false, signal))
      const pageOf = (place: number): number => (pdf === null ? places.indexOf(place) : place)
      const pages = unknown.map(({ place, widthPx }) => ({ page: pageOf(place), widthPx }))
      return rasterizer.rasterize(bytes, pages, signal)
    }
    const drawn = unknown.length > 0 ? drawUnknown() : null
    const pictures = wanted.map((picture) => {
      const number = unknown.indexOf(picture)
      const draw = async (): Promise<Uint8Array> => (await drawn)?.[number] ?? missingPicture(picture.place)
      return { ...picture, png: kept(picture.key, draw) }
    })
    return new Map(
      widthsPx.map((widthPx) => [
        widthPx,
        pictures.filter((picture) => picture.widthPx === widthPx).map(({ png }) => png),
      ]),
    )
  }

  function sheetOf(deck: Deck, document: PrintDocument): Sheet {
    const direction = isRightToLeft(safeLanguage(deck.language)) ? 'rtl' : 'ltr'
    return {
      overview: arrangeOverview(document.slides.length, direction),
      theme: themeNamed(deck.theme, deps.themes),
      key: pictureKey(document.slides.join('\0'), document.look, 'overview'),
    }
  }

  async function drawSheet(
    { overview, theme }: Sheet,
    pictures: ReadonlyMap<number, readonly Promise<Uint8Array>[]>,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const pngs = await Promise.all(pictures.get(overview.slideWidthPx) ?? [])
    const paste = overview.places.map((place, index) => ({ ...place, png: pngs[index] ?? missingPicture(index) }))
    const wanted = { page: 0, widthPx: overview.widthPx, paste }
    const [png] = rasterizer.rasterize(overviewPdf(overview, theme), [wanted], signal)
    return (await png) ?? missingPicture(0)
  }

  return {
    drawDeck(deck, want, signal) {
      signal.throwIfAborted()
      if (!want.pdf && want.widthsPx.length === 0 && !want.overview) {
        return { pdf: null, pictures: new Map(), overview: null }
      }
      const document = printDocument(deck, 0, deps.themes)
      const pdf = want.pdf ? print(document.html(), document.slides.length, true, signal) : null

      const sheet = want.overview ? sheetOf(deck, document) : null
      const isSheetKnown = sheet !== null && cache.get(sheet.key) !== undefined
      const ofSheet = sheet === null || isSheetKnown ? [] : [sheet.overview.slideWidthPx]
      const pictures = drawPictures(document, [...want.widthsPx, ...ofSheet], pdf, signal)
      const overview = sheet && kept(sheet.key, () => drawSheet(sheet, pictures, signal))
      // Whoever asked awaits each of them, unless it left before.
      for (const part of [pdf, overview, ...pictures.values().flatMap((some) => some)]) part?.catch(() => undefined)
      return { pdf, pictures, overview }
    },

    async drawSlide(deck, slide, index, widthPx, signal) {
      const document = printDocument({ ...deck, slides: [slide] }, index, deps.themes)
      const [picture] = drawPictures(document, [widthPx], null, signal).get(widthPx) ?? []
      return (await picture) ?? missingPicture(index)
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

function missingPicture(index: number): never {
  throw new RenderError('browser-crashed', `Cannot find picture of slide ${index + 1}`, {
    userMessage: 'Drawing the previews failed. Please try again.',
  })
}
