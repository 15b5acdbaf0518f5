import { z } from 'zod'
import type { Metric } from '../backend.ts'
import { attribute } from './span-attributes.ts'
import type { SpanRecord } from './trace-record.ts'
import type { ModelUsage } from '../tracing.ts'

/**
 * What a run measures that its trace knows already. Times are seconds. Each model call and each tool call is a step,
 * from 1, in the order in which they began.
 */
export function metricsOfSpans(spans: readonly SpanRecord[], usages: readonly ModelUsage[]): Metric[] {
  const inOrder = spans.toSorted((a, b) => Number(BigInt(a.startNs) - BigInt(b.startNs)))
  const calls = inOrder.filter((span) => span.attributes[attribute.spanType] === 'CHAT_MODEL')
  const tools = inOrder.filter((span) => toolCall.test(span.name))
  const loops = inOrder.filter((span) => typeof span.attributes[iterations] === 'number')
  const renders = inOrder.filter((span) => span.name === 'render')
  const root = spans.at(-1)
  const at = root ? endOf(root) : 0
  const total = (key: string, value: number): Metric => ({ key, value, step: 0, at })
  return [
    ...(root ? [total('execution_time_seconds', secondsOf(root))] : []),
    total('llm_calls_count', calls.length),
    ...calls.flatMap((span, index) => callMetrics(span, index + 1)),
    ...tokensAndCost(usages).map(([key, value]) => total(key, value)),
    total('tool_calls_count', tools.length),
    total(iterations, sum(loops.map((span) => Number(span.attributes[iterations])))),
    ...tools.flatMap((span, index) => toolMetrics(span, index + 1)),
    ...(renders.length > 0 ? [total('render_seconds', sum(renders.map(secondsOf)))] : []),
  ]
}

/** `tool_call_2_query_genie` */
const toolCall = /^tool_call_\d+_/
/** An attribute of the loop's span, and the run's metric. */
const iterations = 'tool_iterations'

const Usage = z.object({ input_tokens: z.number(), output_tokens: z.number(), total_tokens: z.number() })

function callMetrics(span: SpanRecord, step: number): Metric[] {
  const metric = (key: string, value: number): Metric => ({ key: `call_llm_${key}`, value, step, at: endOf(span) })
  const told = span.attributes[attribute.tokenUsage]
  // We wrote it ourselves; a call that failed has none.
  const usage = typeof told === 'string' ? Usage.parse(JSON.parse(told)) : undefined
  return [
    metric('latency_seconds', secondsOf(span)),
    ...(usage
      ? [
          metric('input_tokens', usage.input_tokens),
          metric('output_tokens', usage.output_tokens),
          metric('total_tokens', usage.total_tokens),
        ]
      : []),
  ]
}

function toolMetrics(span: SpanRecord, step: number): Metric[] {
  const metric = (key: string, value: number): Metric => ({ key, value, step, at: endOf(span) })
  const rows = span.attributes['row_count']
  return [
    metric('genie_execution_seconds', secondsOf(span)),
    ...(typeof rows === 'number' ? [metric('genie_row_count', rows)] : []),
  ]
}

function tokensAndCost(usages: readonly ModelUsage[]): [string, number][] {
  const add = (pick: (usage: ModelUsage) => number): number =>
    sum(usages.map(pick).filter((value) => Number.isFinite(value)))
  const [input, output] = [add((usage) => usage.inputTokens), add((usage) => usage.outputTokens)]
  const [inputCost, outputCost] = [add((usage) => usage.inputCostUsd), add((usage) => usage.outputCostUsd)]
  return [
    ['input_tokens', input],
    ['output_tokens', output],
    ['total_tokens', input + output],
    ['input_cost_usd', dollars(inputCost)],
    ['output_cost_usd', dollars(outputCost)],
    ['total_cost_usd', dollars(inputCost + outputCost)],
  ]
}

/** Sums are freed of the dust that binary fractions leave. */
function dollars(value: number): number {
  return Number(value.toPrecision(12))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** To the microsecond. */
function secondsOf(span: SpanRecord): number {
  return Number((BigInt(span.endNs) - BigInt(span.startNs)) / 1000n) / 1_000_000
}

function endOf(span: SpanRecord): number {
  return Number(BigInt(span.endNs) / 1_000_000n)
}
