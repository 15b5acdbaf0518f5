import { z } from 'zod'
import type { MlflowClient } from './client.ts'
import { longestRationale, toWire, type Assessment } from './assessment.ts'
import { cut } from './limits.ts'
import type { Redact } from './redact.ts'
import { cleanText } from './turn/span-attributes.ts'

/** What should have been said, beside what was: MLflow compares the two. */
export interface Expectation {
  readonly name: string
  readonly value: unknown
}

export interface StoredAssessment extends Assessment {
  readonly id: string
  /** False once it was overridden. */
  readonly isValid: boolean
}

/** Assessments of traces that MLflow has. Every method rejects with MlflowError, `not-found` where there is no such trace (yet). */
export interface Assessments {
  /** Feedback of all sources, overridden ones included, oldest first, and what is expected. */
  list(
    traceId: string,
    signal: AbortSignal,
  ): Promise<{ readonly feedback: readonly StoredAssessment[]; readonly expectations: readonly Expectation[] }>
  /**
   * A source has one valid assessment of each name: an earlier one is overridden, and stays readable. Saying the same
   * again changes nothing, so a delivery that broke off can be repeated. Two writers of one source have to take turns.
   */
  put(traceId: string, assessment: Assessment, signal: AbortSignal): Promise<void>
  /** The same for several, with one look at what is there. */
  putAll(traceId: string, assessments: readonly Assessment[], signal: AbortSignal): Promise<void>
}

const Source = z.object({ source_type: z.string(), source_id: z.string().default('') })
const Value = z.union([z.boolean(), z.number(), z.string(), z.array(z.string())])
/** One of `feedback` and `expectation` is there; other kinds are not ours. */
const Stored = z.object({
  assessment_id: z.string().default(''),
  assessment_name: z.string(),
  source: Source,
  feedback: z.object({ value: Value.nullish().catch(undefined) }).optional(),
  expectation: z
    .object({ value: z.unknown(), serialized_value: z.object({ value: z.string() }).optional() })
    .optional(),
  rationale: z.string().default(''),
  metadata: z.record(z.string(), z.string()).default({}),
  valid: z.boolean().default(true),
  create_time: z.string().default(''),
})
const TraceAnswer = z.object({
  trace: z.object({ trace_info: z.object({ assessments: z.array(Stored).default([]) }) }),
})

export function createAssessments(deps: {
  readonly client: Pick<MlflowClient, 'call'>
  readonly redact: Redact
}): Assessments {
  const { client, redact } = deps

  async function list(traceId: string, signal: AbortSignal): ReturnType<Assessments['list']> {
    const path = `/api/3.0/mlflow/traces/${encodeURIComponent(traceId)}`
    const { trace } = await client.call({ method: 'GET', path, schema: TraceAnswer }, signal)
    const stored = trace.trace_info.assessments.toSorted((a, b) => a.create_time.localeCompare(b.create_time))
    return { feedback: stored.flatMap(toFeedback), expectations: stored.flatMap(toExpectation) }
  }

  async function putAll(traceId: string, given: readonly Assessment[], signal: AbortSignal): Promise<void> {
    const { feedback } = await list(traceId, signal)
    for (const assessment of given.map((one) => ({ ...one, rationale: cleanText(one.rationale, redact) }))) {
      const earlier = feedback.findLast((stored) => stored.isValid && isOfSame(stored, assessment))
      if (earlier && saysTheSame(earlier, assessment)) continue
      const path = `/api/3.0/mlflow/traces/${encodeURIComponent(traceId)}/assessments`
      const overrides = earlier ? { overrides: earlier.id } : {}
      const body = { assessment: { trace_id: traceId, ...toWire(assessment), ...overrides } }
      await client.call({ method: 'POST', path, body, schema: z.unknown() }, signal)
    }
  }

  return { list, putAll, put: (traceId, assessment, signal) => putAll(traceId, [assessment], signal) }
}

function toFeedback(stored: z.infer<typeof Stored>): StoredAssessment[] {
  const type = stored.source.source_type
  const value = stored.feedback?.value
  if (value === undefined || value === null) return []
  if (type !== 'HUMAN' && type !== 'CODE' && type !== 'LLM_JUDGE') return []
  return [
    {
      id: stored.assessment_id,
      name: stored.assessment_name,
      source: { type, id: stored.source.source_id },
      value,
      rationale: stored.rationale,
      metadata: stored.metadata,
      isValid: stored.valid,
    },
  ]
}

function toExpectation({ assessment_name: name, expectation, valid }: z.infer<typeof Stored>): Expectation[] {
  if (!expectation || !valid) return []
  const { serialized_value: serialized, value } = expectation
  return [{ name, value: serialized ? (JSON.parse(serialized.value) as unknown) : value }]
}

function isOfSame(a: Assessment, b: Assessment): boolean {
  return a.name === b.name && a.source.type === b.source.type && a.source.id === b.source.id
}

function saysTheSame(a: Assessment, b: Assessment): boolean {
  return JSON.stringify(a.value) === JSON.stringify(b.value) && a.rationale === cut(b.rationale, longestRationale)
}
