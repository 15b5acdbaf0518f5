import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { LeaseLost, type TurnEnd, type TurnHandler } from '../mailbox.ts'
import type { Metrics } from '../metrics.ts'
import type { HeldLease } from './held-lease.ts'
import type { MailboxStore, NextStep } from './store.ts'

export interface TakeTurnDeps {
  readonly store: MailboxStore
  readonly handler: TurnHandler
  readonly maxAttempts: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Ends that nobody took for that long are let go, so that the thread can go on. */
const deliverForMs = 86_400_000
/** How long a process that lost its hold tries to say that the turn did not take it down. */
const releaseForMs = 60_000
const releaseAgainMs = 500

/**
 * One wake-up of a thread: delivers what waits for delivery, runs one turn, delivers its end. One turn only, so that
 * threads with much to do and threads with little take their turns alike.
 * @returns whether more waits in the thread
 * @throws when something has to be tried again later
 */
export async function takeTurn(lease: HeldLease, deps: TakeTurnDeps): Promise<'more' | 'nothing'> {
  const { store, log } = deps
  const { thread, token } = lease
  let take = true
  let run = true
  try {
    for (;;) {
      lease.held.throwIfAborted()
      const next = await store.next(thread, token, { take, run })
      take = false
      if (next.kind === 'run') {
        run = false
        await runTurn(next, lease, deps)
      } else if (next.kind === 'deliver') {
        await deliver(next, lease, deps)
      } else if (next.kind === 'lost') {
        throw new LeaseLost('another worker has taken it over')
      } else {
        return next.kind
      }
    }
  } catch (error) {
    if (!lease.held.aborted && !(error instanceof LeaseLost)) throw error
    log.info({ thread, turn: lease.turnId, why: describeError(lease.held.reason ?? error) }, 'Turn is handed on')
    if (lease.turnId !== undefined) await release(lease, lease.turnId, deps)
    return 'more'
  }
}

async function runTurn(step: NextStep & { kind: 'run' }, lease: HeldLease, deps: TakeTurnDeps): Promise<void> {
  const { store, handler, maxAttempts, log, metrics, clock } = deps
  const { id, message, attempt } = step
  const { thread, token } = lease
  const isGivenUp = message === undefined || step.deaths > maxAttempts
  const fields = { thread, turn: id, attempt }
  let end: TurnEnd
  if (isGivenUp) {
    log.error(fields, message ? 'Turn is given up: it took down too many processes' : 'Stored message cannot be read')
    metrics.count('turns_given_up')
    end = message ? await handler.giveUp(message, attempt) : { reply: '', writes: [] }
  } else {
    if (attempt > 1) log.info(fields, 'Turn goes on from its last finished step')
    metrics.count('turns_started', { attempt: attempt > 1 ? 'again' : 'first' })
    end = await handler.run(message, lease.begin(step))
  }
  lease.held.throwIfAborted()
  const letter = isGivenUp ? JSON.stringify({ id, thread, attempts: attempt, at: clock.now() }) : ''
  if ((await store.commit(thread, token, id, end, letter)) === 'lost') {
    throw new LeaseLost('another worker has taken it over')
  }
}

async function deliver(step: NextStep & { kind: 'deliver' }, lease: HeldLease, deps: TakeTurnDeps): Promise<void> {
  const { store, handler, log, clock } = deps
  const { id, message, reply } = step
  try {
    if (message && reply !== '') await handler.deliver(message, reply, lease.held)
  } catch (error) {
    lease.held.throwIfAborted()
    if (message && clock.now() - message.sentAt < deliverForMs) throw error
    log.error({ thread: lease.thread, turn: id, error: describeError(error) }, 'End of a turn could not be delivered')
  }
  await store.delivered(lease.thread, lease.token, id)
}

/** Redis may be what is missing: then the word waits for it a while. */
async function release(lease: HeldLease, turnId: string, { store, clock, log }: TakeTurnDeps): Promise<void> {
  const until = clock.now() + releaseForMs
  for (;;) {
    try {
      await store.release(lease.thread, lease.token, turnId)
      return
    } catch (error) {
      if (clock.now() > until) {
        log.warn({ thread: lease.thread, turn: turnId, error: describeError(error) }, 'Turn could not be given back')
        return
      }
      await clock.sleep(releaseAgainMs)
    }
  }
}
