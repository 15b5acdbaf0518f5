import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { HttpClient } from '../lib/http.ts'
import type { Logger } from '../lib/log.ts'
import { createMlflowClient, type RunStart } from './client.ts'
import { createDeliver, type Backend } from './deliver.ts'
import { createExperiments } from './experiments.ts'
import { createLane } from './lane.ts'
import type { Remembered } from './remembered.ts'
import { createRunOpener, type OpeningRun } from './run-opener.ts'
import { createSender } from './sender.ts'
import { traceUrl, type ServerAddress } from './server-address.ts'
import type { Spool } from './spool.ts'

/** One MLflow server and everything that goes there. */
export interface Connection extends AsyncDisposable {
  /** Link to a trace, or '' while the experiment's id is unknown. */
  link(traceId: string): string
  openRun(traceId: string, run: Omit<RunStart, 'experimentId'>): OpeningRun
  /** There is something new in the spool. */
  wake(): void
  /** Resolves when everything in the spool was sent, or MLflow fails and the rest waits for it on disk. */
  settled(): Promise<void>
}

const requestTimeoutMs = 30_000
/** How long a start may wait for the experiment's id, without which traces have no link. */
const startWaitMs = 2000

/** Resolves once the experiment is known, the server has failed, or the wait is over; work goes on in the background. */
export async function connect(deps: {
  readonly address: ServerAddress
  readonly experimentName: string
  readonly backend: Backend
  readonly http: HttpClient
  readonly spool: Spool
  readonly remembered: Remembered
  readonly clock: Clock
  readonly log: Logger
}): Promise<Connection> {
  const { address, experimentName, remembered, clock, log } = deps
  const closing = new AbortController()
  const lane = createLane()
  const client = createMlflowClient({ address, http: deps.http, timeoutMs: requestTimeoutMs })
  const experiments = createExperiments({
    client,
    onResolved: (name, id) =>
      remembered.rememberExperiment(name, id).catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'Cannot remember the MLflow experiment for the next start')
      }),
  })

  const resolved = lane
    .run(() => experiments.resolve(experimentName, closing.signal))
    .catch((error: unknown) => {
      log.debug({ error: describeError(error) }, 'The MLflow experiment is not known yet')
    })
  const waited = new AbortController()
  await Promise.race([resolved, clock.sleep(startWaitMs, waited.signal).catch(() => {})])
  waited.abort()

  const deliver = createDeliver({ client, experiments, backend: deps.backend, log })
  const sender = createSender({ spool: deps.spool, deliver, lane, clock, log })
  const runs = createRunOpener({ lane, clock, log, server: sender, signal: closing.signal })
  return {
    link(traceId) {
      const id = experiments.known(experimentName) ?? remembered.experimentId(experimentName)
      return id === undefined ? '' : traceUrl(address.baseUrl, id, traceId)
    },
    openRun: (traceId, run) =>
      runs.open(traceId, async () => {
        const experimentId = await experiments.resolve(experimentName, closing.signal)
        return client.createRun({ ...run, experimentId }, closing.signal)
      }),
    wake: () => sender.wake(),
    settled: () => sender.settled(),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('Tracing is closing'))
      await sender[Symbol.asyncDispose]()
      await resolved
    },
  }
}
