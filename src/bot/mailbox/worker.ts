import { randomUUID } from 'node:crypto'
import { Worker, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { describeError } from '../../lib/errors.ts'
import type { ThreadId } from '../thread.ts'
import { holdLease, type HeldLease } from './held-lease.ts'
import { takeTurn, type TakeTurnDeps } from './take-turn.ts'
import type { WakeUps } from './wake-ups.ts'

export interface MailboxWorkerDeps extends TakeTurnDeps {
  readonly connection: Redis
  readonly wakeUps: WakeUps
  readonly turnsPerWorker: number
  readonly lockMs: number
  readonly shutdownMs: number
}

export interface MailboxWorker extends AsyncDisposable {
  stop(turnId: string): void
  /** The turns that run here. */
  running(): readonly HeldLease[]
}

const lostLock = /^(missing lock|could not renew lock) for job/i
/** How long turns have to let go once they are told that their hold is lost. */
const letGoMs = 5000
/** How long BullMQ has to close when nothing runs any more: without a connection it may never be done. */
const closeMs = 1000
/** How long closing waits for a connection that is away: closing without one is what BullMQ hangs in. */
const comeBackMs = 2000

/** Takes wake-ups from BullMQ, whose job lock is the lease of the thread: renewed while we live, free soon after. */
export function startWorker(deps: MailboxWorkerDeps): MailboxWorker {
  const { wakeUps, lockMs, log, store, clock, metrics } = deps
  const leases = new Map<string, HeldLease>()
  let isClosing = false
  let idle = Promise.withResolvers<void>()

  async function process(job: Job<{ thread: ThreadId }>): Promise<void> {
    const id = job.id ?? ''
    const lease = holdLease(job.data.thread, randomUUID(), { store, clock, lockMs })
    leases.set(id, lease)
    try {
      // Added while this one is active, it waits until this one has finished, behind all others.
      if ((await takeTurn(lease, deps)) === 'more') await wakeUps.add(lease.thread)
    } catch (error) {
      log.warn({ thread: lease.thread, turn: lease.turnId, error: describeError(error) }, 'Thread is tried again soon')
      metrics.count('turns_handed_on', { why: 'error' })
      throw error
    } finally {
      if (lease.held.aborted) metrics.count('turns_handed_on', { why: isClosing ? 'shutdown' : 'lease-lost' })
      leases.delete(id)
      if (leases.size === 0) idle.resolve()
    }
  }

  function untilIdle(): Promise<void> {
    if (leases.size === 0) return Promise.resolve()
    idle = Promise.withResolvers()
    return idle.promise
  }

  const worker = new Worker(wakeUps.queueName, process, {
    connection: deps.connection,
    prefix: wakeUps.prefix,
    concurrency: deps.turnsPerWorker,
    lockDuration: lockMs,
    stalledInterval: lockMs / 4, // a stall is noticed by the second look after the lock has run out
    maxStalledCount: Number.MAX_SAFE_INTEGER, // who dies over a turn is counted by the mailbox
    runRetryDelay: 300,
    settings: { backoffStrategy: wakeUps.backOffMs },
  })
  let lastError = ''
  worker.on('error', (error) => {
    // Said of each turn whose hold was lost, long after the hold itself has told.
    if (lostLock.test(error.message)) return
    const isNews = error.message !== lastError
    lastError = error.message
    if (isNews) log.warn({ error: describeError(error) }, 'Queue has a problem')
  })
  worker.on('locksRenewed', ({ jobIds }: { jobIds: string[] }) => {
    lastError = ''
    for (const id of jobIds) leases.get(id)?.renew()
  })
  worker.on('lockRenewalFailed', (jobIds: string[]) => {
    for (const id of jobIds) leases.get(id)?.lose('its lock has run out')
  })
  const checking = setInterval(() => {
    for (const lease of leases.values()) lease.check()
  }, lockMs / 4)
  checking.unref()

  return {
    stop(turnId) {
      for (const lease of leases.values()) lease.stop(turnId)
    },
    running: () => [...leases.values()],
    async [Symbol.asyncDispose]() {
      isClosing = true
      if (deps.connection.status !== 'ready') {
        await Promise.race([new Promise((resolve) => deps.connection.once('ready', resolve)), delay(comeBackMs)])
      }
      const closed = worker.close().catch(() => undefined) // takes no more
      await Promise.race([untilIdle(), delay(deps.shutdownMs)])
      for (const lease of leases.values()) lease.lose('this process is shutting down')
      await Promise.race([untilIdle(), delay(letGoMs)])
      await Promise.race([closed, delay(closeMs)])
      clearInterval(checking)
    },
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref())
}
