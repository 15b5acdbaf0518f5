import type { Logger } from '../../lib/log.ts'
import type { Person } from './operation.ts'
import { ReleaseError } from './release-error.ts'
import type { Lease, ReleaseStore } from './store.ts'

/** A held environment. Disposing gives it back. */
export interface Hold extends AsyncDisposable {
  readonly lease: Lease
  /** Aborts when the environment is lost to another process: then nothing may be done any more. */
  readonly lost: AbortSignal
  /** Aborts when somebody wants the release cancelled; the reason is a ReleaseError. */
  readonly cancelled: AbortSignal
  /** Renews the hold, and learns now whether somebody wants the release cancelled. Rejects when the store is away. */
  check(): Promise<void>
}

export interface HoldDeps {
  readonly store: ReleaseStore
  readonly log: Logger
  /** Another process may take over this long after the last sign of life. */
  readonly leaseMs: number
}

/**
 * Takes an environment, and keeps it by a sign of life three times per lease.
 * @throws ReleaseError `busy`
 */
export async function holdEnvironment(environment: string, { store, log, leaseMs }: HoldDeps): Promise<Hold> {
  let renewedAt = performance.now()
  const lease = await store.acquire(environment, leaseMs)
  if (!lease) {
    throw new ReleaseError('busy', `Another release of ${environment} is under way`, {
      userMessage: `Another release of ${environment} is under way. \`status ${environment}\` tells which.`,
    })
  }
  const lost = new AbortController()
  const cancelled = new AbortController()

  async function check(): Promise<void> {
    const sentAt = performance.now()
    try {
      const { cancelledBy } = await store.renew(held, leaseMs)
      renewedAt = sentAt
      if (cancelledBy) cancelled.abort(cancelError(environment, cancelledBy))
    } catch (error) {
      if (error instanceof ReleaseError) lost.abort(error)
      throw error
    }
  }

  async function renew(): Promise<void> {
    try {
      await check()
    } catch (error) {
      // By the time Redis lets go of the lease we have stopped. Until then it may come back.
      if (performance.now() - renewedAt < leaseMs * 0.6) return
      lost.abort(new ReleaseError('lease-lost', `Redis was away too long to keep ${environment}`, { cause: error }))
    }
  }
  const held = lease
  // Real time, because Redis lets the lease run out by its own clock.
  let renewing = Promise.resolve()
  const timer = setInterval(() => {
    renewing = renewing.then(renew)
  }, leaseMs / 3)
  timer.unref()
  return {
    lease,
    lost: lost.signal,
    cancelled: cancelled.signal,
    check,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await renewing
      try {
        await store.release(lease)
      } catch (error) {
        // It runs out by itself.
        log.warn({ environment, error: String(error) }, 'The hold on an environment was not given back')
      }
    },
  }
}

function cancelError(environment: string, who: Person): ReleaseError {
  return new ReleaseError('cancelled', `${who.name} has cancelled the release of ${environment}`)
}
