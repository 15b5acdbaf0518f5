import { SpanStatusCode, type HrTime } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { cleanText } from './span-attributes.ts'
import type { Redact } from './redact.ts'
import type { SpanRecord } from './trace-record.ts'

/** Gathers the finished spans of each open trace, in the order in which they end: the root comes last. */
export interface SpanCollector extends SpanProcessor {
  open(traceId: string): void
  /** The spans of a trace, ready to be stored. Ends that come later belong to no trace and are dropped. */
  take(traceId: string): SpanRecord[]
}

export function createSpanCollector(redact: Redact): SpanCollector {
  const traces = new Map<string, ReadableSpan[]>()
  return {
    open: (traceId) => void traces.set(traceId, []),
    take(traceId) {
      const spans = traces.get(traceId) ?? []
      traces.delete(traceId)
      return spans.map((span) => toRecord(span, redact))
    },
    onStart() {},
    onEnd: (span) => void traces.get(span.spanContext().traceId)?.push(span),
    forceFlush: async () => {},
    shutdown: async () => traces.clear(),
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

function toNanoseconds(time: HrTime): string {
  return String(BigInt(time[0]) * 1_000_000_000n + BigInt(Math.trunc(time[1])))
}
