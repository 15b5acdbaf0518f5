import type { z } from 'zod'
import { describeIssues } from '../../lib/zod-issues.ts'
import { ChatModelError, type ChatCompletion, type ChatMessage, type ChatRequest } from './chat-model.ts'
import { findJson } from './json-text.ts'
import { toResponseSchema } from './response-schema.ts'

export interface StructuredRequest<T> {
  /** Runs one model call; callers put their span round it. */
  readonly complete: (request: ChatRequest, signal: AbortSignal) => Promise<ChatCompletion>
  readonly messages: readonly ChatMessage[]
  /** What the answer must be. Refinements are checked too, and their messages are told to the model. */
  readonly schema: z.ZodType<T>
  /** Name of the answer for the model, letters, digits, dashes and underscores. */
  readonly name: string
  readonly signal: AbortSignal
  readonly maxTokens?: number
  readonly temperature?: number
}

export interface Structured<T> {
  readonly value: T
  /** One, or two when the first answer had to be repaired. */
  readonly completions: readonly ChatCompletion[]
}

/** A broken answer is shown to the model again, but not at any length. */
const mostEchoedChars = 12_000

/**
 * Asks for an answer that fits a schema. An answer that does not fit is sent back once with what is wrong with it.
 * @throws ChatModelError `bad-answer` when the second one does not fit either, or the model declined
 * @throws TypeError when the schema cannot be asked for (see {@link toResponseSchema})
 */
export async function completeStructured<T>(request: StructuredRequest<T>): Promise<Structured<T>> {
  const { complete, messages, schema, name, signal, maxTokens, temperature } = request
  const base = {
    responseSchema: { name, schema: toResponseSchema(schema) },
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  }
  const first = await complete({ ...base, messages }, signal)
  const read = readStructured(first, schema)
  if (read.ok) return { value: read.value, completions: [first] }
  if (first.finishReason === 'content-filter') throw declined(name)

  const second = await complete({ ...base, messages: [...messages, ...repairMessages(first, read.problem)] }, signal)
  const repaired = readStructured(second, schema)
  if (repaired.ok) return { value: repaired.value, completions: [first, second] }
  if (second.finishReason === 'content-filter') throw declined(name)
  throw new ChatModelError(
    'bad-answer',
    `Cannot read "${name}" from ${second.model} after one repair: ${repaired.problem}; at first: ${read.problem}`,
    { userMessage: 'The language model gave an answer that we cannot use. Please try again, or ask in other words.' },
  )
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

function readStructured<T>(completion: ChatCompletion, schema: z.ZodType<T>): Read<T> {
  const json = findJson(completion.text)
  if (json === undefined) {
    if (completion.finishReason === 'length')
      return { ok: false, problem: 'the answer was cut off before its end; write less' }
    return {
      ok: false,
      problem: completion.text.trim() === '' ? 'the answer was empty' : 'the answer holds no JSON object',
    }
  }
  const parsed = schema.safeParse(json)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problem: describeIssues(parsed.error) }
}

function repairMessages(completion: ChatCompletion, problem: string): readonly ChatMessage[] {
  const content = completion.text.slice(0, mostEchoedChars)
  const repair = `That answer cannot be used: ${problem}. Answer again with only one JSON object that fits the schema.`
  return [
    // Some servers refuse a message without text.
    ...(content.trim() === '' ? [] : [{ role: 'assistant', content } as const]),
    { role: 'user', content: repair },
  ]
}

function declined(name: string): ChatModelError {
  return new ChatModelError('bad-answer', `Language model declined to write "${name}": content filter`, {
    userMessage: 'The language model declines to answer this. Please ask in other words.',
  })
}
