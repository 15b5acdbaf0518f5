import type { Browser } from 'puppeteer-core/internal/puppeteer-core-browser.js'
import { untilAborted } from '../../lib/abort.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { RenderError } from '../renderer.ts'
import type { RunningBrowser } from './launch.ts'
import { processTreeBytes } from './memory.ts'

/** The browser for one job. A browser to be replaced lives until its last job gave it back. */
export interface BrowserLease extends Disposable {
  readonly browser: Browser
}

/** Keeps one browser running: started with the first job, again after it crashed, anew when it is old or large. */
export interface BrowserKeeper extends AsyncDisposable {
  /** @throws RenderError `browser-missing`, `browser-crashed` */
  lease(signal: AbortSignal): Promise<BrowserLease>
}

export interface BrowserKeeperDeps {
  /** A browser is replaced after this many jobs. */
  readonly jobsPerBrowser: number
  /** Or when its processes take more than this together, looked at every few jobs. */
  readonly mostBytes: number
  launch(): Promise<RunningBrowser>
  readonly log: Logger
}

interface Kept {
  readonly running: RunningBrowser
  jobs: number
  leases: number
  isRetired: boolean
}

/** Adding up the memory of a browser's processes takes some milliseconds. */
const jobsBetweenLooks = 25

export function createBrowserKeeper(deps: BrowserKeeperDeps): BrowserKeeper {
  const { log } = deps
  let current: Promise<Kept> | null = null
  let isReplacing = false
  let isEnded = false
  /** Whatever has to end before we have. */
  const ending = new Set<Promise<unknown>>()

  async function start(): Promise<Kept> {
    const running = await deps.launch()
    const kept: Kept = { running, jobs: 0, leases: 0, isRetired: false }
    running.browser.once('disconnected', () => {
      if (kept.isRetired || isEnded) return
      kept.isRetired = true
      current = null
      log.warn({ pid: running.pid }, 'Browser ended unexpectedly; the next job starts a new one')
    })
    return kept
  }

  function startCurrent(): Promise<Kept> {
    const starting = start()
    starting.catch(() => {
      if (current === starting) current = null // the next job tries again
    })
    return starting
  }

  function keep(work: Promise<unknown>): void {
    ending.add(work)
    void work.finally(() => ending.delete(work))
  }

  async function giveBack(kept: Kept): Promise<void> {
    kept.leases -= 1
    kept.jobs += 1
    if (!kept.isRetired && (await isDue(kept))) await replace(kept)
    if (kept.isRetired && kept.leases === 0) await kept.running[Symbol.asyncDispose]()
  }

  async function isDue({ jobs, running }: Kept): Promise<boolean> {
    if (jobs >= deps.jobsPerBrowser) return true
    return jobs % jobsBetweenLooks === 0 && (await processTreeBytes(running.pid)) > deps.mostBytes
  }

  /** The new one is up before the old one gets no more jobs. */
  async function replace(old: Kept): Promise<void> {
    if (isReplacing || isEnded || old.isRetired) return
    isReplacing = true
    try {
      const fresh = await start()
      log.info({ pid: old.running.pid, jobs: old.jobs, freshPid: fresh.running.pid }, 'Browser replaced')
      old.isRetired = true
      current = Promise.resolve(fresh)
    } catch (error) {
      log.warn({ error: describeError(error) }, 'Browser could not be replaced; the old one goes on')
    } finally {
      isReplacing = false
    }
  }

  return {
    async lease(signal) {
      if (isEnded) throw ended()
      current ??= startCurrent()
      const kept = await untilAborted(current, signal)
      kept.leases += 1
      let isGivenBack = false
      return {
        browser: kept.running.browser,
        [Symbol.dispose]() {
          if (isGivenBack) return
          isGivenBack = true
          keep(
            giveBack(kept).catch((error: unknown) => log.warn({ error: describeError(error) }, 'Browser did not end')),
          )
        },
      }
    },

    async [Symbol.asyncDispose]() {
      isEnded = true
      const kept = await current?.catch(() => null)
      await kept?.running[Symbol.asyncDispose]()
      await Promise.all(ending)
      // A replacement may have come up meanwhile.
      const last = await current?.catch(() => null)
      await last?.running[Symbol.asyncDispose]()
    },
  }
}

/** A job for a renderer that is shutting down. */
function ended(): RenderError {
  return new RenderError('browser-crashed', 'Cannot lease page: the renderer was disposed', {
    userMessage: 'The service is shutting down. Please ask again in a minute.',
  })
}
