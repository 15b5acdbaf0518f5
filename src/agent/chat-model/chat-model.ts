import { DeckhandError, type ErrorDetails } from '../../lib/errors.ts'

/** The contract with a language model. One implementation speaks to any OpenAI-compatible server (`databricks.ts`). */
export interface ChatModel {
  /** Name of the endpoint or model, as it is shown to people and in traces. */
  readonly name: string
  /**
   * One request, one whole answer. Joins `signal` with its own deadline.
   * @throws ChatModelError
   */
  complete(request: ChatRequest, signal: AbortSignal): Promise<ChatCompletion>
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly ToolDefinition[]
  readonly toolChoice?: 'auto' | 'required' | 'none'
  /** Ask for JSON that fits this schema; the caller checks the answer. Flat JSON schema, no unions. */
  readonly responseSchema?: { readonly name: string; readonly schema: Record<string, unknown> }
  /** Overrides of the configured defaults. */
  readonly maxTokens?: number
  readonly temperature?: number
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string }

export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON schema of the arguments. */
  readonly parameters: Record<string, unknown>
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON text as the model wrote it; may be malformed. */
  readonly arguments: string
}

export interface ChatCompletion {
  /** All text parts joined; empty when the model only called tools. */
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason: 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'other'
  readonly usage: TokenUsage
  /** The model that answered, as the server names it. */
  readonly model: string
}

export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** The language model could not answer. */
export class ChatModelError extends DeckhandError {
  override readonly name = 'ChatModelError'
  readonly code: 'timeout' | 'rate-limited' | 'no-access' | 'unavailable' | 'bad-answer'

  constructor(code: ChatModelError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}
