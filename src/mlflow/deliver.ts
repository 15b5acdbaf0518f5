import type { Logger } from '../lib/log.ts'
import type { MlflowClient } from './client.ts'
import type { Experiments } from './experiments.ts'
import { MlflowError } from './mlflow-error.ts'
import { toOtlp } from './otlp.ts'
import { costJson, tokenUsageJson } from './span-attributes.ts'
import type { TraceRecord } from './trace-record.ts'
import { toTracesJson } from './traces-json.ts'
import { rootName } from './turn-tracer.ts'
import { traceIdTag } from './turn-record.ts'

/** How spans travel: OTLP, an artifact, or OTLP until the server refuses it. */
export type Backend = 'auto' | 'otlp' | 'artifact'

/** Tells MLflow everything about one turn. `beforeStep` throws when the record is no longer ours to send. */
export type Deliver = (record: TraceRecord, beforeStep: () => Promise<void>, signal: AbortSignal) => Promise<void>

/**
 * Every step can be repeated without harm, so a delivery that broke off is started again from its beginning: the run is
 * looked for by its tag before it is created, equal params and metrics are stored once, the trace and its spans are
 * replaced. The trace's info goes first with the turn's totals of tokens and cost: having them, the server does not add
 * up those of the spans again when they come a second time.
 */
export function createDeliver(deps: {
  readonly client: MlflowClient
  readonly experiments: Experiments
  readonly backend: Backend
  readonly log: Logger
}): Deliver {
  const { client, experiments, log } = deps
  let otlp = deps.backend !== 'artifact'

  async function findOrCreateRun(record: TraceRecord, experimentId: string, signal: AbortSignal): Promise<string> {
    const found = await client.findRun(experimentId, traceIdTag, record.traceId, signal)
    if (found !== undefined) return found
    const { name, tags } = record.run
    return client.createRun({ experimentId, name, tags, startedAt: Math.round(record.startedAt) }, signal)
  }

  /** Finds the turn's run, or makes it, and writes params and metrics into it. */
  async function logRun(record: TraceRecord, experimentId: string, signal: AbortSignal): Promise<string> {
    const { params, metrics } = record.run
    const data = { params, metrics, at: endOf(record) }
    if (record.run.id !== undefined) {
      try {
        await client.logRun(record.run.id, data, signal)
        return record.run.id
      } catch (error) {
        // Deleted meanwhile, or the server started anew with an empty database: the turn gets another run.
        if (!(error instanceof MlflowError) || error.code !== 'not-found') throw error
      }
    }
    const runId = await findOrCreateRun(record, experimentId, signal)
    await client.logRun(runId, data, signal)
    return runId
  }

  async function sendSpans(
    record: TraceRecord,
    experimentId: string,
    artifactLocation: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (otlp) {
      try {
        return await client.sendOtlp(experimentId, toOtlp(record), signal)
      } catch (error) {
        const refused = error instanceof MlflowError && error.code === 'unsupported'
        if (!refused || deps.backend === 'otlp') throw error
        log.warn({ reason: error.message }, 'Sending spans as artifacts instead')
        otlp = false
      }
    }
    await client.putArtifact(artifactLocation, 'traces.json', toTracesJson(record), signal)
  }

  return async (record, beforeStep, signal) => {
    await beforeStep()
    const experimentId = await experiments.resolve(record.experimentName, signal)
    try {
      await beforeStep()
      const runId = await logRun(record, experimentId, signal)
      await beforeStep()
      const { artifactLocation } = await client.putTraceInfo(toTraceInfo(record, experimentId, runId), signal)
      await beforeStep()
      await sendSpans(record, experimentId, artifactLocation, signal)
      await beforeStep()
      await client.finishRun(runId, record.state === 'OK' ? 'FINISHED' : 'FAILED', endOf(record), signal)
    } catch (error) {
      if (error instanceof MlflowError && error.code === 'not-found') experiments.forget(record.experimentName)
      throw error
    }
  }
}

function endOf(record: TraceRecord): number {
  return Math.round(record.startedAt + record.durationMs)
}

/** The body of StartTraceV3, which despite its name is sent once, at the end. All values of metadata are text. */
function toTraceInfo(record: TraceRecord, experimentId: string, runId: string): object {
  const { usage } = record
  return {
    trace_id: record.traceId,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } },
    request_time: new Date(record.startedAt).toISOString(),
    execution_duration: `${(record.durationMs / 1000).toFixed(3)}s`,
    state: record.state,
    ...(record.requestPreview === undefined ? {} : { request_preview: record.requestPreview }),
    ...(record.responsePreview === undefined ? {} : { response_preview: record.responsePreview }),
    trace_metadata: {
      'mlflow.trace_schema.version': '3',
      'mlflow.trace.session': record.sessionId,
      'mlflow.trace.user': record.userId,
      'mlflow.sourceRun': runId,
      'mlflow.source.name': 'deckhand',
      ...(usage
        ? {
            'mlflow.trace.tokenUsage': tokenUsageJson(usage.inputTokens, usage.outputTokens),
            'mlflow.trace.cost': costJson(usage.inputCostUsd, usage.outputCostUsd),
          }
        : {}),
    },
    tags: { ...record.tags, 'mlflow.traceName': rootName },
  }
}
