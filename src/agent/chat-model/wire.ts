import { z } from 'zod'
import type { ChatCompletion, ChatMessage, ChatRequest, ToolCall } from './chat-model.ts'
import { fitsStrict } from './response-schema.ts'

/** How this server wants to be asked; starts with the usual way and learns from refusals. */
export interface Dialect {
  /** `schema`: `response_format` with a JSON schema. `prompt`: the schema is told in words. */
  readonly structured: 'schema' | 'prompt'
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens'
  /** Some reasoning models take only their own temperature. */
  readonly temperature: boolean
}

export const usualDialect: Dialect = { structured: 'schema', tokenLimit: 'max_tokens', temperature: true }

export interface WireDefaults {
  /** Name of the model in the body; absent where the path names it. */
  readonly model?: string
  readonly maxTokens: number
  readonly temperature: number
}

/** The request's body in OpenAI's form, which Databricks and most servers take. */
export function toWire(request: ChatRequest, defaults: WireDefaults, dialect: Dialect): Record<string, unknown> {
  const { tools = [], responseSchema, toolChoice } = request
  // Claude on Databricks refuses a response format beside tools.
  const inWords = responseSchema !== undefined && (dialect.structured === 'prompt' || tools.length > 0)
  return {
    ...(defaults.model === undefined ? {} : { model: defaults.model }),
    messages: toWireMessages(request.messages, inWords ? schemaInWords(responseSchema.schema) : undefined),
    // Databricks reserves this much of the rate limit for each call, so it is always said.
    [dialect.tokenLimit]: request.maxTokens ?? defaults.maxTokens,
    ...(dialect.temperature ? { temperature: request.temperature ?? defaults.temperature } : {}),
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function', function: tool })), tool_choice: toolChoice ?? 'auto' }),
    ...(responseSchema === undefined || inWords
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: {
              name: responseSchema.name,
              schema: responseSchema.schema,
              strict: fitsStrict(responseSchema.schema),
            },
          },
        }),
  }
}

/** Databricks takes one system message and only as the first, so all of them are put there. */
function toWireMessages(messages: readonly ChatMessage[], instruction: string | undefined): readonly unknown[] {
  const system = messages.filter((message) => message.role === 'system').map((message) => message.content)
  if (instruction !== undefined) system.push(instruction)
  const rest = messages.filter((message) => message.role !== 'system').map(toWireMessage)
  return system.length === 0 ? rest : [{ role: 'system', content: system.join('\n\n') }, ...rest]
}

function toWireMessage(message: ChatMessage): unknown {
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
  }
  if (message.role !== 'assistant' || !message.toolCalls || message.toolCalls.length === 0) {
    return { role: message.role, content: message.content }
  }
  return {
    role: 'assistant',
    // Empty text beside tool calls is refused by some models, null is not.
    content: message.content === '' ? null : message.content,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  }
}

function schemaInWords(schema: Record<string, unknown>): string {
  return `Answer with only one JSON object, without a code fence, that fits this JSON schema:\n${JSON.stringify(schema)}`
}

const text = z.string().nullish()
const tokens = z.number().int().nonnegative().nullish()

/** Of a list of parts only text counts: reasoning and images are no answer. */
const Content = z
  .union([z.string(), z.array(z.object({ type: text, text })), z.null()])
  .optional()
  .transform((content) => {
    if (typeof content === 'string') return content
    return (content ?? [])
      .filter(({ type }) => type === undefined || type === null || type === 'text' || type === 'output_text')
      .map((part) => part.text ?? '')
      .join('')
  })

const WireToolCall = z.object({
  id: text,
  function: z.object({
    name: z.string(),
    /** JSON text by contract; some servers send the object itself. */
    arguments: z
      .union([z.string(), z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value))])
      .nullish(),
  }),
})

/** What we read of a chat completion. */
export const WireCompletion = z.object({
  model: text,
  served_model_name: text,
  choices: z
    .array(
      z.object({
        finish_reason: text,
        message: z.object({ content: Content, tool_calls: z.array(WireToolCall).nullish(), refusal: text }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
})

/** `name` stands in where the server does not say which model answered. */
export function fromWire(wire: z.infer<typeof WireCompletion>, name: string): ChatCompletion {
  const choice = wire.choices[0]
  const toolCalls = (choice?.message.tool_calls ?? []).map((call, index): ToolCall => ({
    id: call.id || `call_${index + 1}`,
    name: call.function.name,
    arguments: call.function.arguments || '{}',
  }))
  return {
    text: choice?.message.content ?? '',
    toolCalls,
    finishReason: finishReasonOf(choice?.finish_reason, toolCalls.length > 0, Boolean(choice?.message.refusal)),
    usage: { inputTokens: wire.usage?.prompt_tokens ?? 0, outputTokens: wire.usage?.completion_tokens ?? 0 },
    model: wire.served_model_name || wire.model || name,
  }
}

function finishReasonOf(
  reason: string | null | undefined,
  hasToolCalls: boolean,
  refused: boolean,
): ChatCompletion['finishReason'] {
  if (refused || reason === 'content_filter') return 'content-filter'
  if (reason === 'length' || reason === 'max_tokens') return 'length'
  if (hasToolCalls) return 'tool-calls'
  return reason === 'stop' || reason === 'end_turn' || reason === 'stop_sequence' ? 'stop' : 'other'
}
