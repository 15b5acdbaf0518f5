import { attribute } from '../turn/span-attributes.ts'
import type { SpanRecord, TraceRecord } from '../turn/trace-record.ts'

/** OpenTelemetry's names for our span types; it has none for a chain. */
const operations: Readonly<Record<string, string>> = {
  AGENT: 'invoke_agent',
  CHAT_MODEL: 'chat',
  TOOL: 'execute_tool',
}

/**
 * The record with OpenTelemetry's own attributes beside MLflow's: those are what Databricks documents for its tables.
 * @see https://docs.databricks.com/aws/en/mlflow3/genai/tracing/otel-span-attributes
 */
export function withConventions(record: TraceRecord): TraceRecord {
  return { ...record, spans: record.spans.map(withOwn) }
}

function withOwn(span: SpanRecord): SpanRecord {
  const { attributes } = span
  const operation = operations[String(attributes[attribute.spanType])]
  const inputs = attributes[attribute.inputs]
  const outputs = attributes[attribute.outputs]
  return {
    ...span,
    attributes: {
      ...attributes,
      ...(operation === undefined ? {} : { 'gen_ai.operation.name': operation }),
      ...(inputs === undefined ? {} : { 'gen_ai.input.messages': inputs }),
      ...(outputs === undefined ? {} : { 'gen_ai.output.messages': outputs }),
    },
  }
}
