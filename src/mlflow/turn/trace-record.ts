import { z } from 'zod'

/**
 * One finished turn as it waits on disk: everything MLflow will be told about it, already redacted, and nothing that
 * depends on the server except ids the server gave us. OTLP bytes and `traces.json` are both derived from it.
 */

const attributeValue = z.union([z.string(), z.number(), z.boolean()])
const attributes = z.record(z.string(), attributeValue)
/** Nanoseconds since the epoch as decimal digits: beyond what a number can hold exactly. */
const nanoseconds = z.string().regex(/^\d{1,20}$/)
const spanId = z.string().regex(/^[0-9a-f]{16}$/)

export const SpanRecord = z.object({
  spanId,
  /** Absent on the root. */
  parentSpanId: spanId.optional(),
  name: z.string(),
  startNs: nanoseconds,
  endNs: nanoseconds,
  status: z.enum(['OK', 'ERROR']),
  statusMessage: z.string(),
  attributes,
  events: z.array(z.object({ name: z.string(), timeNs: nanoseconds, attributes })),
})

const Metric = z.object({ key: z.string(), value: z.number(), step: z.int(), at: z.int() })

export const TraceRecord = z.object({
  version: z.literal(2),
  /** `tr-` and 32 hex digits. */
  traceId: z.string().regex(/^tr-[0-9a-f]{32}$/),
  experimentName: z.string().min(1),
  sessionId: z.string(),
  userId: z.string(),
  tags: z.record(z.string(), z.string()),
  state: z.enum(['OK', 'ERROR']),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  durationMs: z.number(),
  /** Absent when inputs and outputs are not captured. */
  requestPreview: z.string().optional(),
  responsePreview: z.string().optional(),
  /** Sums over the CHAT_MODEL spans; absent when there were none. */
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      inputCostUsd: z.number(),
      outputCostUsd: z.number(),
    })
    .optional(),
  run: z.object({
    name: z.string(),
    /** Absent when MLflow had not given one by the end of the turn. */
    id: z.string().optional(),
    /** Somebody has asked MLflow for it, and perhaps the answer was lost. */
    mayExist: z.boolean(),
    status: z.enum(['FINISHED', 'FAILED', 'KILLED']),
    tags: z.record(z.string(), z.string()),
    params: z.record(z.string(), z.string()),
    metrics: z.array(Metric),
    /** Files in the spool beside this record, by `file`. */
    artifacts: z.array(z.object({ path: z.string(), mediaType: z.string(), file: z.string() })),
  }),
  /** Registered prompts that the turn used, by name and content. */
  prompts: z.array(z.object({ name: z.string(), hash: z.string() })),
  /** What code and chat models say about the turn. */
  assessments: z
    .array(
      z.object({
        name: z.string(),
        source: z.object({ type: z.enum(['HUMAN', 'CODE', 'LLM_JUDGE']), id: z.string() }),
        value: z.union([z.boolean(), z.number(), z.string(), z.array(z.string())]),
        rationale: z.string(),
        metadata: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
  /** Root last. */
  spans: z.array(SpanRecord).min(1),
})

export type SpanRecord = z.infer<typeof SpanRecord>
export type TraceRecord = z.infer<typeof TraceRecord>
