import type { RunData, RunStatus } from '../backend.ts'
import { cut, limits } from '../limits.ts'
import type { Redact } from '../redact.ts'
import { cleanText } from './span-attributes.ts'
import { metricsOfSpans } from './span-metrics.ts'
import type { SpanRecord } from './trace-record.ts'
import type { FinishedTurn } from './turn-tracer.ts'

/** What the runs of all turns share, as the settings have it. */
export interface RunDescription {
  readonly params: Readonly<Record<string, string | number>>
  readonly tags: Readonly<Record<string, string>>
  /** The settings as YAML, without secrets: the artifact `run_config.yaml` of each run. */
  readonly configYaml?: string
}

/** Params, tags, metrics and status of a finished turn's run, redacted and cut to MLflow's limits. */
export function runData(
  turn: FinishedTurn,
  options: { readonly captureInputOutput: boolean; readonly redact: Redact; readonly run: RunDescription },
): RunData & { readonly metrics: RunData['metrics'][number][]; readonly status: RunStatus } {
  const { captureInputOutput, redact } = options
  const root = turn.spans.at(-1)
  const at = root ? Number(BigInt(root.endNs) / 1_000_000n) : turn.startedAt
  return {
    status: turn.state === 'OK' ? 'FINISHED' : turn.isStopped ? 'KILLED' : 'FAILED',
    params: cleanParams(
      {
        ...options.run.params,
        ...turn.info.params,
        ...(captureInputOutput ? { question: cut(cleanText(turn.info.question, redact), limits.runQuestion) } : {}),
      },
      redact,
    ),
    tags: cleanTags({ ...turn.reported.tags, ...(root ? errorTags(root, captureInputOutput) : {}) }, redact),
    metrics: [
      { key: 'success', value: turn.state === 'OK' ? 1 : 0, step: 0, at },
      ...metricsOfSpans(turn.spans, turn.usages),
      ...turn.reported.metrics.map((metric) => ({ ...metric, key: cleanKey(metric.key, redact) })),
    ],
  }
}

export function cleanTags(tags: Readonly<Record<string, string>>, redact: Redact): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [cleanKey(key, redact), cut(cleanText(value, redact), limits.tagValue)]),
  )
}

function cleanParams(
  params: Readonly<Record<string, string | number>>,
  redact: Redact,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      cleanKey(key, redact),
      cut(cleanText(String(value), redact), limits.paramValue),
    ]),
  )
}

/** MLflow takes letters, digits, `_ - . : /` and spaces, and refuses the whole request for any other. */
function cleanKey(key: string, redact: Redact): string {
  return cut(redact(key).replaceAll(/[^\w\-.:/ ]/g, '_'), limits.key)
}

/** Why the turn failed, from its root span. Messages may hold what people said, so they count as content. */
function errorTags(root: SpanRecord, captureInputOutput: boolean): Record<string, string> {
  if (root.status !== 'ERROR') return {}
  const { attributes = {} } = root.events.findLast((event) => event.name === 'exception') ?? {}
  const code = attributes['error.code']
  const message = attributes['exception.message'] ?? root.statusMessage
  return {
    error_type: String(attributes['exception.type'] ?? 'Interrupted'),
    ...(code === undefined ? {} : { error_code: String(code) }),
    ...(captureInputOutput && message !== '' ? { error_message: String(message) } : {}),
  }
}
