import { z } from 'zod'
import type { RunStore } from './backend.ts'
import type { MlflowClient } from './client.ts'

/** The run of an evaluation as MLflow's evaluation page knows it, with a turn's run below it for each question. */
export interface EvaluationRuns {
  /** Returns the run's id. */
  start(run: EvaluationStart, signal: AbortSignal): Promise<string>
  /** Puts turns' traces and runs below the evaluation. */
  link(
    runId: string,
    turns: readonly { readonly traceId: string; readonly runId: string }[],
    signal: AbortSignal,
  ): Promise<void>
  /** Values of the whole and of single questions; names may have `/`. Ends the run. */
  finish(
    runId: string,
    metrics: Readonly<Record<string, number>>,
    end: { readonly isGood: boolean; readonly at: number },
    signal: AbortSignal,
  ): Promise<void>
  /** Ends a run that came to nothing. */
  abandon(runId: string, at: number, signal: AbortSignal): Promise<void>
  /** The newest finished one of a set. */
  latest(experimentId: string, set: string, signal: AbortSignal): Promise<EvaluationFound | undefined>
  /** The newest finished one of what was evaluated under this name, whatever the set. */
  latestOf(version: string, experimentId: string, signal: AbortSignal): Promise<EvaluationFound | undefined>
}

export interface EvaluationStart {
  readonly experimentId: string
  readonly name: string
  /** Name of the evaluation set. */
  readonly set: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

export interface EvaluationFound {
  readonly runId: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
}

const setTag = 'deckhand.eval_set'
/** By this MLflow tells evaluations from other runs. */
const runTypeTag = 'mlflow.runType'
const parentTag = 'mlflow.parentRunId'
/** Traces that one request links. */
const linkedAtOnce = 100

const FoundRuns = z.object({
  runs: z
    .array(
      z.object({
        info: z.object({ run_id: z.string(), run_name: z.string().default(''), start_time: z.coerce.number() }),
        data: z.object({
          metrics: z.array(z.object({ key: z.string(), value: z.number() })).default([]),
          tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
        }),
      }),
    )
    .default([]),
})

export function createEvaluationRuns(deps: {
  readonly client: Pick<MlflowClient, 'call'>
  readonly runs: Pick<RunStore, 'create' | 'log' | 'finish'>
}): EvaluationRuns {
  const { client, runs } = deps

  async function newest(
    experimentId: string,
    filter: string,
    signal: AbortSignal,
  ): Promise<EvaluationFound | undefined> {
    const body = {
      experiment_ids: [experimentId],
      filter: `${filter} AND attributes.status = 'FINISHED'`,
      max_results: 1,
      order_by: ['attributes.start_time DESC'],
    }
    const path = '/api/2.0/mlflow/runs/search'
    const [run] = (await client.call({ method: 'POST', path, body, schema: FoundRuns }, signal)).runs
    if (!run) return undefined
    return {
      runId: run.info.run_id,
      name: run.info.run_name,
      startedAt: run.info.start_time,
      tags: Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value])),
      metrics: Object.fromEntries(run.data.metrics.map(({ key, value }) => [key, value])),
    }
  }

  return {
    async start({ experimentId, name, set, startedAt, params, tags }, signal) {
      const runId = await runs.create(
        {
          experimentId,
          name,
          startedAt,
          tags: { 'mlflow.source.name': 'deckhand', ...tags, [runTypeTag]: 'genai_evaluate', [setTag]: set },
        },
        signal,
      )
      await runs.log(runId, { params, tags: {}, metrics: [] }, signal)
      return runId
    },

    async link(runId, turns, signal) {
      const traceIds = turns.map(({ traceId }) => traceId).filter((id) => id !== '')
      for (let from = 0; from < traceIds.length; from += linkedAtOnce) {
        const body = { run_id: runId, trace_ids: traceIds.slice(from, from + linkedAtOnce) }
        await client.call(
          { method: 'POST', path: '/api/2.0/mlflow/traces/link-to-run', body, schema: z.unknown() },
          signal,
        )
      }
      for (const turn of turns) {
        if (turn.runId !== '')
          await runs.log(turn.runId, { params: {}, tags: { [parentTag]: runId }, metrics: [] }, signal)
      }
    },

    async finish(runId, metrics, { isGood, at }, signal) {
      const values = Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, at }))
      await runs.log(runId, { params: {}, tags: { 'deckhand.eval_passed': String(isGood) }, metrics: values }, signal)
      await runs.finish(runId, 'FINISHED', at, signal)
    },

    abandon: (runId, at, signal) => runs.finish(runId, 'KILLED', at, signal),

    latest: (experimentId, set, signal) => newest(experimentId, `tags.\`${setTag}\` = '${set}'`, signal),
    latestOf: (version, experimentId, signal) =>
      newest(experimentId, `tags.\`${runTypeTag}\` = 'genai_evaluate' AND tags.version = '${version}'`, signal),
  }
}
