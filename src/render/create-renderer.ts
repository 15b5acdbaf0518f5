import { availableParallelism } from 'node:os'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { findBrowser } from './browser/find-browser.ts'
import { launchBrowser } from './browser/launch.ts'
import { createPagePool, type PagePool } from './browser/page-pool.ts'
import type { Deck } from './deck.ts'
import { deckToHtml } from './html/deck-to-html.ts'
import { createRasterizer } from './rasterize/rasterizer.ts'
import { RenderError, type Format, type RenderedFile, type Renderer } from './renderer.ts'

export interface RendererDeps {
  /** Chromium to use; found on the machine when left out or empty. */
  readonly browserPath?: string
  /** Browser pages that print side by side; 0 or left out means one per core. */
  readonly pages?: number
  /** Jobs that may wait for a page before one is refused. */
  readonly maxWaiting?: number
  /** Longest time for one deck, waiting for a page included. */
  readonly timeoutMs: number
  readonly log: Logger
}

/** A renderer that can be started ahead of its first deck. */
export interface BrowserRenderer extends Renderer {
  /** Starts the browser and the drawing threads, so that the first deck does not wait for them. */
  warm(signal: AbortSignal): Promise<void>
}

/**
 * Renders decks with a pooled headless Chromium: one tagged PDF per deck, and the previews drawn from that PDF, so that
 * they show what the PDF shows. Nothing starts before the first job or `warm()`; disposing ends every process, thread
 * and temporary folder.
 */
export function createRenderer(deps: RendererDeps): BrowserRenderer {
  const { log } = deps
  const pages = deps.pages === undefined || deps.pages === 0 ? availableParallelism() : deps.pages
  const pool = createPagePool({
    pages,
    maxWaiting: deps.maxWaiting ?? pages * 8,
    jobsPerPage: 100,
    launch: async () => launchBrowser(await findBrowser(deps.browserPath), log),
    log,
  })
  const rasterizer = createRasterizer({ threads: Math.min(availableParallelism(), 4) })

  return {
    async *render(deck, want, signal) {
      const consumer = new AbortController()
      const deadline = AbortSignal.timeout(deps.timeoutMs)
      const job = AbortSignal.any([signal, deadline, consumer.signal])
      // Printing goes on while the consumer looks at the HTML.
      const printing = want.includes('pdf') || want.includes('png') ? printDeck(pool, deck, job, log) : null
      printing?.catch(() => undefined) // awaited below, unless the consumer leaves before
      try {
        if (want.includes('html')) yield file('html', 'deck.html', Buffer.from(deckToHtml(deck)))
        if (printing === null) return
        const pdf = await printing
        const pictures = want.includes('png') ? rasterizer.rasterize(pdf, deck.slides.length, job) : null
        if (want.includes('pdf')) yield file('pdf', 'deck.pdf', pdf)
        let slide = 0
        for await (const png of pictures ?? []) {
          yield { ...file('png', `slide-${slide + 1}.png`, png), slide }
          slide += 1
        }
      } catch (error) {
        signal.throwIfAborted()
        if (deadline.aborted) throw timedOut(deps.timeoutMs, error)
        throw error
      } finally {
        consumer.abort()
      }
    },

    async warm(signal) {
      rasterizer.warm()
      await pool.warm(signal)
    },

    async [Symbol.asyncDispose]() {
      await Promise.all([pool[Symbol.asyncDispose](), rasterizer[Symbol.asyncDispose]()])
    },
  }
}

/** One PDF page per slide. A job whose browser crashed under it is done once more with a new one. */
async function printDeck(pool: PagePool, deck: Deck, signal: AbortSignal, log: Logger): Promise<Uint8Array> {
  const html = deckToHtml(deck, { for: 'print' })
  try {
    return await printOnce(pool, html, deck.slides.length, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RenderError) || error.code !== 'browser-crashed') throw error
    log.warn({ deck: deck.id, error: describeError(error) }, 'Printing failed; trying once more')
    return await printOnce(pool, html, deck.slides.length, signal)
  }
}

async function printOnce(pool: PagePool, html: string, slideCount: number, signal: AbortSignal): Promise<Uint8Array> {
  await using page = await pool.leasePage(signal)
  const pdf = await page.print(html, signal)
  const pageCount = countPages(pdf)
  if (pageCount !== slideCount) {
    throw new RenderError('browser-crashed', `Cannot use PDF: it has ${pageCount} pages, expected ${slideCount}`, {
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

function file(format: Format, name: string, bytes: Uint8Array): RenderedFile {
  return { format, name, mediaType: mediaTypes[format], bytes }
}

const mediaTypes = { html: 'text/html; charset=utf-8', pdf: 'application/pdf', png: 'image/png' } as const

function timedOut(timeoutMs: number, cause: unknown): RenderError {
  return new RenderError('timeout', `Cannot render deck: not done after ${timeoutMs} ms`, {
    userMessage: 'Drawing the deck took too long and was stopped. A smaller deck may work.',
    cause,
  })
}
