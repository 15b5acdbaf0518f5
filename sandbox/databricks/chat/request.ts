import { z } from 'zod'
import type { ChatBrainMessage, ChatBrainRequest } from '../chat-brain.ts'
import { ApiError } from '../http/reply.ts'

/** Limits of chat completions. @see https://docs.databricks.com/machine-learning/model-serving/function-calling and …/structured-outputs */
const limits = {
  tools: 32,
  /** Keys of one function's parameters. */
  parameterKeys: 16,
  /** Keys of a response schema. */
  responseKeys: 64,
} as const

const unsupportedKeywords = ['pattern', 'anyOf', 'oneOf', 'allOf', 'prefixItems', '$ref']

const Content = z.union([
  z.string(),
  z.null(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
])

const ToolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string().min(1), arguments: z.string() }),
})

const Message = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: Content.optional(),
  tool_calls: z.array(ToolCall).optional(),
  tool_call_id: z.string().optional(),
})

const JsonSchema = z.record(z.string(), z.unknown())

const Body = z.object({
  model: z.string().optional(),
  messages: z.array(Message).min(1),
  max_tokens: z.number().int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  n: z.literal(1).optional(),
  stream: z.literal(false).optional(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().exactOptional(),
          parameters: JsonSchema.exactOptional(),
        }),
      }),
    )
    .min(1)
    .max(limits.tools)
    .optional(),
  tool_choice: z
    .union([
      z.enum(['auto', 'required', 'none']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .optional(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string().min(1), schema: JsonSchema, strict: z.boolean().exactOptional() }),
      }),
    ])
    .optional(),
})

export interface ParsedChat {
  readonly request: ChatBrainRequest
  readonly maxTokens: number | undefined
}

/** Reads a request as strictly as the vendor's documents say. @throws ApiError 400 with what is wrong */
export function parseChat(json: unknown, endpoint: string | undefined): ParsedChat {
  const parsed = Body.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw bad(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`)
  }
  const { messages, tools, tool_choice: toolChoice, response_format: format, max_tokens: maxTokens } = parsed.data
  const model = endpoint ?? parsed.data.model
  if (model === undefined || model === '') throw bad('model: expected the name of an endpoint')
  checkOrder(messages)
  for (const tool of tools ?? []) {
    checkSchema(tool.function.parameters ?? {}, `tools.${tool.function.name}.parameters`, limits.parameterKeys)
  }
  if (format?.type === 'json_schema') {
    checkSchema(format.json_schema.schema, 'response_format.json_schema.schema', limits.responseKeys)
    if (/claude/i.test(model) && tools) throw bad('response_format cannot be combined with tools for this model')
  }
  return {
    maxTokens,
    request: {
      model,
      messages: messages.map(toBrainMessage),
      ...(tools ? { tools } : {}),
      ...(toolChoice ? { tool_choice: toolChoice } : {}),
      ...(format ? { response_format: format } : {}),
    },
  }
}

function toBrainMessage(message: z.infer<typeof Message>): ChatBrainMessage {
  const { content } = message
  const text = Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : (content ?? '')
  return {
    role: message.role,
    content: text,
    ...(message.tool_calls ? { tool_calls: message.tool_calls } : {}),
    ...(message.tool_call_id === undefined ? {} : { tool_call_id: message.tool_call_id }),
  }
}

/** A system message only first; every tool result after the call it answers. */
function checkOrder(messages: readonly z.infer<typeof Message>[]): void {
  const open = new Set<string>()
  messages.forEach(({ role, content, tool_calls: calls, tool_call_id: answers }, index) => {
    if (role === 'system' && index > 0) throw bad(`messages.${index}: a system message must come first, and only once`)
    if ((role === 'system' || role === 'user') && (content === undefined || content === null || content.length === 0)) {
      throw bad(`messages.${index}.content: must not be empty`)
    }
    if (role === 'tool' && (answers === undefined || !open.has(answers))) {
      throw bad(`messages.${index}.tool_call_id: no call "${answers ?? ''}" before it`)
    }
    for (const call of calls ?? []) open.add(call.id)
  })
}

function checkSchema(schema: Record<string, unknown>, where: string, maxKeys: number): void {
  let keys = 0
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) {
      node.forEach((item, index) => visit(item, `${path}.${index}`))
      return
    }
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties' && typeof value === 'object' && value !== null) {
        const properties = Object.entries(value)
        keys += properties.length
        for (const [name, property] of properties) visit(property, `${path}.${name}`)
        continue
      }
      if (unsupportedKeywords.includes(key)) throw bad(`${path}: the keyword "${key}" is not supported`)
      if (key === 'type' && Array.isArray(value) && !(value.length === 2 && value.includes('null'))) {
        throw bad(`${path}: a list of types is only supported as [type, "null"]`)
      }
      if (key !== 'enum' && key !== 'const' && key !== 'default' && key !== 'examples') visit(value, `${path}.${key}`)
    }
  }
  visit(schema, where)
  if (keys > maxKeys) throw bad(`${where}: ${keys} keys, at most ${maxKeys} are supported`)
}

const bad = (message: string): ApiError => new ApiError(400, 'BAD_REQUEST', message)
