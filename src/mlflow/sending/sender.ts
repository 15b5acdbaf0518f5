import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Deliver } from './deliver.ts'
import type { Lane } from './lane.ts'
import { MlflowError, type MlflowErrorCode } from '../mlflow-error.ts'
import type { Claim, Spool } from './spool.ts'

/** Sends what is in the spool, oldest first, one at a time, for as long as it lives. */
export interface Sender extends AsyncDisposable {
  /** There is something new in the spool. */
  wake(): void
  /** False while the last thing MLflow did was to fail. */
  readonly serverIsUp: boolean
  /** Another part of the program has seen MLflow fail or work. */
  noteServer(isUp: boolean): void
  /** Resolves when everything in the spool was sent, or MLflow fails and the rest waits for it on disk. */
  settled(): Promise<void>
}

/**
 * What a failure means for the record at the head of the queue. `wait`: the cause is the server or its settings and
 * would hit every record: keep all, ask again later. `few`: may be this record's fault: some more tries, then set aside,
 * so that one trace cannot hold back all others. `never`: surely this record's fault.
 */
const afterFailure = {
  unreachable: 'wait',
  'no-access': 'wait',
  'host-refused': 'wait',
  'not-mlflow': 'wait',
  unsupported: 'wait',
  'not-found': 'few',
  'already-exists': 'few',
  'server-error': 'few',
  rejected: 'never',
} as const satisfies Record<MlflowErrorCode, 'wait' | 'few' | 'never'>

const fewTries = 6
const firstDelayMs = 1000
const maxDelayMs = 60_000
/** How often to look for records of other processes that died while sending. */
const sweepMs = 60_000

export function createSender(deps: {
  readonly spool: Spool
  readonly deliver: Deliver
  readonly lane: Lane
  readonly clock: Clock
  readonly log: Logger
}): Sender {
  const { spool, lane, clock, log } = deps
  const closing = new AbortController()
  const tries = new Map<string, number>()
  let state: 'working' | 'idle' | 'waiting' = 'working'
  let wakeUp: () => void = () => {}
  let somethingNew = false
  let failures = 0
  let serverIsUp = true
  let watchers: (() => void)[] = []

  function enter(next: typeof state): void {
    state = next
    if (next === 'working') return
    const told = watchers
    watchers = []
    for (const tell of told) tell()
  }

  /** Ends early on `wake` and on dispose. */
  async function rest(delayMs: number): Promise<void> {
    const woken = new AbortController()
    wakeUp = () => woken.abort()
    await clock.sleep(delayMs, AbortSignal.any([woken.signal, closing.signal])).catch(() => {})
    wakeUp = () => {}
  }

  async function deliver(claim: Claim): Promise<void> {
    const beforeStep = async (): Promise<void> => {
      if (!(await claim.refresh())) throw new ClaimLost(`Another process is sending ${claim.name}`)
    }
    await lane.run(() => deps.deliver(claim, beforeStep, closing.signal))
  }

  /** Returns how long to wait before the next try, 0 for none. */
  async function afterError(claim: Claim, error: unknown): Promise<number> {
    if (error instanceof ClaimLost) return 0
    if (closing.signal.aborted) {
      await claim.release()
      return 0
    }
    const count = (tries.get(claim.record.traceId) ?? 0) + 1
    tries.set(claim.record.traceId, count)
    const what = error instanceof MlflowError ? afterFailure[error.code] : 'few'
    if (what === 'never' || (what === 'few' && count >= fewTries)) {
      log.error({ trace: claim.record.traceId, error: describeError(error) }, 'MLflow does not take a trace: set aside')
      tries.delete(claim.record.traceId)
      await claim.reject()
      return 0
    }
    await claim.release()
    if (failures === 0) {
      log.warn(
        { error: describeError(error) },
        'MLflow takes no traces right now: they wait on disk and are sent later',
      )
    }
    failures += 1
    serverIsUp = false
    const backoffMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1))
    const askedMs = error instanceof MlflowError ? (error.retryAfterMs ?? 0) : 0
    return Math.max(backoffMs, askedMs)
  }

  /** Sends one record. Returns how long to rest: 0 to go on at once, undefined when there is nothing to send. */
  async function next(): Promise<number | undefined> {
    const claim = await spool.claim()
    if (claim === undefined) return undefined
    try {
      await deliver(claim)
      await claim.done()
    } catch (error) {
      return afterError(claim, error)
    }
    tries.delete(claim.record.traceId)
    if (failures > 0) log.info({ waiting: await spool.waitingCount() }, 'MLflow takes traces again')
    failures = 0
    serverIsUp = true
    return 0
  }

  async function work(): Promise<void> {
    while (!closing.signal.aborted) {
      enter('working')
      somethingNew = false
      let restMs: number | undefined
      try {
        restMs = await next()
      } catch (error) {
        // The spool itself fails: a full or vanished disk. Nothing to do but to try again later.
        log.error({ error: describeError(error) }, 'Cannot read the spool of traces')
        restMs = maxDelayMs
      }
      if (restMs === undefined && somethingNew) restMs = 0
      if (restMs === 0 || closing.signal.aborted) continue
      enter(restMs === undefined ? 'idle' : 'waiting')
      await rest(restMs ?? sweepMs)
    }
    enter('idle')
  }

  const working = work()
  return {
    wake() {
      somethingNew = true
      if (state !== 'idle') return
      enter('working')
      wakeUp()
    },
    get serverIsUp() {
      return serverIsUp
    },
    noteServer(isUp) {
      serverIsUp = isUp
    },
    settled: () => (state === 'working' ? new Promise((resolve) => void watchers.push(resolve)) : Promise.resolve()),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('Tracing is closing'))
      await working
    },
  }
}

/** The record was taken over by another process. */
class ClaimLost extends Error {
  override readonly name = 'ClaimLost'
}
