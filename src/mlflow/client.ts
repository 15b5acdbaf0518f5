import type { z } from 'zod'
import { HttpError, type HttpClient, type HttpRequest, type HttpResponse } from '../lib/http.ts'
import { isAbort } from '../lib/errors.ts'
import { MlflowError } from './mlflow-error.ts'
import {
  CreateExperimentAnswer,
  ErrorBody,
  ExperimentAnswer,
  RunAnswer,
  SearchRunsAnswer,
  TraceAnswer,
} from './schema.ts'
import type { ServerAddress } from './server-address.ts'

export interface RunStart {
  readonly experimentId: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly tags: Readonly<Record<string, string>>
}

export interface RunData {
  readonly params: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
  /** Milliseconds since the epoch. The same values at the same time are stored once, so logging again is harmless. */
  readonly at: number
}

/**
 * MLflow's REST calls that traces and runs need. One request each, never repeated here. Every method rejects with
 * {@link MlflowError}, or with the signal's reason.
 */
export interface MlflowClient {
  /** The id of an active experiment, or undefined. @throws MlflowError `rejected` when the name belongs to a deleted one */
  findExperiment(name: string, signal: AbortSignal): Promise<string | undefined>
  /** @throws MlflowError `already-exists` */
  createExperiment(name: string, signal: AbortSignal): Promise<string>
  createRun(run: RunStart, signal: AbortSignal): Promise<string>
  /** The newest run of the experiment with this tag, or undefined. */
  findRun(experimentId: string, tag: string, value: string, signal: AbortSignal): Promise<string | undefined>
  logRun(runId: string, data: RunData, signal: AbortSignal): Promise<void>
  finishRun(runId: string, status: 'FINISHED' | 'FAILED', endedAt: number, signal: AbortSignal): Promise<void>
  /** Stores a finished trace's info (StartTraceV3) and returns where its artifacts belong. */
  putTraceInfo(traceInfo: object, signal: AbortSignal): Promise<{ readonly artifactLocation: string }>
  /** @throws MlflowError `unsupported` when the server does not take OTLP */
  sendOtlp(experimentId: string, body: Uint8Array, signal: AbortSignal): Promise<void>
  /** Puts a file at an `mlflow-artifacts:` location. @throws MlflowError `unsupported` for other locations */
  putArtifact(location: string, name: string, body: string, signal: AbortSignal): Promise<void>
}

export function createMlflowClient(deps: {
  readonly address: ServerAddress
  readonly http: HttpClient
  /** Deadline of one request. */
  readonly timeoutMs: number
}): MlflowClient {
  const { address, http, timeoutMs } = deps
  const { baseUrl } = address
  const auth: Record<string, string> = address.authorization ? { authorization: address.authorization.reveal() } : {}

  async function exchange(request: Omit<HttpRequest, 'timeoutMs'>, signal: AbortSignal): Promise<HttpResponse> {
    try {
      return await http.send({ ...request, headers: { ...request.headers, ...auth }, timeoutMs }, signal)
    } catch (error) {
      if (signal.aborted || (isAbort(error) && !(error instanceof HttpError))) throw error
      throw new MlflowError('unreachable', `No answer from MLflow at ${baseUrl}`, { cause: error })
    }
  }

  async function call<T>(
    request: { readonly method: 'GET' | 'POST' | 'PATCH'; readonly path: string; readonly body?: object },
    schema: z.ZodType<T> | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const what = `${request.method} ${request.path.replace(/\?.*/, '')}`
    const response = await exchange(
      {
        method: request.method,
        url: `${baseUrl}/api/${request.path}`,
        ...(request.body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) }),
      },
      signal,
    )
    if (response.status !== 200) throw toMlflowError(what, baseUrl, response)
    // Without a schema the caller asked for `void`: the answer's body says nothing we need.
    if (schema === undefined) return undefined as T
    const parsed = schema.safeParse(parseJson(response.text()))
    if (parsed.success) return parsed.data
    throw new MlflowError('not-mlflow', `${what} at ${baseUrl} gave an answer that MLflow does not give`, {
      cause: parsed.error,
    })
  }

  return {
    async findExperiment(name, signal) {
      const path = `2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
      try {
        const { experiment } = await call({ method: 'GET', path }, ExperimentAnswer, signal)
        if (experiment.lifecycle_stage === 'active') return experiment.experiment_id
      } catch (error) {
        if (error instanceof MlflowError && error.code === 'not-found') return undefined
        throw error
      }
      throw new MlflowError(
        'no-access',
        `Cannot use experiment "${name}": it is deleted, and MLflow keeps its name; restore it or choose another experiment_name`,
      )
    },
    async createExperiment(name, signal) {
      // The kind makes MLflow's page open the experiment on its traces.
      const body = { name, tags: [{ key: 'mlflow.experimentKind', value: 'genai_development' }] }
      const path = '2.0/mlflow/experiments/create'
      return (await call({ method: 'POST', path, body }, CreateExperimentAnswer, signal)).experiment_id
    },
    async createRun(run, signal) {
      const body = {
        experiment_id: run.experimentId,
        run_name: run.name,
        start_time: run.startedAt,
        tags: toPairs(run.tags),
      }
      return (await call({ method: 'POST', path: '2.0/mlflow/runs/create', body }, RunAnswer, signal)).run.info.run_id
    },
    async findRun(experimentId, tag, value, signal) {
      const body = {
        experiment_ids: [experimentId],
        filter: `tags.\`${tag}\` = '${value}'`,
        max_results: 1,
        order_by: ['attributes.start_time DESC'],
      }
      const answer = await call({ method: 'POST', path: '2.0/mlflow/runs/search', body }, SearchRunsAnswer, signal)
      return answer.runs[0]?.info.run_id
    },
    async logRun(runId, data, signal) {
      const body = {
        run_id: runId,
        params: toPairs(data.params),
        metrics: toPairs(data.metrics).map((metric) => ({ ...metric, timestamp: data.at, step: 0 })),
      }
      await call<void>({ method: 'POST', path: '2.0/mlflow/runs/log-batch', body }, undefined, signal)
    },
    async finishRun(runId, status, endedAt, signal) {
      const body = { run_id: runId, status, end_time: endedAt }
      await call<void>({ method: 'POST', path: '2.0/mlflow/runs/update', body }, undefined, signal)
    },
    async putTraceInfo(traceInfo, signal) {
      const body = { trace: { trace_info: traceInfo } }
      const answer = await call({ method: 'POST', path: '3.0/mlflow/traces', body }, TraceAnswer, signal)
      return { artifactLocation: answer.trace.trace_info.tags['mlflow.artifactLocation'] ?? '' }
    },
    async sendOtlp(experimentId, body, signal) {
      const headers = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experimentId }
      // MLflow serves the route at its root whatever its static prefix is, but a proxy may move the whole server.
      const urls = [...new Set([`${baseUrl}/v1/traces`, `${new URL(baseUrl).origin}/v1/traces`])]
      let refusal: MlflowError | undefined
      for (const url of urls) {
        const response = await exchange({ method: 'POST', url, headers, body }, signal)
        if (response.status === 200) return
        refusal = [404, 405, 415, 501].includes(response.status)
          ? new MlflowError('unsupported', `MLflow at ${baseUrl} does not take OTLP: status ${response.status}`)
          : toMlflowError('POST /v1/traces', baseUrl, response)
        if (refusal.code !== 'unsupported') break
      }
      if (refusal) throw refusal
    },
    async putArtifact(location, name, body, signal) {
      const match = /^mlflow-artifacts:\/(?!\/)(.*)$/.exec(location)
      if (!match?.[1]) {
        throw new MlflowError(
          'unsupported',
          `Cannot store "${name}" at "${location}": only a server that proxies artifacts (mlflow-artifacts:/…) can take it`,
        )
      }
      const path = `${match[1]}/${name}`.split('/').map(encodeURIComponent).join('/')
      const url = `${baseUrl}/api/2.0/mlflow-artifacts/artifacts/${path}`
      const headers = { 'content-type': 'application/json' }
      const response = await exchange({ method: 'PUT', url, headers, body }, signal)
      if (response.status !== 200) throw toMlflowError('PUT artifact', baseUrl, response)
    },
  }
}

function toPairs<T>(values: Readonly<Record<string, T>>): { readonly key: string; readonly value: T }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads a refusal. MLflow's own text goes to the operator only. */
function toMlflowError(what: string, baseUrl: string, response: HttpResponse): MlflowError {
  const { status } = response
  const body = parseJson(response.text())
  const envelope = ErrorBody.safeParse(body)
  const errorCode = envelope.success ? envelope.data.error_code : ''
  const reason = (envelope.success ? envelope.data.message || envelope.data.detail : '').slice(0, 300)
  const message = `${what} at ${baseUrl} answered ${status}${errorCode ? ` ${errorCode}` : ''}${reason ? `: ${reason}` : ''}`

  if (status === 403 && response.text().startsWith('Invalid Host header')) {
    const { host } = new URL(baseUrl)
    return new MlflowError(
      'host-refused',
      `MLflow at ${baseUrl} refuses the host name "${host}": start the server with --allowed-hosts "${host}"`,
    )
  }
  if (status === 401 || status === 403) return new MlflowError('no-access', message)
  if (status >= 300 && status < 400) {
    // A login address may carry state and tokens in its query: only its host is told.
    const target = response.header('location') ?? ''
    const host = URL.canParse(target, baseUrl) ? new URL(target, baseUrl).origin : 'an unreadable address'
    return new MlflowError('no-access', `${what} at ${baseUrl} redirects to ${host} (a login page?)`)
  }
  if ([408, 429, 502, 503, 504].includes(status)) {
    return new MlflowError('unreachable', message, { retryAfterMs: retryAfterMs(response) })
  }
  // A soft-deleted experiment or run is gone for our purposes.
  const inactive = /must be in (?:the )?'active' (?:state|lifecycle_stage)/.test(reason)
  if (errorCode === 'RESOURCE_DOES_NOT_EXIST' || inactive) return new MlflowError('not-found', message)
  if (errorCode === 'RESOURCE_ALREADY_EXISTS') return new MlflowError('already-exists', message)
  // 422 with this text is any unforeseen failure of the store, a locked database included; conflicts between writers
  // come as 400 with the database's words.
  const passing = /Failed to log OpenTelemetry spans|IntegrityError|UNIQUE constraint|deadlock|locked/i.test(reason)
  if (status >= 500 || passing) return new MlflowError('server-error', message)
  if (status === 404 && errorCode === '') return new MlflowError('not-mlflow', message)
  return new MlflowError('rejected', message)
}

function retryAfterMs(response: HttpResponse): number | undefined {
  const seconds = Number(response.header('retry-after'))
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}
