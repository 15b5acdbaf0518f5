import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { ChatPlatform } from './place.ts'

/** Work that nobody waits for, such as a word to a person after their message is safe. Disposing it waits for what runs. */
export interface Background extends AsyncDisposable {
  /** Never throws; a failure is logged with `what` was tried. */
  run(what: string, work: () => Promise<unknown>): void
}

const longestWaitMs = 5000

export function createBackground(platform: ChatPlatform, log: Logger): Background {
  const running = new Set<Promise<void>>()
  return {
    run(what, work) {
      const run = work().then(
        () => undefined,
        (error: unknown) =>
          log.warn({ platform, what, error: describeError(error) }, 'Something to say could not be said'),
      )
      running.add(run)
      void run.finally(() => running.delete(run))
    },
    async [Symbol.asyncDispose]() {
      let timer: NodeJS.Timeout | undefined
      const longEnough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, longestWaitMs)
      })
      await Promise.race([Promise.all(running), longEnough])
      clearTimeout(timer)
    },
  }
}
