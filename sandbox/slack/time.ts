import type { Clock } from '../../src/lib/clock.ts'

/** A clock's time that can be moved ahead, with everything that waits on it. */
export interface SlackTime {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves once this much time has passed or been skipped; rejects when the workspace closes. */
  wait(ms: number): Promise<void>
  skip(ms: number): void
}

export function createTime(clock: Clock, closing: AbortSignal): SlackTime {
  let ahead = 0
  let skipped = new AbortController()
  const now = (): number => clock.now() + ahead
  return {
    now,
    skip(ms) {
      ahead += ms
      const waiting = skipped
      skipped = new AbortController()
      waiting.abort()
    },
    async wait(ms) {
      const due = now() + ms
      while (now() < due) {
        const woken = skipped.signal
        try {
          await clock.sleep(due - now(), AbortSignal.any([closing, woken]))
        } catch (error) {
          if (closing.aborted || !woken.aborted) throw error
        }
      }
    },
  }
}
