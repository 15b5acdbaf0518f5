import type { Clock } from '../../src/lib/clock.ts'

/** A clock that moves when told to. Instants are milliseconds since the epoch. */
export interface ManualClock extends Clock {
  /** Every sleep asked for so far, in milliseconds. */
  readonly sleeps: readonly number[]
  /** Moves on by `ms`, waking sleepers in order of their time; settles what they start before it returns. */
  advance(ms: number): Promise<void>
  /** Moves from one sleeper's time to the next until `promise` settles, then returns or throws as it does. */
  runUntil<T>(promise: Promise<T>): Promise<T>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/**
 * `autoAdvance` wakes each sleeper as soon as everything else that can run has run, and moves the clock to its time: for
 * code that waits between calls to a real loopback server.
 */
export function createManualClock(startMs = 0, options: { readonly autoAdvance?: boolean } = {}): ManualClock {
  let now = startMs
  const sleepers = new Set<Sleeper>()
  const sleeps: number[] = []

  function next(): Sleeper | undefined {
    return [...sleepers].reduce<Sleeper | undefined>(
      (first, each) => (!first || each.at < first.at ? each : first),
      undefined,
    )
  }

  function wake(sleeper: Sleeper): void {
    now = Math.max(now, sleeper.at)
    sleepers.delete(sleeper)
    sleeper.wake()
  }

  async function advance(ms: number): Promise<void> {
    const until = now + ms
    await settle()
    for (let sleeper = next(); sleeper && sleeper.at <= until; sleeper = next()) {
      wake(sleeper)
      await settle()
    }
    now = until
  }

  return {
    sleeps,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      sleeps.push(ms)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const sleeper: Sleeper = { at: now + ms, wake: resolve }
      const onAbort = (): void => {
        sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      sleepers.add(sleeper)
      if (options.autoAdvance) {
        setImmediate(() => {
          const first = next()
          if (first) wake(first)
        })
      }
      try {
        await promise
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    },
    advance,
    async runUntil(promise) {
      let settled = false
      const watched = promise.finally(() => {
        settled = true
      })
      watched.catch(() => {})
      for (;;) {
        await settle()
        if (settled) return watched
        const sleeper = next()
        if (sleeper) wake(sleeper)
      }
    },
  }
}

/** Lets promises, timers of zero and finished I/O run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
