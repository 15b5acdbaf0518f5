import type { Clock } from '../../lib/clock.ts'
import { isTransient } from '../../lib/databricks/error.ts'

/**
 * How often to look. The pause is a twentieth of what we have already waited for news, so looking adds at most 5 % to
 * a step, and at least 150 ms, so a long wait costs few calls. Only asking counts against Genie's limit, looking does not.
 */
const polling = { share: 0.05, shortestMs: 150, longestMs: 2000, toleratedOutageMs: 60_000 } as const

export interface Seen<T> {
  /** A word for where the work stands; a new one is news. */
  readonly state: string
  readonly final: boolean
  readonly value: T
}

export interface WaitOptions<T> {
  readonly look: (signal: AbortSignal) => Promise<Seen<T>>
  /** Called on each new state. */
  readonly onNews?: (state: string) => void
  /** By `clock`. */
  readonly deadlineAt: number
  /** The error when the deadline passes. */
  readonly late: (lastState: string) => Error
  readonly clock: Clock
}

/**
 * Looks again and again until the work is final. A passing failure of looking (no connection, 429, 503) is waited out
 * for a minute: the work goes on without us, and asking again would cost more than patience.
 */
export async function waitUntilFinal<T>(options: WaitOptions<T>, signal: AbortSignal): Promise<T> {
  const { look, onNews, deadlineAt, late, clock } = options
  let state = ''
  let lastNewsAt = clock.now()
  let lastSeenAt = clock.now()
  for (;;) {
    let pauseMs: number
    try {
      const seen = await look(signal)
      lastSeenAt = clock.now()
      if (seen.state !== state) {
        state = seen.state
        lastNewsAt = clock.now()
        onNews?.(state)
      }
      if (seen.final) return seen.value
      pauseMs = Math.min(
        polling.longestMs,
        Math.max(polling.shortestMs, Math.round((clock.now() - lastNewsAt) * polling.share)),
      )
    } catch (error) {
      signal.throwIfAborted()
      if (!isTransient(error) || clock.now() - lastSeenAt > polling.toleratedOutageMs) throw error
      pauseMs = Math.max(polling.longestMs, error.retryAfterMs ?? 0)
    }
    if (clock.now() + pauseMs > deadlineAt) throw late(state)
    await clock.sleep(pauseMs, signal)
  }
}
