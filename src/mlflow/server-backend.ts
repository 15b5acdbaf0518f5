import type { HttpClient } from '../lib/http.ts'
import type { Logger } from '../lib/log.ts'
import type { Backend, TraceStore } from './backend.ts'
import { createMlflowClient } from './client.ts'
import { MlflowError } from './mlflow-error.ts'
import { toOtlp } from './wire/otlp.ts'
import { runUrl, traceUrl, type ServerAddress } from './server-address.ts'
import { createServerPrompts } from './server-prompts.ts'
import { experimentTraceInfo } from './wire/trace-info.ts'
import { toTracesJson } from './wire/traces-json.ts'
import { createServerTransport, type Transport } from './transport.ts'

/** How spans travel: OTLP, an artifact, or OTLP until the server refuses it. */
export type SpanFormat = 'auto' | 'otlp' | 'artifact'

/** An MLflow server of one's own. `timeoutMs`: deadline of one request. */
export function createServerBackend(deps: {
  readonly address: ServerAddress
  readonly http: HttpClient
  readonly spanFormat: SpanFormat
  readonly timeoutMs: number
  readonly log: Logger
}): Backend {
  const { address } = deps
  const { baseUrl } = address
  const transport = createServerTransport(deps)
  // MLflow serves OTLP at its root whatever its static prefix is, but a proxy may move the whole server.
  const { origin } = new URL(baseUrl)
  const root = origin === baseUrl ? [] : [createServerTransport({ ...deps, address: { ...address, baseUrl: origin } })]
  const client = createMlflowClient({ transport })

  /** `location`: an `mlflow-artifacts:` address. */
  async function putArtifact(
    location: string,
    file: { readonly path: string; readonly contentType: string; readonly body: string | Uint8Array },
    signal: AbortSignal,
  ): Promise<void> {
    const match = /^mlflow-artifacts:\/(?!\/)(.*)$/.exec(location)
    if (!match?.[1]) {
      throw new MlflowError(
        'unsupported',
        `Cannot store "${file.path}" at "${location}": only a server that proxies artifacts (mlflow-artifacts:/…) can take it`,
      )
    }
    const path = `${match[1]}/${file.path}`.split('/').map(encodeURIComponent).join('/')
    const headers = { 'content-type': file.contentType }
    const url = `/api/2.0/mlflow-artifacts/artifacts/${path}`
    await transport.send({ method: 'PUT', path: url, headers, body: file.body }, signal)
  }

  return {
    place: baseUrl,
    experiments: client.experiments,
    runs: {
      ...client.runs,
      async putArtifacts(runId, artifacts, signal) {
        if (artifacts.length === 0) return
        const location = await client.artifactLocation(runId, signal)
        for (const artifact of artifacts) {
          await putArtifact(location, { ...artifact, body: await artifact.read() }, signal)
        }
      },
    },
    traces: createServerTraces({ ...deps, client, putArtifact, otlpTransports: [transport, ...root] }),
    prompts: createServerPrompts(client),
    links: {
      trace: (experiment, traceId) => traceUrl(baseUrl, experiment.id, traceId),
      run: (experiment, runId) => runUrl(baseUrl, experiment.id, runId),
    },
    rest: client,
  }
}

/** The trace's info goes first with the turn's totals of tokens and cost, see {@link experimentTraceInfo}. */
function createServerTraces(deps: {
  readonly address: ServerAddress
  readonly client: ReturnType<typeof createMlflowClient>
  readonly otlpTransports: readonly Transport[]
  readonly putArtifact: (
    location: string,
    file: { readonly path: string; readonly contentType: string; readonly body: string },
    signal: AbortSignal,
  ) => Promise<void>
  readonly spanFormat: SpanFormat
  readonly log: Logger
}): TraceStore {
  const { client, log } = deps
  let otlp = deps.spanFormat !== 'artifact'

  async function sendOtlp(experimentId: string, body: Uint8Array, signal: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experimentId }
    let refusal: MlflowError | undefined
    for (const transport of deps.otlpTransports) {
      try {
        await transport.send({ method: 'POST', path: '/v1/traces', headers, body }, signal)
        return
      } catch (error) {
        const isMissing = error instanceof MlflowError && [404, 405, 415, 501].includes(error.status ?? 0)
        if (!isMissing) throw error
        const message = `MLflow at ${deps.address.baseUrl} does not take OTLP: status ${error.status}`
        refusal = new MlflowError('unsupported', message, { cause: error })
      }
    }
    if (refusal) throw refusal
  }

  return {
    async put(record, { experiment, runId }, beforeStep, signal) {
      await beforeStep()
      const info = experimentTraceInfo(record, experiment.id, runId)
      const { artifactLocation } = await client.putTraceInfo(info, signal)
      await beforeStep()
      if (otlp) {
        try {
          return await sendOtlp(experiment.id, toOtlp(record), signal)
        } catch (error) {
          const refused = error instanceof MlflowError && error.code === 'unsupported'
          if (!refused || deps.spanFormat === 'otlp') throw error
          log.warn({ reason: error.message }, 'Sending spans as artifacts instead')
          otlp = false
        }
      }
      const file = { path: 'traces.json', contentType: 'application/json', body: toTracesJson(record) }
      await deps.putArtifact(artifactLocation, file, signal)
    },
  }
}
