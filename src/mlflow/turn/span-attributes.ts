import type { Redact } from '../redact.ts'
import { cut, limits } from '../limits.ts'
import type { Json, ModelUsage } from '../tracing.ts'

/** MLflow's own attribute keys that we write. */
export const attribute = {
  spanType: 'mlflow.spanType',
  inputs: 'mlflow.spanInputs',
  outputs: 'mlflow.spanOutputs',
  tokenUsage: 'mlflow.chat.tokenUsage',
  model: 'mlflow.llm.model',
  cost: 'mlflow.llm.cost',
  session: 'session.id',
  user: 'user.id',
} as const

/** Attributes whose text is JSON; over OTLP all others are plain text. */
export const jsonAttributes: ReadonlySet<string> = new Set([
  attribute.inputs,
  attribute.outputs,
  attribute.tokenUsage,
  attribute.cost,
])

/**
 * Text that any MLflow server can store: no secret in it, no NUL (Postgres refuses it), no half of a character pair
 * (the server would fail to write it as UTF-8, and with it the whole trace).
 */
export function cleanText(text: string, redact: Redact): string {
  return redact(text).replaceAll('\0', '').toWellFormed()
}

/** `value` as JSON text. Secrets are hidden in the strings before they are escaped, and in the keys. */
export function toJsonText(value: Json, redact: Redact): string {
  const text = JSON.stringify(cleanJson(value, redact)) ?? 'null'
  if (text.length <= limits.spanContent) return text
  return JSON.stringify(`${cut(text, limits.spanContent)} (${text.length} characters in all)`)
}

function cleanJson(value: Json | undefined, redact: Redact): Json | undefined {
  if (typeof value === 'string') return cleanText(value, redact)
  if (Array.isArray(value)) return value.map((item: Json) => cleanJson(item, redact) ?? null)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [cleanText(key, redact), cleanJson(member, redact)]),
  )
}

/** Numbers that are not finite are left out of JSON as null, which MLflow would refuse: they count as 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

export function usageAttributes(usage: ModelUsage): Record<string, string> {
  const input = finite(usage.inputTokens)
  const output = finite(usage.outputTokens)
  return {
    [attribute.model]: usage.model,
    [attribute.tokenUsage]: tokenUsageJson(input, output),
    [attribute.cost]: costJson(finite(usage.inputCostUsd), finite(usage.outputCostUsd)),
  }
}

export function tokenUsageJson(input: number, output: number): string {
  return JSON.stringify({ input_tokens: input, output_tokens: output, total_tokens: input + output })
}

/** US dollars; sums of them are freed of the dust that binary fractions leave (0.1 + 0.2). */
export function costJson(input: number, output: number): string {
  const dollars = (value: number): number => Number(value.toPrecision(12))
  return JSON.stringify({
    input_cost: dollars(input),
    output_cost: dollars(output),
    total_cost: dollars(input + output),
  })
}

/** What MLflow's table of traces shows of inputs or outputs: the text a person would recognise, else the JSON. */
export function preview(value: Json, field: 'question' | 'answer', redact: Redact): string {
  const named = isObject(value) ? value[field] : value
  const text = typeof named === 'string' ? cleanText(named, redact) : toJsonText(value, redact)
  return cut(text, limits.preview)
}

function isObject(value: Json): value is { readonly [key: string]: Json | undefined } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
