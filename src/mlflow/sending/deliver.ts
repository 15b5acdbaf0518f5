import type { Logger } from '../../lib/log.ts'
import type { Backend, PromptVersion } from '../backend.ts'
import type { Experiments } from '../experiments.ts'
import { cut, limits } from '../limits.ts'
import { isRefusal, MlflowError } from '../mlflow-error.ts'
import type { PromptVersions } from './prompt-versions.ts'
import type { Claim } from './spool.ts'
import type { TraceRecord } from '../turn/trace-record.ts'
import { traceIdTag } from '../turn/turn-record.ts'

/** Tells MLflow everything about one turn. `beforeStep` throws when the turn is no longer ours to send. */
export type Deliver = (
  turn: Pick<Claim, 'record' | 'isFirstTry' | 'readFile'>,
  beforeStep: () => Promise<void>,
  signal: AbortSignal,
) => Promise<void>

/** A run's tag that says which of its files are missing, and why. */
export const leftOutTag = 'artifacts_left_out'
/** Where MLflow looks for the prompts of a trace or a run. */
const linkedPromptsTag = 'mlflow.linkedPrompts'

/**
 * Every step can be repeated without harm, so a delivery that broke off is started again from its beginning: the run is
 * looked for by its tag before it is created, equal params and metrics are stored once, the trace, its spans and the
 * run's files are replaced.
 */
export function createDeliver(deps: {
  readonly backend: Pick<Backend, 'runs' | 'traces'>
  readonly experiments: Experiments
  readonly prompts: PromptVersions
  readonly log: Logger
}): Deliver {
  const { experiments, prompts, log } = deps
  const { runs, traces } = deps.backend

  /** Asking is left out where nobody can have made one: it costs as much as making one. */
  async function findOrCreateRun(
    { record, isFirstTry }: Parameters<Deliver>[0],
    experimentId: string,
    signal: AbortSignal,
  ): Promise<{ readonly runId: string; readonly isNew: boolean }> {
    if (record.run.mayExist || !isFirstTry) {
      const found = await runs.find(experimentId, traceIdTag, record.traceId, signal)
      if (found !== undefined) return { runId: found, isNew: false }
    }
    const { name, tags } = record.run
    const startedAt = Math.round(record.startedAt)
    return { runId: await runs.create({ experimentId, name, tags, startedAt }, signal), isNew: true }
  }

  /** Finds the turn's run, or makes it, and writes params and metrics into it. */
  async function logRun(turn: Parameters<Deliver>[0], experimentId: string, signal: AbortSignal): Promise<string> {
    const { record } = turn
    const { params, tags, metrics } = record.run
    const data = { params, tags, metrics }
    if (record.run.id !== undefined) {
      try {
        await runs.log(record.run.id, data, signal)
        return record.run.id
      } catch (error) {
        // Deleted meanwhile, or the server started anew with an empty database: the turn gets another run.
        if (!(error instanceof MlflowError) || error.code !== 'not-found') throw error
      }
    }
    const { runId, isNew } = await findOrCreateRun(turn, experimentId, signal)
    // A new one has its tags already, and MLflow looks at each of them anew.
    await runs.log(runId, isNew ? { ...data, tags: {} } : data, signal)
    return runId
  }

  /** A store that does not take files keeps the trace from nobody. */
  async function putArtifacts(
    runId: string,
    { record, readFile }: Parameters<Deliver>[0],
    beforeStep: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const artifacts = record.run.artifacts.map(({ path, mediaType, file }) => ({
      path,
      contentType: mediaType,
      async read() {
        await beforeStep()
        return readFile(file)
      },
    }))
    if (artifacts.length === 0) return
    try {
      await runs.putArtifacts(runId, artifacts, signal)
    } catch (error) {
      if (!(error instanceof MlflowError) || !isRefusal(error)) throw error
      log.warn({ trace: record.traceId, reason: error.message }, 'The files of a run stay out of MLflow')
      const why = cut(`${record.run.tags[leftOutTag] ?? ''} ${error.message}`.trim(), limits.tagValue)
      await runs.log(runId, { params: {}, metrics: [], tags: { [leftOutTag]: why } }, signal)
    }
  }

  return async (turn, beforeStep, signal) => {
    await beforeStep()
    const experiment = await experiments.resolve(turn.record.experimentName, signal)
    try {
      await beforeStep()
      const versions = await prompts.versionsOf(turn.record.prompts, experiment.id, signal)
      const record = withPrompts(turn.record, versions)
      await beforeStep()
      const runId = await logRun({ ...turn, record }, experiment.id, signal)
      await traces.put(record, { experiment, runId }, beforeStep, signal)
      await prompts.link(record.traceId, versions, signal)
      await putArtifacts(runId, turn, beforeStep, signal)
      await beforeStep()
      await runs.finish(runId, record.run.status, endOf(record), signal)
    } catch (error) {
      // It may be gone, or bound to other tables by now.
      const isDoubtful = error instanceof MlflowError && (error.code === 'not-found' || error.code === 'no-access')
      if (isDoubtful) experiments.forget(turn.record.experimentName)
      throw error
    }
  }
}

/** With the versions of its prompts in the tags of trace and run, where MLflow's page shows them. */
function withPrompts(record: TraceRecord, versions: readonly PromptVersion[]): TraceRecord {
  if (versions.length === 0) return record
  const linked = { [linkedPromptsTag]: JSON.stringify(versions) }
  return {
    ...record,
    tags: { ...record.tags, ...linked },
    run: { ...record.run, tags: { ...record.run.tags, ...linked } },
  }
}

function endOf(record: TraceRecord): number {
  return Math.round(record.startedAt + record.durationMs)
}
