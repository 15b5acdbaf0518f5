import { z } from 'zod'

/** Reads back from a real MLflow server what was sent to it, through its public REST API. */
export interface RealServer {
  /** Undefined when the server does not know the trace. */
  trace(traceId: string): Promise<ReadTrace | undefined>
  run(runId: string): Promise<ReadRun>
  /** Ids of the traces that MLflow lists for a run. */
  tracesOfRun(experimentId: string, runId: string): Promise<string[]>
  runsOfExperiment(experimentId: string): Promise<ReadRun[]>
  tracesOfExperiment(experimentId: string): Promise<string[]>
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
    tracesOfRun: (experimentId, runId) => searchTraces(experimentId, `attributes.run_id = '${runId}'`),
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
