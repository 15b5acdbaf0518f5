import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { EndpointReadings } from '../../mlflow/serving/endpoint-readings.ts'
import type { Waiting } from '../../mlflow/sending/spool.ts'
import { readOldestWait, readQueueDepth } from '../mailbox/depth.ts'
import { createAlertStore } from './alerts/alert-store.ts'
import { lookAtAlerts } from './alerts/alerts.ts'
import type { Announcer } from './alerts/announcer.ts'
import type { AlertSettings } from './alerts/rules.ts'
import type { EndpointState, Situation } from './alerts/situation.ts'
import { noteLoad } from './endpoint-load.ts'
import { readFigures } from './figure-store.ts'
import { mergeSums } from './figure-sums.ts'
import { readSpools, reportSpool } from './spool-reports.ts'
import type { Spending } from './spending.ts'

export interface MonitorDeps {
  readonly redis: Redis
  readonly clock: Clock
  readonly log: Logger
  readonly settings: AlertSettings
  readonly spending: Pick<Spending, 'lately'>
  /** What waits for MLflow on this machine's disk. */
  readonly waiting: () => Promise<Waiting>
  /** Tells this machine from others. */
  readonly machine: string
  readonly endpoints: WatchedEndpoints
  readonly announcers: readonly Announcer[]
  readonly environment: string
  readonly runbookUrl: string
}

/** Endpoints of the workspace that are looked at. */
export interface WatchedEndpoints {
  readonly serving: EndpointReadings
  /** Asked whether they are ready: the chat model's, and the served agent's. */
  readonly names: readonly string[]
  /** The one of them whose size is followed as well; '': none. */
  readonly scaled: string
}

/** How long one look may take. */
const lookMs = 30_000

/** Looks at the service's health as often as the settings say, until disposed. Every process of a service runs one. */
export function startMonitor(deps: MonitorDeps): AsyncDisposable {
  const { clock, settings, log } = deps
  const closing = new AbortController()
  let lastProblem = ''

  async function run(): Promise<void> {
    for (;;) {
      try {
        await lookOnce(deps, closing.signal)
        lastProblem = ''
      } catch (error) {
        closing.signal.throwIfAborted()
        const problem = describeError(error)
        if (problem !== lastProblem) log.warn({ error: problem }, 'Alerts could not be looked at, it is tried again')
        lastProblem = problem
      }
      await clock.sleep(settings.everyMs, closing.signal)
    }
  }

  const running = run().catch(() => undefined) // ends by the signal alone
  return {
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('Monitoring is closing', 'AbortError'))
      await running
    },
  }
}

/**
 * One look: tells the others what waits on this disk, and judges the alerts if no other process does.
 * → whether this process judged. @throws when Redis is away
 */
async function lookOnce(deps: MonitorDeps, signal: AbortSignal): Promise<boolean> {
  const { redis, clock, log, settings, announcers, environment, runbookUrl } = deps
  try {
    await reportSpool(redis, deps.machine, await deps.waiting(), clock.now())
  } catch (error) {
    log.debug({ error: describeError(error) }, 'What waits for MLflow could not be told')
  }
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
  const store = createAlertStore(redis)
  const look = (): Promise<Situation> => lookAround(deps, deadline)
  return lookAtAlerts({ store, settings, look, announcers, environment, runbookUrl, log })
}

async function lookAround(deps: MonitorDeps, signal: AbortSignal): Promise<Situation> {
  const { redis, clock, settings, spending } = deps
  const at = clock.now()
  const [window, [today], oldestWaitMs, depth, spool, endpoints] = await Promise.all([
    readFigures(redis, at, settings.windowMs),
    spending.lately(1),
    readOldestWait(redis, at),
    readQueueDepth(redis),
    readSpools(redis, at),
    askEndpoints(deps, signal),
  ])
  return {
    at,
    window: mergeSums(window.values()),
    windowMs: settings.windowMs,
    todayUsd: today?.usd ?? 0,
    oldestWaitMs,
    waitingMessages: depth.waitingMessages,
    spool,
    endpoints,
  }
}

async function askEndpoints(deps: MonitorDeps, signal: AbortSignal): Promise<readonly EndpointState[]> {
  const { endpoints, redis, clock, log } = deps
  const { serving, names, scaled } = endpoints
  const [states] = await Promise.all([
    Promise.all(names.map(async (name) => ({ name, ...(await serving.readiness(name, signal)) }))),
    scaled === '' ? undefined : followSize(scaled),
  ])
  return states

  async function followSize(name: string): Promise<void> {
    try {
      await noteLoad(redis, name, await serving.utilisation(name, signal), clock.now())
    } catch (error) {
      signal.throwIfAborted()
      log.debug({ endpoint: name, error: describeError(error) }, 'An endpoint does not tell how large it is')
    }
  }
}
