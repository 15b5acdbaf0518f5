import type { Browser, Page } from 'puppeteer'
import { untilAborted } from '../../lib/abort.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { RenderError } from '../renderer.ts'
import type { RunningBrowser } from './launch.ts'

/** A browser page lent for one job. Giving it back is disposing it, whatever happened. */
export interface PageLease extends AsyncDisposable {
  /**
   * Prints a document to a tagged PDF with an outline. On abort, and on any failure, the page is closed and never used
   * again: closing is the only thing that ends a layout that does not end.
   * @throws RenderError `browser-crashed`
   */
  print(html: string, signal: AbortSignal): Promise<Uint8Array>
}

export interface PagePool extends AsyncDisposable {
  /**
   * Waits for a free page. The browser starts with the first lease, and again after it crashed.
   * @throws RenderError `queue-full`, `browser-missing`, `browser-crashed`
   */
  leasePage(signal: AbortSignal): Promise<PageLease>
  /** Starts the browser and one page ahead of the first job. */
  warm(signal: AbortSignal): Promise<void>
}

export interface PagePoolDeps {
  /** Pages that print side by side; as many as cores are best. */
  readonly pages: number
  /** Jobs that may wait for a page; one more is refused at once. */
  readonly maxWaiting: number
  /** A page is replaced after this many jobs. */
  readonly jobsPerPage: number
  launch(): Promise<RunningBrowser>
  readonly log: Logger
}

interface Slot {
  page: Page | null
  jobs: number
}

export function createPagePool(deps: PagePoolDeps): PagePool {
  const { log } = deps
  const free: Slot[] = Array.from({ length: deps.pages }, () => ({ page: null, jobs: 0 }))
  const waiting: { resolve: (slot: Slot) => void }[] = []
  const closing = new Set<Promise<void>>()
  let starting: Promise<RunningBrowser> | null = null
  let isEnded = false

  async function runningBrowser(): Promise<Browser> {
    if (isEnded) throw ended()
    starting ??= deps.launch().then(
      (running) => {
        running.browser.once('disconnected', () => {
          starting = null
          if (!isEnded) log.warn({ pid: running.pid }, 'Browser ended unexpectedly; the next job starts a new one')
        })
        return running
      },
      (error: unknown) => {
        starting = null
        throw error
      },
    )
    return (await starting).browser
  }

  async function takeSlot(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted()
    if (isEnded) throw ended()
    const slot = free.pop()
    if (slot) return slot
    if (waiting.length >= deps.maxWaiting) {
      throw new RenderError(
        'queue-full',
        `Cannot lease page: ${waiting.length} jobs wait already, expected fewer than ${deps.maxWaiting}`,
        {
          userMessage: 'Many decks are being drawn right now. Please try again in a minute.',
        },
      )
    }
    const { promise, resolve } = Promise.withResolvers<Slot>()
    const entry = { resolve }
    waiting.push(entry)
    try {
      return await untilAborted(promise, signal)
    } catch (error) {
      const place = waiting.indexOf(entry)
      if (place >= 0) waiting.splice(place, 1)
      else void promise.then(giveSlot) // it was handed over in the same moment
      throw error
    }
  }

  function giveSlot(slot: Slot): void {
    const next = waiting.shift()
    if (next) next.resolve(slot)
    else free.push(slot)
  }

  async function readyPage(slot: Slot): Promise<Page> {
    const browser = await runningBrowser()
    if (slot.page !== null && !slot.page.isClosed() && slot.page.browser() === browser) return slot.page
    slot.page = await newPage(browser)
    slot.jobs = 0
    return slot.page
  }

  /** Closes a page without waiting for it: a busy renderer takes half a second to be ended. */
  function discard(slot: Slot): void {
    const { page } = slot
    slot.page = null
    if (page === null || page.isClosed()) return
    const closed = page
      .close()
      .catch((error: unknown) => log.debug({ error: describeError(error) }, 'Page did not close'))
    closing.add(closed)
    void closed.finally(() => closing.delete(closed))
  }

  function lease(slot: Slot): PageLease {
    let isBroken = false
    return {
      async print(html, signal) {
        let page: Page
        try {
          page = await untilAborted(readyPage(slot), signal)
          return await untilAborted(printPage(page, html), signal)
        } catch (error) {
          isBroken = true
          signal.throwIfAborted()
          throw error instanceof RenderError ? error : crashed(error)
        }
      },
      async [Symbol.asyncDispose]() {
        slot.jobs += 1
        if (isBroken || slot.jobs >= deps.jobsPerPage) discard(slot)
        giveSlot(slot)
      },
    }
  }

  return {
    async leasePage(signal) {
      return lease(await takeSlot(signal))
    },

    async warm(signal) {
      const slot = await takeSlot(signal)
      try {
        await untilAborted(readyPage(slot), signal)
      } finally {
        giveSlot(slot)
      }
    },

    async [Symbol.asyncDispose]() {
      isEnded = true
      const running = await starting?.catch(() => null)
      await running?.[Symbol.asyncDispose]()
      await Promise.all(closing)
    },
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  // Third and fourth lines of defence, after the page's own policy and the browser's flags.
  await page.setJavaScriptEnabled(false)
  await page.setOfflineMode(true)
  return page
}

async function printPage(page: Page, html: string): Promise<Uint8Array> {
  const { promise: crash, reject } = Promise.withResolvers<never>()
  const onCrash = (error: Error): void => reject(error)
  page.once('error', onCrash)
  try {
    return await Promise.race([crash, setAndPrint(page, html)])
  } finally {
    page.off('error', onCrash)
  }
}

async function setAndPrint(page: Page, html: string): Promise<Uint8Array> {
  await page.setContent(html, { waitUntil: 'load', timeout: 0 })
  return await page.pdf({
    preferCSSPageSize: true,
    printBackground: true,
    tagged: true,
    outline: true,
    timeout: 0,
  })
}

function crashed(cause: unknown): RenderError {
  return new RenderError('browser-crashed', 'Cannot print deck: the browser page ended or refused', {
    userMessage: 'Drawing the deck failed. Please try again.',
    cause,
  })
}

function ended(): RenderError {
  return new RenderError('browser-crashed', 'Cannot lease page: the renderer was disposed', {
    userMessage: 'The service is shutting down. Please ask again in a minute.',
  })
}
