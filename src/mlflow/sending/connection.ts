import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Backend, PromptContent, RunStart } from '../backend.ts'
import { createDeliver } from './deliver.ts'
import { createExperiments } from '../experiments.ts'
import { createLane } from './lane.ts'
import { createPromptVersions } from './prompt-versions.ts'
import type { Remembered } from './remembered.ts'
import { createRunOpener, type OpeningRun } from './run-opener.ts'
import { createSender } from './sender.ts'
import type { Spool } from './spool.ts'

/** One backend and everything that goes there. */
export interface Connection extends AsyncDisposable {
  /** Link to a trace, or '' while the experiment's id is unknown. */
  link(traceId: string): string
  openRun(traceId: string, run: Omit<RunStart, 'experimentId'>): OpeningRun
  /** There is something new in the spool. */
  wake(): void
  /** Resolves when everything in the spool was sent, or MLflow fails and the rest waits for it on disk. */
  settled(): Promise<void>
}

/** How long a start may wait for the experiment's id, without which traces have no link. */
const startWaitMs = 2000

/** Resolves once the experiment is known, the server has failed, or the wait is over; work goes on in the background. */
export async function connect(deps: {
  readonly backend: Backend
  readonly experimentName: string
  /** To be registered. */
  readonly prompts: readonly PromptContent[]
  readonly spool: Spool
  readonly remembered: Remembered
  readonly clock: Clock
  readonly log: Logger
}): Promise<Connection> {
  const { backend, experimentName, remembered, clock, log } = deps
  const closing = new AbortController()
  const lane = createLane()
  const experiments = createExperiments({
    store: backend.experiments,
    onResolved: (name, experiment) =>
      remembered.rememberExperiment(name, experiment).catch((error: unknown) => {
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

  const prompts = createPromptVersions({ store: backend.prompts, prompts: deps.prompts, log })
  const deliver = createDeliver({ backend, experiments, prompts, log })
  const sender = createSender({ spool: deps.spool, deliver, lane, clock, log })
  const runs = createRunOpener({ lane, clock, log, server: sender, signal: closing.signal })
  return {
    link(traceId) {
      const experiment = experiments.known(experimentName) ?? remembered.experiment(experimentName)
      return experiment === undefined ? '' : backend.links.trace(experiment, traceId)
    },
    openRun: (traceId, run) =>
      runs.open(traceId, async () => {
        const { id } = await experiments.resolve(experimentName, closing.signal)
        return backend.runs.create({ ...run, experimentId: id }, closing.signal)
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
