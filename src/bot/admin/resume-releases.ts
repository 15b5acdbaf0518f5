import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { ReleaseRun, Releases } from '../../mlflow/release.ts'

/** The lease of a process that died lasts longer than the start of the next. */
const everyMs = 30_000
const who = { id: 'deckhand', name: 'Deckhand' }

/**
 * Goes on with releases whose process is gone, as long as this one lives: whichever process has the lease of an environment
 * does it. Disposing it leaves them where they stand.
 */
export function startResuming({
  releases,
  clock,
  log,
}: {
  readonly releases: Pick<Releases, 'resume'>
  readonly clock: Clock
  readonly log: Logger
}): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const watching = watch()

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      try {
        await Promise.all((await releases.resume(who, { signal })).map(finish))
      } catch (error) {
        if (!signal.aborted) log.warn({ error: describeError(error) }, 'Interrupted releases could not be looked for')
      }
      await clock.sleep(everyMs, signal).catch(() => undefined)
    }
  }

  async function finish({ environment, result }: ReleaseRun): Promise<void> {
    try {
      const { releaseId, outcome } = await result
      log.info({ environment, releaseId, outcome }, 'An interrupted release was gone on with')
    } catch (error) {
      // Another process was faster.
      if (!signal.aborted)
        log.info({ environment, error: describeError(error) }, 'An interrupted release is left alone')
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The service is shutting down', 'AbortError'))
      await watching
    },
  }
}
