import type { Backend } from './backend.ts'
import type { Experiments } from './experiments.ts'
import { MlflowError } from './mlflow-error.ts'
import type { TraceRecord } from './trace-record.ts'
import { traceIdTag } from './turn-record.ts'

/** Tells MLflow everything about one turn. `beforeStep` throws when the record is no longer ours to send. */
export type Deliver = (record: TraceRecord, beforeStep: () => Promise<void>, signal: AbortSignal) => Promise<void>

/**
 * Every step can be repeated without harm, so a delivery that broke off is started again from its beginning: the run is
 * looked for by its tag before it is created, equal params and metrics are stored once, the trace and its spans are
 * replaced.
 */
export function createDeliver(deps: {
  readonly backend: Pick<Backend, 'runs' | 'traces'>
  readonly experiments: Experiments
}): Deliver {
  const { experiments } = deps
  const { runs, traces } = deps.backend

  async function findOrCreateRun(record: TraceRecord, experimentId: string, signal: AbortSignal): Promise<string> {
    const found = await runs.find(experimentId, traceIdTag, record.traceId, signal)
    if (found !== undefined) return found
    const { name, tags } = record.run
    return runs.create({ experimentId, name, tags, startedAt: Math.round(record.startedAt) }, signal)
  }

  /** Finds the turn's run, or makes it, and writes params and metrics into it. */
  async function logRun(record: TraceRecord, experimentId: string, signal: AbortSignal): Promise<string> {
    const { params } = record.run
    const at = endOf(record)
    const metrics = Object.entries(record.run.metrics).map(([key, value]) => ({ key, value, step: 0, at }))
    const data = { params, tags: {}, metrics }
    if (record.run.id !== undefined) {
      try {
        await runs.log(record.run.id, data, signal)
        return record.run.id
      } catch (error) {
        // Deleted meanwhile, or the server started anew with an empty database: the turn gets another run.
        if (!(error instanceof MlflowError) || error.code !== 'not-found') throw error
      }
    }
    const runId = await findOrCreateRun(record, experimentId, signal)
    await runs.log(runId, data, signal)
    return runId
  }

  return async (record, beforeStep, signal) => {
    await beforeStep()
    const experiment = await experiments.resolve(record.experimentName, signal)
    try {
      await beforeStep()
      const runId = await logRun(record, experiment.id, signal)
      await traces.put(record, { experiment, runId }, beforeStep, signal)
      await beforeStep()
      await runs.finish(runId, record.state === 'OK' ? 'FINISHED' : 'FAILED', endOf(record), signal)
    } catch (error) {
      if (error instanceof MlflowError && error.code === 'not-found') experiments.forget(record.experimentName)
      throw error
    }
  }
}

function endOf(record: TraceRecord): number {
  return Math.round(record.startedAt + record.durationMs)
}
