import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Lane } from './lane.ts'
import { MlflowError } from '../mlflow-error.ts'

/** Opens the run of each turn while the turn goes on. */
export interface RunOpener {
  open(traceId: string, createRun: () => Promise<string>): OpeningRun
}

export interface OpeningRun {
  /** The run's id, or '' when it could not be had in time; never rejects. */
  readonly id: Promise<string>
  /** The turn is over: whoever still waits for `id` waits only a little longer. */
  turnEnded(): OpenedRun
}

export interface OpenedRun {
  /** Absent when it is not known by now. */
  readonly id?: string
  /** False when nobody has asked for a run, nor will before the turn is sent. */
  readonly mayExist: boolean
}

/** A reply never waits longer than this for a run's id, counted from the turn's beginning and from its end. */
const maxWaitMs = 10_000
const maxWaitAfterTurnMs = 1500

/**
 * A run that cannot be opened now is made when the turn's trace is sent. Until a trace has come through, a server that
 * failed is left in peace, so that turns do not queue up behind calls that hang.
 */
export function createRunOpener(deps: {
  readonly lane: Lane
  readonly clock: Clock
  readonly log: Logger
  readonly server: { readonly serverIsUp: boolean; noteServer(isUp: boolean): void }
  /** Ends all waiting. */
  readonly signal: AbortSignal
}): RunOpener {
  const { lane, clock, log, server, signal } = deps

  async function attempt(traceId: string, createRun: () => Promise<string>): Promise<string> {
    try {
      return await createRun()
    } catch (error) {
      if (error instanceof MlflowError && error.code === 'unreachable') server.noteServer(false)
      log.debug({ traceId, error: describeError(error) }, 'The run of a turn is opened later, with its trace')
      return ''
    }
  }

  return {
    open(traceId, createRun) {
      const { promise: id, resolve } = Promise.withResolvers<string>()
      let known: string | undefined
      let mayExist = false
      let isCancelled = false
      void lane
        .run(async () => {
          if (isCancelled || !server.serverIsUp || signal.aborted) return ''
          mayExist = true
          return attempt(traceId, createRun)
        })
        .then((runId) => {
          if (runId !== '') known = runId
          resolve(runId)
        })
      const giveUpAfter = (waitMs: number): void => {
        clock.sleep(waitMs, signal).then(
          () => resolve(''),
          () => resolve(''),
        )
      }
      giveUpAfter(maxWaitMs)
      return {
        id,
        turnEnded() {
          if (known !== undefined) return { id: known, mayExist: true }
          giveUpAfter(maxWaitAfterTurnMs)
          // Where MLflow works, a turn shorter than its opening still gets its run's id a moment later.
          isCancelled = !mayExist && !server.serverIsUp
          return { mayExist: !isCancelled }
        },
      }
    },
  }
}
