import type { Experiment } from '../backend.ts'
import type { MlflowClient } from '../client.ts'
import { MlflowError } from '../mlflow-error.ts'

/**
 * Calls about traces for as long as these lie in the experiment itself; each rejects with `unsupported` where they lie in
 * tables. There the calls are others, and need a SQL warehouse: told of a trace that the usual ones cannot find, callers
 * would wait for it for ever.
 */
export function exceptInTables(
  client: Pick<MlflowClient, 'call'>,
  experiment: (signal: AbortSignal) => Promise<Experiment>,
): Pick<MlflowClient, 'call'> {
  return {
    async call(call, signal) {
      const { id, traceTables } = await experiment(signal)
      if (traceTables === undefined) return client.call(call, signal)
      throw new MlflowError(
        'unsupported',
        `Traces of experiment ${id} lie in ${traceTables.spans}: opinions, searches and evaluation work for traces that lie in an experiment itself`,
      )
    },
  }
}
