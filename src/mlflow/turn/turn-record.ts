import type { Assessment, AssessmentValue } from '../assessment.ts'
import { cut, limits } from '../limits.ts'
import type { Redact } from '../redact.ts'
import type { OpenedRun } from '../sending/run-opener.ts'
import { cleanTags, runData, type RunDescription } from './run-record.ts'
import { cleanText, preview } from './span-attributes.ts'
import type { SpanRecord, TraceRecord } from './trace-record.ts'
import type { Json, TurnInfo } from '../tracing.ts'
import type { FinishedTurn, StartedTurn } from './turn-tracer.ts'

/** The tag by which a turn's run is found again when the answer to its creation was lost. */
export const traceIdTag = 'deckhand.trace_id'

export interface RecordOptions {
  readonly experimentName: string
  readonly environment: string
  readonly captureInputOutput: boolean
  readonly redact: Redact
  /** What the runs of all turns share. */
  readonly run: RunDescription
  /** Registered prompts: content hash by name. */
  readonly promptHashes: ReadonlyMap<string, string>
}

/** What the run of a turn is called, and what it carries from its first moment. */
export function describeRun(
  turn: StartedTurn,
  options: RecordOptions,
): { readonly name: string; readonly tags: Record<string, string> } {
  const timestamp = new Date(turn.startedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  // The first digits of the trace id: unique enough for a name, and they lead from the run to the trace by eye.
  const hash = turn.traceId.slice('tr-'.length, 'tr-'.length + 8)
  return {
    name: `slide-gen-${options.environment}-${timestamp}-${hash}`,
    tags: {
      ...cleanTags(options.run.tags, options.redact),
      ...tagsOf(turn.info, options),
      [traceIdTag]: turn.traceId,
      'mlflow.source.name': 'deckhand',
      'mlflow.user': cut(cleanText(turn.info.userId, options.redact), limits.metadataValue),
      thread: cut(cleanText(turn.info.sessionId, options.redact), limits.metadataValue),
    },
  }
}

/** Everything MLflow will be told about a finished turn, except the files of its run. */
export function toTraceRecord(turn: FinishedTurn, opened: OpenedRun, options: RecordOptions): TraceRecord {
  const { info } = turn
  const root = turn.spans.at(-1)
  if (root === undefined) throw new Error(`Cannot record trace ${turn.traceId}: it has no spans`)
  const startedAt = toMilliseconds(root.startNs)
  const durationMs = toMilliseconds(root.endNs) - startedAt
  const text = (value: string): string => cut(cleanText(value, options.redact), limits.metadataValue)
  const { name, tags } = describeRun(turn, options)
  const run = runData(turn, options)
  return {
    version: 2,
    traceId: turn.traceId,
    experimentName: options.experimentName,
    sessionId: text(info.sessionId),
    userId: text(info.userId),
    tags: { ...tagsOf(info, options), ...endTags(run.tags) },
    state: turn.state,
    startedAt,
    durationMs,
    ...(options.captureInputOutput ? { requestPreview: preview(withQuestion(info), 'question', options.redact) } : {}),
    ...responsePreview(turn, root),
    ...(turn.usages.length === 0 ? {} : { usage: addUp(turn) }),
    run: { name, ...opened, ...run, tags: { ...tags, ...run.tags }, artifacts: [] },
    prompts: turn.reported.prompts.flatMap((prompt) => {
      const contentHash = options.promptHashes.get(prompt)
      return contentHash === undefined ? [] : [{ name: prompt, hash: contentHash }]
    }),
    assessments: turn.reported.assessments.map((assessment) => toRecorded(assessment, options)),
    spans: [...turn.spans],
  }
}

/** How it ended, also for those who look for traces and know no runs; the whole message is in the response. */
function endTags({ error_message: _message, ...tags }: Readonly<Record<string, string>>): Record<string, string> {
  return tags
}

/** A turn that broke has no answer: lists show the reason instead. */
function responsePreview(turn: FinishedTurn, root: SpanRecord): Pick<TraceRecord, 'responsePreview'> {
  const shown = turn.responsePreview ?? (root.status === 'ERROR' ? cut(root.statusMessage, limits.preview) : '')
  return shown === '' ? {} : { responsePreview: shown }
}

function toRecorded(
  { name, source, value, rationale, metadata }: Assessment,
  { captureInputOutput, redact }: RecordOptions,
): TraceRecord['assessments'][number] {
  const clean = (text: string): string => cleanText(text, redact)
  return {
    name,
    source,
    value: recordedValue(value, captureInputOutput ? clean : undefined),
    rationale: captureInputOutput ? clean(rationale) : '',
    ...(metadata ? { metadata: { ...metadata } } : {}),
  }
}

/** Texts may quote answers: where contents are not captured (no `clean`), only how many there are is kept. */
function recordedValue(
  value: AssessmentValue,
  clean: ((text: string) => string) | undefined,
): TraceRecord['assessments'][number]['value'] {
  if (typeof value === 'string') return clean ? clean(value) : ''
  if (typeof value === 'object') return clean ? value.map(clean) : value.length
  return value
}

function withQuestion(info: TurnInfo): Json {
  return { question: info.question }
}

function tagsOf(info: TurnInfo, options: RecordOptions): Record<string, string> {
  return cleanTags({ environment: options.environment, ...info.tags }, options.redact)
}

function addUp(turn: FinishedTurn): NonNullable<TraceRecord['usage']> {
  const sum = (pick: (usage: FinishedTurn['usages'][number]) => number): number =>
    turn.usages.reduce((total, usage) => total + (Number.isFinite(pick(usage)) ? pick(usage) : 0), 0)
  return {
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    inputCostUsd: sum((usage) => usage.inputCostUsd),
    outputCostUsd: sum((usage) => usage.outputCostUsd),
  }
}

/** Exact to the microsecond. */
function toMilliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000
}
