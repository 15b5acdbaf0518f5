import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { ProgressLine } from './admin-desk.ts'
import { createProgressBoard } from './progress-board.ts'

/** A message that shows what goes on, edited no faster than its platform likes. */
export interface LiveMessage {
  show(line: ProgressLine): void
  /** Resolves when the last of it is shown, or could not be. */
  finish(): Promise<void>
}

export interface LiveMessageDeps {
  readonly edit: (text: string) => Promise<void>
  readonly pauseMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** A release does not stop because somebody could not be told: what cannot be shown is logged. */
export function createLiveMessage({ edit, pauseMs, clock, log }: LiveMessageDeps): LiveMessage {
  const board = createProgressBoard()
  const ended = new AbortController()
  let shown = ''
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    while (board.text() !== shown) {
      shown = board.text()
      try {
        await edit(shown)
      } catch (error) {
        log.warn({ error: describeError(error) }, 'Progress of a release could not be shown')
      }
      // The end does not wait.
      await clock.sleep(pauseMs, ended.signal).catch(() => undefined)
    }
    writing = undefined
  }

  return {
    show(line) {
      board.put(line)
      writing ??= write()
    },
    async finish() {
      ended.abort()
      await writing
    },
  }
}
