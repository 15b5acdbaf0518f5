import { z } from 'zod'

/** Reads back from a real MLflow server what was sent to it, through its public REST API. */
export interface RealServer {
  /** Undefined when the server does not know the trace. */
  trace(traceId: string): Promise<ReadTrace | undefined>
  run(runId: string): Promise<ReadRun>
  /** Ids of the traces that MLflow lists for a run. */
  tracesOfRun(experimentId: string, runId: string): Promise<string[]>
  runsOfExperiment(experimentId: string): Promise<ReadRun[]>
  /** Every value that was stored for a metric, in the order of its steps. */
  metricHistory(runId: string, key: string): Promise<ReadMetric[]>
  /** Paths of a run's files, sorted. */
  artifacts(runId: string): Promise<string[]>
  artifact(runId: string, path: string): Promise<Uint8Array>
  tracesOfExperiment(experimentId: string): Promise<string[]>
  /** Ids of the traces that MLflow finds by `name/version` of a prompt. */
  tracesWithPrompt(experimentId: string, prompt: string): Promise<string[]>
  /** The messages of a registered prompt. */
  prompt(name: string, version: string): Promise<unknown>
  experimentId(name: string): Promise<string | undefined>
  /** A request of the test's own, such as a deletion or a feedback. */
  post(path: string, body: object): Promise<unknown>
}

export interface ReadSpan {
  readonly name: string
  readonly id: string
  readonly parent: string | undefined
  readonly status: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
}

export interface ReadTrace {
  readonly experimentId: string
  readonly state: string
  readonly requestPreview: string | undefined
  readonly responsePreview: string | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly assessments: readonly string[]
  /** As MLflow's page reads them. */
  readonly spans: readonly ReadSpan[]
}

export interface ReadMetric {
  readonly value: number
  readonly step: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface ReadRun {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly params: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
  readonly tags: Readonly<Record<string, string>>
}

const TraceInfo = z.object({
  trace: z.object({
    trace_info: z.object({
      trace_location: z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }) }),
      state: z.string(),
      request_preview: z.string().optional(),
      response_preview: z.string().optional(),
      trace_metadata: z.record(z.string(), z.string()),
      tags: z.record(z.string(), z.string()),
      assessments: z.array(z.object({ assessment_name: z.string() })).default([]),
    }),
  }),
})

/** Every attribute is JSON text. */
const Attributes = z
  .record(z.string(), z.unknown())
  .transform((attributes) =>
    Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, parseAttribute(value)])),
  )

const SpanList = z.object({
  spans: z.array(
    z
      .object({
        name: z.string(),
        span_id: z.string(),
        parent_span_id: z.string().nullish(),
        status: z.object({ code: z.string() }),
        attributes: Attributes,
        events: z.array(z.object({ name: z.string(), attributes: Attributes })).default([]),
      })
      .transform((span) => ({
        name: span.name,
        id: span.span_id,
        parent: span.parent_span_id ?? undefined,
        status: span.status.code,
        attributes: span.attributes,
        events: span.events,
      })),
  ),
})

const texts = z
  .array(z.object({ key: z.string(), value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((pair) => [pair.key, pair.value])))

const numbers = z
  .array(z.object({ key: z.string(), value: z.number() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((pair) => [pair.key, pair.value])))

const Run = z
  .object({
    info: z.object({ run_id: z.string(), run_name: z.string(), status: z.string() }),
    data: z.object({ params: texts, metrics: numbers, tags: texts }),
  })
  .transform(({ info, data }) => ({ id: info.run_id, name: info.run_name, status: info.status, ...data }))

const History = z.object({
  metrics: z.array(z.object({ value: z.number(), step: z.number().default(0), timestamp: z.number() })).default([]),
})

const ArtifactList = z.object({ files: z.array(z.object({ path: z.string(), is_dir: z.boolean() })).default([]) })

const TraceList = z.object({ traces: z.array(z.object({ trace_id: z.string() })).default([]) })

export function readFrom(url: string): RealServer {
  async function request(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  async function searchTraces(experimentId: string, filter: string): Promise<string[]> {
    const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } }]
    const answer = await request('POST', '/api/3.0/mlflow/traces/search', { locations, filter, max_results: 100 })
    return TraceList.parse(answer).traces.map((trace) => trace.trace_id)
  }

  async function artifactsBelow(runId: string, folder: string): Promise<string[]> {
    const answer = await request('GET', `/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=${folder}`)
    const { files } = ArtifactList.parse(answer)
    const paths = await Promise.all(
      files.map((file) => (file.is_dir ? artifactsBelow(runId, file.path) : Promise.resolve([file.path]))),
    )
    return paths.flat().toSorted()
  }

  return {
    async trace(traceId) {
      const answer = await request('GET', `/api/3.0/mlflow/traces/${traceId}`)
      if (answer === undefined) return undefined
      const info = TraceInfo.parse(answer).trace.trace_info
      const data = await request('GET', `/ajax-api/3.0/mlflow/get-trace-artifact?request_id=${traceId}`)
      return {
        experimentId: info.trace_location.mlflow_experiment.experiment_id,
        state: info.state,
        requestPreview: info.request_preview,
        responsePreview: info.response_preview,
        metadata: info.trace_metadata,
        tags: info.tags,
        assessments: info.assessments.map((assessment) => assessment.assessment_name),
        spans: SpanList.parse(data).spans,
      }
    },
    async run(runId) {
      const answer = await request('GET', `/api/2.0/mlflow/runs/get?run_id=${runId}`)
      return z.object({ run: Run }).parse(answer).run
    },
    async metricHistory(runId, key) {
      const path = `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${encodeURIComponent(key)}`
      const { metrics } = History.parse(await request('GET', path))
      return metrics
        .map(({ value, step, timestamp }) => ({ value, step, at: timestamp }))
        .toSorted((a, b) => a.step - b.step)
    },
    artifacts: (runId) => artifactsBelow(runId, ''),
    async artifact(runId, path) {
      const response = await fetch(`${url}/get-artifact?run_id=${runId}&path=${encodeURIComponent(path)}`)
      if (!response.ok) throw new Error(`Artifact ${path} answered ${response.status}: ${await response.text()}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    tracesOfRun: (experimentId, runId) => searchTraces(experimentId, `attributes.run_id = '${runId}'`),
    tracesWithPrompt: (experimentId, prompt) => searchTraces(experimentId, `prompt = '${prompt}'`),
    async prompt(name, version) {
      const answer = await request('GET', `/api/2.0/mlflow/model-versions/get?name=${name}&version=${version}`)
      const { tags } = z.object({ model_version: z.object({ tags: texts }) }).parse(answer).model_version
      return parseAttribute(tags['mlflow.prompt.text'])
    },
    tracesOfExperiment: (experimentId) => searchTraces(experimentId, ''),
    async runsOfExperiment(experimentId) {
      const answer = await request('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: [experimentId] })
      return z.object({ runs: z.array(Run).default([]) }).parse(answer).runs
    },
    async experimentId(name) {
      const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
      const answer = await request('GET', path)
      if (answer === undefined) return undefined
      return z.object({ experiment: z.object({ experiment_id: z.string() }) }).parse(answer).experiment.experiment_id
    },
    post: (path, body) => request('POST', path, body),
  }
}

function parseAttribute(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
