import { untilAborted } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import { packJson, unpackJson } from '../../lib/packed-json.ts'
import type { Json } from '../../mlflow/tracing.ts'
import { LeaseLost, StoppedByPerson, type Lease } from '../mailbox.ts'
import type { ThreadId } from '../thread.ts'
import type { MailboxStore } from './store.ts'

/** A worker's hold on a thread: the lock of its BullMQ job, seen from the turn that runs under it. */
export interface HeldLease {
  readonly thread: ThreadId
  readonly token: string
  /** Aborts with LeaseLost alone: what must end with the hold, stopped turn or not. */
  readonly held: AbortSignal
  /** The turn that runs, if any. */
  readonly turnId: string | undefined
  /** What the turn gets to see. Ends the one before. */
  begin(turn: { readonly id: string; readonly attempt: number; readonly isStopped: boolean }): Lease
  /** The lock was renewed just now. */
  renew(): void
  /** Drops the hold when it was not renewed for so long that another worker may have it. */
  check(): void
  lose(why: string): void
  readonly stop: (turnId: string) => void
}

/** Bigger results are not kept: making them again costs less than a Redis full of them. */
const largestStepBytes = 4 * 1024 * 1024
const tryAgainMs = 200

export interface HeldLeaseDeps {
  readonly store: MailboxStore
  readonly clock: Clock
  readonly lockMs: number
}

export function holdLease(thread: ThreadId, token: string, deps: HeldLeaseDeps): HeldLease {
  const { store, clock, lockMs } = deps
  const hold = new AbortController()
  let stopping = new AbortController()
  let turnId: string | undefined
  // Not the injected clock: the lock runs out by real time.
  let renewedAt = performance.now()

  function lose(why: string): void {
    hold.abort(new LeaseLost(why))
  }

  /** While Redis is away: tries until it is back, or the hold is lost. */
  async function insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      hold.signal.throwIfAborted()
      try {
        return await untilAborted(attempt(), hold.signal)
      } catch {
        await clock.sleep(tryAgainMs, hold.signal)
      }
    }
  }

  async function put(id: string, step: string, value: Json): Promise<void> {
    const packed = packJson(value)
    if (packed.length > largestStepBytes) return
    const result = await insist(() => store.putStep(thread, token, id, step, packed))
    if (result === 'lost') lose('another worker has taken it over')
    if (result === 'stop') stop(id)
    hold.signal.throwIfAborted()
  }

  function stop(id: string): void {
    if (id === turnId) stopping.abort(new StoppedByPerson())
  }

  return {
    thread,
    token,
    held: hold.signal,
    get turnId() {
      return turnId
    },
    begin({ id, attempt, isStopped }) {
      turnId = id
      stopping = new AbortController()
      if (isStopped) stop(id)
      return {
        attempt,
        signal: AbortSignal.any([hold.signal, stopping.signal]),
        journal: {
          async get(step) {
            // Nobody can have kept anything before the first attempt.
            const packed = attempt === 1 ? null : await insist(() => store.findStep(thread, id, step))
            return packed === null ? undefined : (unpackJson(packed) as Json | undefined)
          },
          put: (step, value) => put(id, step, value),
        },
        async write(writes) {
          if ((await store.write(thread, token, id, writes)) === 'lost') lose('another worker has taken it over')
        },
      }
    },
    renew() {
      renewedAt = performance.now()
    },
    check() {
      if (performance.now() - renewedAt > lockMs) lose('its lock could not be renewed in time')
    },
    lose,
    stop,
  }
}
