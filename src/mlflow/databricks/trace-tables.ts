import type { Experiment, TraceTables } from '../backend.ts'

/** Tags by which Databricks tells that an experiment keeps its traces in Unity Catalog, and where. */
const destinationTag = 'mlflow.experiment.databricksTraceDestinationPath'
const spansTableTag = 'mlflow.experiment.databricksTraceSpanStorageTable'

/** What the tags of an experiment say about where its traces are kept. */
export function readExperiment(id: string, tags: Readonly<Record<string, string>>): Experiment {
  const location = tags[destinationTag] ?? ''
  const [catalog, schema, prefix, ...more] = location.split('.')
  if (!catalog || !schema || prefix === '' || more.length > 0) return { id }
  // Only a workspace that does not tell the table's name leaves us its default.
  const table = prefix === undefined ? 'mlflow_experiment_trace_otel_spans' : `${prefix}_otel_spans`
  return { id, traceTables: { location, spans: tags[spansTableTag] || `${catalog}.${schema}.${table}` } }
}

/** A trace's id where it is told apart from those of other tables, as in links. */
export function tableTraceId(tables: TraceTables, traceId: string): string {
  return `trace:/${tables.location}/${hexOf(traceId)}`
}

/** The part of a trace's id that OpenTelemetry knows: 32 hex digits. */
export function hexOf(traceId: string): string {
  return traceId.slice('tr-'.length)
}

/** MLflow's `TraceLocation`. */
export function toLocation({ location }: TraceTables): object {
  const [catalog, schema, prefix] = location.split('.')
  const names = { catalog_name: catalog, schema_name: schema }
  return prefix === undefined
    ? { type: 'UC_SCHEMA', uc_schema: names }
    : { type: 'UC_TABLE_PREFIX', uc_table_prefix: { ...names, table_prefix: prefix } }
}
