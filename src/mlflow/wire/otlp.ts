import { SpanKind, SpanStatusCode, TraceFlags, type HrTime } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { SpanRecord, TraceRecord } from '../turn/trace-record.ts'

/** MLflow shows what stands here as tags of the trace, so there is only our name and none of the SDK's own data. */
const resource = resourceFromAttributes({ 'service.name': 'deckhand' })

/** The body of `POST /v1/traces`: all spans of one trace, as MLflow takes a request whole or not at all. */
export function toOtlp(record: TraceRecord): Uint8Array {
  const traceId = record.traceId.slice('tr-'.length)
  const body = ProtobufTraceSerializer.serializeRequest(record.spans.map((span) => toReadableSpan(traceId, span)))
  if (body === undefined) throw new Error(`Cannot serialize trace ${record.traceId}: the serializer gave no bytes`)
  return body
}

/**
 * How many spans the answer to `toOtlp` says were refused, and why; 0 when all were taken, or when the answer is none
 * that says so.
 */
export function refusedSpans(answer: Uint8Array): { readonly count: number; readonly reason: string } {
  try {
    const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(answer)
    return { count: partialSuccess?.rejectedSpans ?? 0, reason: partialSuccess?.errorMessage ?? '' }
  } catch {
    return { count: 0, reason: '' }
  }
}

function toReadableSpan(traceId: string, span: SpanRecord): ReadableSpan {
  const contextOf = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  const startTime = toHrTime(span.startNs)
  const endTime = toHrTime(span.endNs)
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf(span.spanId),
    ...(span.parentSpanId === undefined ? {} : { parentSpanContext: contextOf(span.parentSpanId) }),
    startTime,
    endTime,
    status: {
      code: span.status === 'ERROR' ? SpanStatusCode.ERROR : SpanStatusCode.OK,
      message: span.statusMessage,
    },
    attributes: span.attributes,
    links: [],
    events: span.events.map((event) => ({
      name: event.name,
      time: toHrTime(event.timeNs),
      attributes: event.attributes,
    })),
    duration: toHrTime(String(BigInt(span.endNs) - BigInt(span.startNs))),
    ended: true,
    resource,
    instrumentationScope: { name: 'deckhand' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

function toHrTime(nanoseconds: string): HrTime {
  const total = BigInt(nanoseconds)
  return [Number(total / 1_000_000_000n), Number(total % 1_000_000_000n)]
}
