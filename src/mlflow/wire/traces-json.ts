import { jsonAttributes } from '../turn/span-attributes.ts'
import type { SpanRecord, TraceRecord } from '../turn/trace-record.ts'

/**
 * The `traces.json` artifact, in which MLflow keeps spans that are not in its database. Unlike in OTLP every attribute
 * is JSON text, a plain string being quoted once more, and times are integers that JavaScript's numbers cannot hold.
 */
export function toTracesJson(record: TraceRecord): string {
  const spans = record.spans
    // As MLflow's own clients write them, and as its page then shows them: parents before children, in the order in
    // which they began. Reversed first, because a parent that began in the same instant as its child ended later.
    .toReversed()
    .toSorted((a, b) => Number(BigInt(a.startNs) - BigInt(b.startNs)))
    .map((span) => toEntry(record, span))
  return `{"spans":[${spans.join(',')}]}`
}

function toEntry(record: TraceRecord, span: SpanRecord): string {
  return toObject({
    trace_id: JSON.stringify(base64(record.traceId.slice('tr-'.length))),
    span_id: JSON.stringify(base64(span.spanId)),
    parent_span_id: span.parentSpanId === undefined ? 'null' : JSON.stringify(base64(span.parentSpanId)),
    name: JSON.stringify(span.name),
    start_time_unix_nano: span.startNs,
    end_time_unix_nano: span.endNs,
    status: JSON.stringify({ code: `STATUS_CODE_${span.status}`, message: span.statusMessage }),
    attributes: JSON.stringify({
      'mlflow.traceRequestId': JSON.stringify(record.traceId),
      ...Object.fromEntries(Object.entries(span.attributes).map(([key, value]) => [key, toJsonText(key, value)])),
    }),
    events: `[${span.events.map(toEvent).join(',')}]`,
  })
}

function toEvent(event: SpanRecord['events'][number]): string {
  return toObject({
    name: JSON.stringify(event.name),
    time_unix_nano: event.timeNs,
    attributes: JSON.stringify(event.attributes),
  })
}

/** Members whose values are JSON already. */
function toObject(members: Readonly<Record<string, string>>): string {
  return `{${Object.entries(members)
    .map(([key, json]) => `${JSON.stringify(key)}:${json}`)
    .join(',')}}`
}

function toJsonText(key: string, value: string | number | boolean): string {
  return typeof value === 'string' && jsonAttributes.has(key) ? value : JSON.stringify(value)
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
