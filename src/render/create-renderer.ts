import { availableParallelism } from 'node:os'
import type { Logger } from '../lib/log.ts'
import { findBrowser, installedBrowser } from './browser/find-browser.ts'
import { launchBrowser } from './browser/launch.ts'
import { createPagePool } from './browser/page-pool.ts'
import type { Deck } from './deck.ts'
import type { DeckDrawer } from './draw-deck.ts'
import { createPictureCache } from './rasterize/picture-cache.ts'
import { toHtmlFile } from './html-renderer.ts'
import { createRasterizer } from './rasterize/rasterizer.ts'
import { pictureWidthsPx, RenderError, type Format, type RenderedFile, type Renderer } from './renderer.ts'
import type { Themes } from './theme.ts'

export interface RendererDeps {
  /** Chromium to use; found on the machine when left out or empty. */
  readonly browserPath?: string
  /** Browser pages that print side by side; 0 or left out means one per core. */
  readonly pages?: number
  /** Jobs that may wait for a page before one is refused. */
  readonly maxWaiting?: number
  /** Longest time for one deck, waiting for a page included. */
  readonly timeoutMs: number
  /** Brand themes by name, beside the built-in ones. */
  readonly themes?: Themes
  /** Pictures kept for decks that show a slide again, together; 64 MB, some 80 decks, when left out. */
  readonly pictureCacheBytes?: number
  readonly log: Logger
}

/** A renderer that can be started ahead of its first deck. */
export interface BrowserRenderer extends Renderer {
  /** Starts the browser and the drawing threads, so that the first deck does not wait for them. */
  warm(signal: AbortSignal): Promise<void>
}

/**
 * Renders decks with a pooled headless Chromium: one tagged PDF per deck, and the previews drawn from that PDF, so that
 * they show what the PDF shows; a slide drawn before is not drawn again. Nothing starts before the first job or `warm()`; disposing ends every process, thread
 * and temporary folder.
 */
export function createRenderer(deps: RendererDeps): BrowserRenderer {
  const { log } = deps
  const pages = deps.pages === undefined || deps.pages === 0 ? availableParallelism() : deps.pages
  const pool = createPagePool({
    pages,
    maxWaiting: deps.maxWaiting ?? pages * 8,
    jobsPerPage: 100,
    jobsPerBrowser: 1000,
    mostBytes: 2 ** 30,
    launch: async () => launchBrowser(installedBrowser(deps.browserPath) ?? (await findBrowser(deps.browserPath)), log),
    log,
  })
  const rasterizer = createRasterizer({ threads: Math.min(availableParallelism(), 4) })
  const cache = createPictureCache(deps.pictureCacheBytes ?? 64 * 2 ** 20)
  // What makes pages of decks takes as long to load as the browser takes to start: they do it side by side.
  let loading: Promise<DeckDrawer> | null = null
  const loadDrawer = async (): Promise<DeckDrawer> => {
    const { createDeckDrawer } = await import('./draw-deck.ts')
    return createDeckDrawer({ themes: deps.themes, pool, rasterizer, cache, log })
  }
  const getDrawer = (): Promise<DeckDrawer> => (loading ??= loadDrawer())

  return {
    async *render(deck, want, signal) {
      const consumer = new AbortController()
      const deadline = AbortSignal.timeout(deps.timeoutMs)
      const job = AbortSignal.any([signal, deadline, consumer.signal])
      try {
        // Drawing goes on while the consumer looks at the first files.
        const sizes = pictureFormats.filter((format) => want.includes(format))
        const widthsPx = sizes.map((format) => pictureWidthsPx[format])
        const wanted = { pdf: want.includes('pdf'), widthsPx, overview: want.includes('overview') }
        const drawing = (await getDrawer()).drawDeck(deck, wanted, job)
        if (want.includes('html')) yield await toHtmlFile(deck, deps.themes)
        // Made while the browser prints, and told last: people look at the pictures first.
        const office = makeOfficeFiles(deck, want, deps.themes)
        office.catch(() => undefined) // awaited below, unless the consumer leaves before
        if (drawing.pdf !== null) yield file('pdf', 'deck.pdf', await drawing.pdf)
        for (const format of sizes) {
          for (const [slide, picture] of drawing.pictures.get(pictureWidthsPx[format])?.entries() ?? []) {
            const png = await picture
            job.throwIfAborted() // a picture of an earlier deck is there even then
            yield pictureFile(format, png, slide)
          }
        }
        if (drawing.overview !== null) {
          const png = await drawing.overview
          job.throwIfAborted()
          yield file('overview', 'overview.png', png)
        }
        for (const made of await office) {
          job.throwIfAborted()
          yield made
        }
      } catch (error) {
        signal.throwIfAborted()
        if (deadline.aborted) throw timedOut(deps.timeoutMs, error)
        throw error
      } finally {
        consumer.abort()
      }
    },

    async preview(deck, slide, index, signal) {
      const deadline = AbortSignal.timeout(deps.timeoutMs)
      try {
        const drawer = await getDrawer()
        const job = AbortSignal.any([signal, deadline])
        return pictureFile('png', await drawer.drawSlide(deck, slide, index, pictureWidthsPx.png, job), index)
      } catch (error) {
        signal.throwIfAborted()
        if (deadline.aborted) throw timedOut(deps.timeoutMs, error)
        throw error
      }
    },

    async warm(signal) {
      const started = pool.warm(signal)
      const loaded = getDrawer()
      await started
      // Not before: while the browser starts, it has use for every core.
      rasterizer.warm()
      await loaded
    },

    async [Symbol.asyncDispose]() {
      await Promise.all([pool[Symbol.asyncDispose](), rasterizer[Symbol.asyncDispose]()])
    },
  }
}

async function makeOfficeFiles(
  deck: Deck,
  want: readonly Format[],
  themes: Themes | undefined,
): Promise<readonly RenderedFile[]> {
  if (!want.some((format) => format === 'pptx' || format === 'xlsx' || format === 'csv')) return []
  const { officeFiles } = await import('./office/office-files.ts')
  return await officeFiles(deck, want, themes)
}

const pictureFormats = ['png', 'thumbnail'] as const

function pictureFile(format: (typeof pictureFormats)[number], png: Uint8Array, slide: number): RenderedFile {
  return { ...file(format, `${format === 'png' ? 'slide' : format}-${slide + 1}.png`, png), slide }
}

function file(format: keyof typeof mediaTypes, name: string, bytes: Uint8Array): RenderedFile {
  return { format, name, mediaType: mediaTypes[format], bytes }
}

const mediaTypes = {
  pdf: 'application/pdf',
  png: 'image/png',
  thumbnail: 'image/png',
  overview: 'image/png',
} as const

function timedOut(timeoutMs: number, cause: unknown): RenderError {
  return new RenderError('timeout', `Cannot render deck: not done after ${timeoutMs} ms`, {
    userMessage: 'Drawing the deck took too long and was stopped. A smaller deck may work.',
    cause,
  })
}
