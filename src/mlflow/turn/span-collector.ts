import { SpanStatusCode, type HrTime } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { cleanText } from './span-attributes.ts'
import type { Redact } from '../redact.ts'
import type { SpanSink } from './shared-sdk.ts'
import type { SpanRecord } from './trace-record.ts'

/** Gathers the finished spans of each trace, in the order in which they end: the root comes last. */
export interface SpanCollector extends SpanSink {
  /** The root of an open trace as it is now, as if it ended at `endNs` in the given way. */
  peekRoot(traceId: string, end: Pick<SpanRecord, 'endNs' | 'status' | 'statusMessage'>): SpanRecord | undefined
  /** The spans of a trace, ready to be stored. Ends that come later belong to no trace and are dropped. */
  take(traceId: string): SpanRecord[]
}

export function createSpanCollector(redact: Redact): SpanCollector {
  const traces = new Map<string, { readonly root: ReadableSpan; readonly ended: ReadableSpan[] }>()
  return {
    peekRoot(traceId, end) {
      const trace = traces.get(traceId)
      return trace && { ...toRecord(trace.root, redact), ...end }
    },
    take(traceId) {
      const ended = traces.get(traceId)?.ended ?? []
      traces.delete(traceId)
      return ended.map((span) => toRecord(span, redact))
    },
    onStart(span) {
      if (span.parentSpanContext === undefined) traces.set(span.spanContext().traceId, { root: span, ended: [] })
    },
    onEnd: (span) => void traces.get(span.spanContext().traceId)?.ended.push(span),
  }
}

/** The one place where a span leaves the tracer: every text in it goes through `redact` here. */
function toRecord(span: ReadableSpan, redact: Redact): SpanRecord {
  return {
    spanId: span.spanContext().spanId,
    ...(span.parentSpanContext === undefined ? {} : { parentSpanId: span.parentSpanContext.spanId }),
    name: cleanText(span.name, redact),
    startNs: toNanoseconds(span.startTime),
    endNs: toNanoseconds(span.endTime),
    // A span that nobody marked has ended well.
    status: span.status.code === SpanStatusCode.ERROR ? 'ERROR' : 'OK',
    statusMessage: cleanText(span.status.message ?? '', redact),
    attributes: cleanAttributes(span.attributes, redact),
    events: span.events.map((event) => ({
      name: cleanText(event.name, redact),
      timeNs: toNanoseconds(event.time),
      attributes: cleanAttributes(event.attributes ?? {}, redact),
    })),
  }
}

function cleanAttributes(
  attributes: Readonly<Record<string, unknown>>,
  redact: Redact,
): Record<string, string | number | boolean> {
  const clean: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(attributes)) {
    const name = cleanText(key, redact)
    if (typeof value === 'string') clean[name] = cleanText(value, redact)
    else if (typeof value === 'number' && Number.isFinite(value)) clean[name] = value
    else if (typeof value === 'boolean') clean[name] = value
  }
  return clean
}

export function toNanoseconds(time: HrTime): string {
  return String(BigInt(time[0]) * 1_000_000_000n + BigInt(Math.trunc(time[1])))
}
