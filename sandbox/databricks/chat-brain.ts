/**
 * What answers chat completions in the sandbox workspace. The server speaks the wire (validation, ids, usage, finish
 * reason, delays, faults); the brain only decides what to say. One that throws becomes a 500 of the workspace.
 */
export type ChatBrain = (request: ChatBrainRequest) => Promise<ChatBrainReply>

/** A validated request, in the vendor's own field names. */
export interface ChatBrainRequest {
  /** Endpoint name from the path, or `model` from the body. */
  readonly model: string
  readonly messages: readonly ChatBrainMessage[]
  readonly tools?: readonly ChatBrainTool[]
  readonly tool_choice?: 'auto' | 'required' | 'none' | { type: 'function'; function: { name: string } }
  readonly response_format?:
    | { readonly type: 'text' | 'json_object' }
    | {
        readonly type: 'json_schema'
        readonly json_schema: { readonly name: string; readonly schema: Record<string, unknown>; strict?: boolean }
      }
}

export interface ChatBrainMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  /** Text parts are joined before they get here; empty for an assistant message that only called tools. */
  readonly content: string
  readonly tool_calls?: readonly ChatBrainToolCall[]
  /** On `tool` messages: the call this is the result of. */
  readonly tool_call_id?: string
}

export interface ChatBrainTool {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description?: string
    /** JSON schema of the arguments. */
    readonly parameters?: Record<string, unknown>
  }
}

export interface ChatBrainToolCall {
  readonly id: string
  readonly type: 'function'
  /** `arguments` is JSON text. */
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface ChatBrainReply {
  readonly content: string | null
  readonly tool_calls?: readonly ChatBrainToolCall[]
}
