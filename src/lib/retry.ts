import type { Clock } from './clock.ts'

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  /**
   * How long to wait before the next try after `error`, or null when trying again is unsafe or pointless.
   * `attempt` is the number of tries made so far, from 1.
   */
  delayMs(error: unknown, attempt: number): number | null
}

/** Runs `fn` until it succeeds or the policy says stop; rejects with the last error, or with the abort reason. */
export async function retry<T>(
  fn: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fn(attempt)
    } catch (error) {
      signal?.throwIfAborted()
      const waitMs = attempt >= policy.attempts ? null : policy.delayMs(error, attempt)
      if (waitMs === null) throw error
      await clock.sleep(waitMs, signal)
    }
  }
}
