import type { Logger } from '../../lib/log.ts'
import type { Experiment, TraceStore, TraceTables } from '../backend.ts'
import type { MlflowClient } from '../client.ts'
import { MlflowError } from '../mlflow-error.ts'
import { refusedSpans, toOtlp } from '../wire/otlp.ts'
import { experimentTraceInfo, traceInfo } from '../wire/trace-info.ts'
import type { TraceRecord } from '../turn/trace-record.ts'
import { toTracesJson } from '../wire/traces-json.ts'
import type { Transport } from '../transport.ts'
import { withConventions } from './conventions.ts'
import { Anything, TraceCredentialAnswer } from './schema.ts'
import type { SignedUpload } from './signed-upload.ts'
import { hexOf, toLocation } from './trace-tables.ts'

/** How many traces whose spans are in their table are remembered, so that a delivery tried again leaves no second copy. */
const rememberedTraces = 1000

/** Traces of a workspace, in the experiment itself or in the tables it is bound to. */
export function createWorkspaceTraces(deps: {
  readonly transport: Transport
  readonly client: MlflowClient
  readonly upload: SignedUpload
  readonly log: Logger
}): TraceStore {
  const { transport, client, upload, log } = deps
  const inTable = new Set<string>()

  /** Info by StartTraceV3, spans as the trace's file `traces.json`. */
  async function putInExperiment(
    record: TraceRecord,
    at: { readonly experiment: Experiment; readonly runId: string },
    beforeStep: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { id } = at.experiment
    try {
      await once(client.putTraceInfo(experimentTraceInfo(record, id, at.runId), signal))
    } catch (error) {
      if (!(error instanceof MlflowError) || error.code !== 'rejected') throw error
      // It may have been bound to tables since we asked: the next try asks again, and a bad trace gets a few of them.
      const message = `Experiment ${id} does not take the trace as one that lies in itself: ${error.message}`
      throw new MlflowError('not-found', message, { cause: error, status: error.status })
    }
    await beforeStep()
    const path = `/api/2.0/mlflow/traces/${record.traceId}/credentials-for-data-upload`
    const credential = async () =>
      (await client.call({ method: 'GET', path, schema: TraceCredentialAnswer }, signal)).credential_info
    await upload.put(credential, Buffer.from(toTracesJson(record)), signal)
  }

  /** Info by the fourth version of the call, spans as OTLP. Tables only grow: spans sent twice would be there twice. */
  async function putInTables(
    record: TraceRecord,
    at: { readonly tables: TraceTables; readonly runId: string },
    beforeStep: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { tables, runId } = at
    const traceId = hexOf(record.traceId)
    const body = traceInfo(record, { traceId, location: toLocation(tables), schemaVersion: '4', runId })
    const path = `/api/4.0/mlflow/traces/${encodeURIComponent(tables.location)}/${traceId}/info`
    await once(client.call({ method: 'POST', path, body, schema: Anything }, signal))
    // What was taken is there, and cannot be taken back.
    const key = `${tables.spans}/${traceId}`
    if (inTable.has(key)) return
    await beforeStep()
    const headers = { 'content-type': 'application/x-protobuf', 'x-databricks-uc-table-name': tables.spans }
    const spans = toOtlp(withConventions(record))
    const request = { method: 'POST', path: '/api/2.0/otel/v1/traces', headers, body: spans } as const
    const answer = await transport.send(request, signal)
    inTable.add(key)
    for (const oldest of inTable) {
      if (inTable.size <= rememberedTraces) break
      inTable.delete(oldest)
    }
    const { count, reason } = refusedSpans(answer.body)
    if (count === 0) return
    log.warn({ trace: record.traceId, table: tables.spans, spans: count, reason }, 'Spans of a trace were not taken')
  }

  return {
    async put(record, { experiment, runId }, beforeStep, signal) {
      await beforeStep()
      const tables = experiment.traceTables
      if (tables === undefined) return putInExperiment(record, { experiment, runId }, beforeStep, signal)
      try {
        await putInTables(record, { tables, runId }, beforeStep, signal)
      } catch (error) {
        if (!(error instanceof MlflowError)) throw error
        const { status } = error
        // Tables that are bound by now may be others, or none: the next try asks again, and a bad trace gets a few of them.
        if (error.code === 'rejected') throw new MlflowError('not-found', error.message, { cause: error, status })
        if (error.code !== 'not-found') throw error
        // Not one trace's fault: all wait until somebody has made the table or bound the experiment to another.
        throw new MlflowError(
          'no-access',
          `Traces cannot be written to ${tables.spans}, the table of experiment ${experiment.id}: it is missing or not ours to use; expected USE CATALOG, USE SCHEMA, SELECT and MODIFY for it`,
          { cause: error, status },
        )
      }
    },
  }
}

/** Settles as `work` does, but for the answer that the thing is there already: an earlier delivery broke off after it. */
async function once(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== 'already-exists') throw error
  }
}
