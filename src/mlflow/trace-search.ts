import { z } from 'zod'
import { parseJson } from '../lib/json.ts'
import type { MlflowClient } from './client.ts'

/** What MLflow knows of a turn without its spans. */
export interface FoundTrace {
  readonly traceId: string
  readonly experimentId: string
  /** The thread. */
  readonly sessionId: string
  readonly userId: string
  /** The turn's run; '' when there is none. */
  readonly runId: string
  /** Cut to what MLflow shows in lists; '' when inputs are not captured. */
  readonly question: string
  /** Its answer, or why it has none; cut and left out as the question is. */
  readonly response: string
  readonly state: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly durationMs: number
  /** Of all model calls together; 0 where there were none. */
  readonly tokens: number
  readonly costUsd: number
  readonly tags: Readonly<Record<string, string>>
}

/** Equal to a text, or like one in which `%` stands for any text. */
export type Match = string | { readonly like: string }

/** What to look for; all that is given has to be so. */
export interface TraceFilter {
  readonly tags?: Readonly<Record<string, Match>>
  readonly sessionId?: Match
  readonly runId?: string
}

/** Traces that MLflow has. Every method rejects with MlflowError. */
export interface TraceSearch {
  /** @throws MlflowError `not-found` */
  get(traceId: string, signal: AbortSignal): Promise<FoundTrace>
  /** Newest first, at most `most` (default 100). */
  find(experimentId: string, filter: TraceFilter, signal: AbortSignal, most?: number): Promise<readonly FoundTrace[]>
}

const duration = z.string().transform((text) => Number(text.replace(/s$/, '')) * 1000)

const TraceInfo = z
  .object({
    trace_id: z.string(),
    trace_location: z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }).optional() }).optional(),
    request_preview: z.string().default(''),
    response_preview: z.string().default(''),
    request_time: z.string(),
    execution_duration: duration.default(0),
    state: z.string().default(''),
    trace_metadata: z.record(z.string(), z.string()).default({}),
    tags: z.record(z.string(), z.string()).default({}),
  })
  .transform((info): FoundTrace => ({
    traceId: info.trace_id,
    experimentId: info.trace_location?.mlflow_experiment?.experiment_id ?? '',
    sessionId: info.trace_metadata['mlflow.trace.session'] ?? '',
    userId: info.trace_metadata['mlflow.trace.user'] ?? '',
    runId: info.trace_metadata['mlflow.sourceRun'] ?? '',
    question: questionIn(info.request_preview),
    response: info.response_preview,
    state: info.state,
    startedAt: Date.parse(info.request_time),
    durationMs: info.execution_duration,
    tokens: numberIn(info.trace_metadata['mlflow.trace.tokenUsage'], 'total_tokens'),
    costUsd: numberIn(info.trace_metadata['mlflow.trace.cost'], 'total_cost'),
    tags: info.tags,
  }))
const GetAnswer = z.object({ trace: z.object({ trace_info: TraceInfo }) })
const SearchAnswer = z.object({ traces: z.array(TraceInfo).default([]) })

export function createTraceSearch({ client }: { readonly client: Pick<MlflowClient, 'call'> }): TraceSearch {
  return {
    async get(traceId, signal) {
      const path = `/api/3.0/mlflow/traces/${encodeURIComponent(traceId)}`
      return (await client.call({ method: 'GET', path, schema: GetAnswer }, signal)).trace.trace_info
    },
    async find(experimentId, filter, signal, most = 100) {
      const body = {
        locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } }],
        filter: toFilter(filter),
        max_results: most,
        order_by: ['timestamp_ms DESC'],
      }
      const path = '/api/3.0/mlflow/traces/search'
      return (await client.call({ method: 'POST', path, body, schema: SearchAnswer }, signal)).traces
    },
  }
}

function toFilter({ tags = {}, sessionId, runId }: TraceFilter): string {
  const parts = Object.entries(tags).map(([key, value]) => `tag.\`${key}\` ${toCondition(value)}`)
  if (sessionId !== undefined) parts.push(`metadata.\`mlflow.trace.session\` ${toCondition(sessionId)}`)
  if (runId !== undefined) parts.push(`attributes.run_id ${toCondition(runId)}`)
  return parts.join(' AND ')
}

function toCondition(match: Match): string {
  return typeof match === 'string' ? `= ${quoted(match)}` : `LIKE ${quoted(match.like)}`
}

/** MLflow's filters have no way to write a quote inside a text of quotes of the same kind. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text.replaceAll('"', '')}"` : `'${text}'`
}

/** A member of MLflow's JSON texts about usage; 0 where it is not told. */
function numberIn(json: string | undefined, key: string): number {
  const value = z.record(z.string(), z.unknown()).safeParse(parseJson(json ?? '')).data?.[key]
  return typeof value === 'number' ? value : 0
}

/** Turns are recorded with `{"question": …}` as their input; other traces with whatever they had. */
function questionIn(preview: string): string {
  const parsed = z.object({ question: z.string() }).safeParse(parseJson(preview))
  return parsed.success ? parsed.data.question : preview
}
