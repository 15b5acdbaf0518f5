import { z } from 'zod'
import { ApiError, badRequest, notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { parse } from './body.ts'
import { readSpans, type TableSpan } from './otlp.ts'
import type { Storage } from './storage.ts'
import { newAssessmentId, tablesOf, type Store } from './store.ts'

const texts = z.record(z.string(), z.string()).default({})

/** What both versions of `TraceInfo` share. */
const info = {
  request_time: z.iso.datetime(),
  execution_duration: z.string().regex(/^\d+(\.\d+)?s$/),
  state: z.enum(['OK', 'ERROR', 'IN_PROGRESS', 'STATE_UNSPECIFIED']),
  request_preview: z.string().max(10_000).exactOptional(),
  response_preview: z.string().max(10_000).exactOptional(),
  trace_metadata: texts,
  tags: texts,
  assessments: z.array(z.looseObject({ assessment_id: z.string().exactOptional() })).default([]),
}

const StartTrace = z.object({
  trace: z.object({
    trace_info: z.object({
      ...info,
      trace_id: z.string().startsWith('tr-'),
      trace_location: z.object({
        type: z.literal('MLFLOW_EXPERIMENT'),
        mlflow_experiment: z.object({ experiment_id: z.string() }),
      }),
    }),
  }),
})

const catalogAndSchema = { catalog_name: z.string(), schema_name: z.string() }
const CreateInfo = z.object({
  ...info,
  trace_id: z.string().regex(/^[0-9a-f]{32}$/),
  trace_location: z.union([
    z
      .object({ type: z.literal('UC_SCHEMA'), uc_schema: z.object(catalogAndSchema) })
      .transform(({ uc_schema: at }) => `${at.catalog_name}.${at.schema_name}`),
    z
      .object({
        type: z.literal('UC_TABLE_PREFIX'),
        uc_table_prefix: z.object({ ...catalogAndSchema, table_prefix: z.string() }),
      })
      .transform(({ uc_table_prefix: at }) => `${at.catalog_name}.${at.schema_name}.${at.table_prefix}`),
  ]),
})

/** Traces in experiments (third version of the calls) and in Unity Catalog tables (fourth version, and OTLP). */
export function traceRoutes({
  store,
  storage,
}: {
  readonly store: Store
  readonly storage: Storage
}): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/3.0/mlflow/traces',
      kind: 'mlflow.start-trace',
      handle({ json }) {
        const trace = parse(StartTrace, json).trace.trace_info
        const experiment = store.experimentById(trace.trace_location.mlflow_experiment.experiment_id)
        // [U] What a workspace answers here is not written down; that such traces belong into the tables is.
        if (tablesOf(experiment)) throw badRequest(`Experiment ${experiment.id} keeps its traces in Unity Catalog.`)
        const { assessments, ...rest } = trace
        const artifactLocation = `${experiment.artifactLocation}/traces/${trace.trace_id}/artifacts`
        const info = { ...rest, tags: { ...trace.tags, 'mlflow.artifactLocation': artifactLocation } }
        // [U] A second call for a trace is taken as the open-source server takes it: the new info replaces the old, and
        // what was said about the trace stays.
        const said = store.traces.get(trace.trace_id)?.assessments ?? new Map<string, Record<string, unknown>>()
        for (const assessment of assessments) {
          const assessment_id = assessment.assessment_id ?? newAssessmentId()
          said.set(assessment_id, { valid: true, ...assessment, assessment_id })
        }
        store.traces.set(trace.trace_id, { experimentId: experiment.id, info, assessments: said })
        const shown = { ...info, assessments: [...said.values()] }
        return ok({ trace: { trace_info: shown } })
      },
    },
    {
      method: 'GET',
      path: '/api/2.0/mlflow/traces/:trace/credentials-for-data-upload',
      kind: 'mlflow.credentials',
      handle({ params }) {
        const traceId = params['trace'] ?? ''
        if (!store.traces.has(traceId)) throw notFound(`Trace with ID ${traceId} does not exist.`)
        const path = 'traces.json'
        const signed = storage.sign(`traces/${traceId}/${path}`)
        return ok({ credential_info: { run_id: traceId, path, ...signed } })
      },
    },
    {
      method: 'POST',
      path: '/api/4.0/mlflow/traces/:location/:trace/info',
      kind: 'mlflow.create-trace-info',
      handle({ params, json }) {
        const trace = parse(CreateInfo, json)
        const location = params['location'] ?? ''
        if (trace.trace_location !== location || trace.trace_id !== params['trace']) {
          throw badRequest('The location and id of the trace are others than those of the path.')
        }
        const traces = store.tableTraces.get(location)
        // [U] The documents do not say what is answered for a location that there is not.
        if (!traces) throw notFound(`Trace location ${location} does not exist.`)
        const stored = { ...trace, trace_location: (json as { readonly trace_location: unknown }).trace_location }
        traces.set(trace.trace_id, stored)
        return ok(stored)
      },
    },
    {
      method: 'POST',
      path: '/api/2.0/otel/v1/traces',
      kind: 'otel.traces',
      raw: true,
      handle({ headers, bytes }) {
        if (!headers['content-type']?.startsWith('application/x-protobuf')) {
          throw new ApiError(415, 'INVALID_PARAMETER_VALUE', 'Only application/x-protobuf is taken here')
        }
        const name = headers['x-databricks-uc-table-name'] ?? ''
        if (name === '') throw badRequest('The header X-Databricks-UC-Table-Name is missing')
        const rows = store.tables.get(name)
        // [U] Status and words for a table that is missing are not written down.
        if (!rows) throw new ApiError(404, 'NOT_FOUND', `Table '${name}' does not exist.`)
        // Appended, never replaced: spans that come twice are there twice.
        rows.push(...spansIn(bytes))
        return { status: 200, headers: { 'content-type': 'application/x-protobuf' }, body: '' }
      },
    },
  ]
}

/** @throws ApiError 400 for bytes that are no OTLP request */
function spansIn(bytes: Uint8Array): readonly TableSpan[] {
  try {
    return readSpans(bytes)
  } catch {
    throw badRequest('The body is no ExportTraceServiceRequest')
  }
}
