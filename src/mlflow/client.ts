import type { z } from 'zod'
import type { Experiment, ExperimentStore, RunStore } from './backend.ts'
import { parseJson } from '../lib/json.ts'
import { MlflowError } from './mlflow-error.ts'
import { toBatches } from './wire/run-batches.ts'
import { CreateExperimentAnswer, ExperimentAnswer, RunAnswer, SearchRunsAnswer, TraceAnswer } from './schema.ts'
import type { MlflowRequest, Transport } from './transport.ts'

/** MLflow's REST calls that servers and workspaces share. One request each, never repeated here. */
export interface MlflowClient {
  readonly experiments: ExperimentStore
  readonly runs: Omit<RunStore, 'putArtifacts'>
  /** Where a run's artifacts belong. */
  artifactLocation(runId: string, signal: AbortSignal): Promise<string>
  /** Stores a finished trace's info (StartTraceV3) and returns where its artifacts belong, '' when the server does not say. */
  putTraceInfo(traceInfo: object, signal: AbortSignal): Promise<{ readonly artifactLocation: string }>
  /** Any other call that speaks JSON. */
  call<T>(call: JsonCall<T>, signal: AbortSignal): Promise<T>
}

export interface JsonCall<T> {
  readonly method: MlflowRequest['method']
  /** Such as `/api/2.0/mlflow/runs/create`, with its query. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: object
  /** Headers beside the content type. */
  readonly headers?: Readonly<Record<string, string>>
  /** What a good answer looks like. */
  readonly schema: z.ZodType<T>
}

/** `readExperiment` finds more about an experiment than its id in the tags MLflow keeps with it. */
export function createMlflowClient(deps: {
  readonly transport: Transport
  readonly readExperiment?: (id: string, tags: Readonly<Record<string, string>>) => Experiment
}): MlflowClient {
  const { transport, readExperiment = (id) => ({ id }) } = deps
  const { baseUrl } = transport

  function send(call: Omit<JsonCall<unknown>, 'schema'>, signal: AbortSignal) {
    const { body, headers, ...request } = call
    return transport.send(
      body === undefined
        ? { ...request, ...(headers ? { headers } : {}) }
        : { ...request, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) },
      signal,
    )
  }

  async function call<T>({ schema, ...request }: JsonCall<T>, signal: AbortSignal): Promise<T> {
    const response = await send(request, signal)
    const parsed = schema.safeParse(parseJson(response.text()))
    if (parsed.success) return parsed.data
    const what = `${request.method} ${request.path.replace(/\?.*/, '')}`
    throw new MlflowError('not-mlflow', `${what} at ${baseUrl} gave an answer that MLflow does not give`, {
      cause: parsed.error,
    })
  }

  return {
    call,
    experiments: {
      async find(name, signal) {
        const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
        try {
          const { experiment } = await call({ method: 'GET', path, schema: ExperimentAnswer }, signal)
          if (experiment.lifecycle_stage === 'active') return readExperiment(experiment.experiment_id, experiment.tags)
        } catch (error) {
          if (error instanceof MlflowError && error.code === 'not-found') return undefined
          throw error
        }
        throw new MlflowError(
          'no-access',
          `Cannot use experiment "${name}": it is deleted, and MLflow keeps its name; restore it or choose another experiment_name`,
        )
      },
      async create(name, signal) {
        // The kind makes MLflow's page open the experiment on its traces.
        const body = { name, tags: [{ key: 'mlflow.experimentKind', value: 'genai_development' }] }
        const path = '/api/2.0/mlflow/experiments/create'
        await call({ method: 'POST', path, body, schema: CreateExperimentAnswer }, signal)
      },
    },
    runs: {
      async create(run, signal) {
        const body = {
          experiment_id: run.experimentId,
          run_name: run.name,
          start_time: run.startedAt,
          tags: toPairs(run.tags),
        }
        const path = '/api/2.0/mlflow/runs/create'
        return (await call({ method: 'POST', path, body, schema: RunAnswer }, signal)).run.info.run_id
      },
      async find(experimentId, tag, value, signal) {
        const body = {
          experiment_ids: [experimentId],
          filter: `tags.\`${tag}\` = '${value}'`,
          max_results: 1,
          order_by: ['attributes.start_time DESC'],
        }
        const path = '/api/2.0/mlflow/runs/search'
        return (await call({ method: 'POST', path, body, schema: SearchRunsAnswer }, signal)).runs[0]?.info.run_id
      },
      async log(runId, data, signal) {
        for (const batch of toBatches(data)) {
          const body = { run_id: runId, ...batch }
          await send({ method: 'POST', path: '/api/2.0/mlflow/runs/log-batch', body }, signal)
        }
      },
      async finish(runId, status, endedAt, signal) {
        const body = { run_id: runId, status, end_time: endedAt }
        await send({ method: 'POST', path: '/api/2.0/mlflow/runs/update', body }, signal)
      },
    },
    async artifactLocation(runId, signal) {
      const path = `/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}`
      return (await call({ method: 'GET', path, schema: RunAnswer }, signal)).run.info.artifact_uri
    },
    async putTraceInfo(traceInfo, signal) {
      const body = { trace: { trace_info: traceInfo } }
      const answer = await call({ method: 'POST', path: '/api/3.0/mlflow/traces', body, schema: TraceAnswer }, signal)
      return { artifactLocation: answer.trace.trace_info.tags['mlflow.artifactLocation'] ?? '' }
    },
  }
}

function toPairs<T>(values: Readonly<Record<string, T>>): { readonly key: string; readonly value: T }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}
