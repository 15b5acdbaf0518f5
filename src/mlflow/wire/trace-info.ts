import { embeddedId, toWire } from '../assessment.ts'
import { costJson, tokenUsageJson } from '../turn/span-attributes.ts'
import type { TraceRecord } from '../turn/trace-record.ts'
import { rootName } from '../turn/turn-tracer.ts'

/**
 * A finished turn's trace as MLflow's TraceInfo says it, but for what the place of the trace decides: its id, location and
 * schema version. All values of metadata and tags are text. The totals of tokens and cost are in it so that a server
 * which has them does not add up those of the spans again when they come a second time.
 */
export function traceInfo(
  record: TraceRecord,
  at: {
    readonly traceId: string
    readonly location: object
    readonly schemaVersion: '3' | '4'
    readonly runId: string
  },
): object {
  const { usage } = record
  return {
    trace_id: at.traceId,
    trace_location: at.location,
    request_time: new Date(record.startedAt).toISOString(),
    execution_duration: `${(record.durationMs / 1000).toFixed(3)}s`,
    state: record.state,
    ...(record.requestPreview === undefined ? {} : { request_preview: record.requestPreview }),
    ...(record.responsePreview === undefined ? {} : { response_preview: record.responsePreview }),
    trace_metadata: {
      'mlflow.trace_schema.version': at.schemaVersion,
      'mlflow.trace.session': record.sessionId,
      'mlflow.trace.user': record.userId,
      'mlflow.sourceRun': at.runId,
      'mlflow.source.name': 'deckhand',
      ...(usage
        ? {
            'mlflow.trace.tokenUsage': tokenUsageJson(usage.inputTokens, usage.outputTokens),
            'mlflow.trace.cost': costJson(usage.inputCostUsd, usage.outputCostUsd),
          }
        : {}),
    },
    tags: { ...record.tags, 'mlflow.traceName': rootName },
    ...(record.assessments.length === 0
      ? {}
      : {
          assessments: record.assessments.map((assessment) => ({
            assessment_id: embeddedId(record.traceId, assessment),
            trace_id: at.traceId,
            ...toWire(assessment),
          })),
        }),
  }
}

/** A trace that lies in an experiment: in a server of one's own always, in a workspace unless tables are bound to it. */
export function experimentTraceInfo(record: TraceRecord, experimentId: string, runId: string): object {
  const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } }
  return traceInfo(record, { traceId: record.traceId, location, schemaVersion: '3', runId })
}
