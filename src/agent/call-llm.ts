import type { Json, Tracer } from '../mlflow/tracing.ts'
import type { ChatCompletion, ChatModel, ChatRequest } from './chat-model/chat-model.ts'
import type { Usage } from './events.ts'

/** One request to the chat model inside a `call_llm` span. */
export type CallLlm = (request: ChatRequest, signal: AbortSignal) => Promise<ChatCompletion>

/** US dollars per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
}

/** What a turn has spent on the chat model so far. */
export interface UsageMeter {
  readonly callLlm: CallLlm
  usage(): Usage
}

/** Wraps the chat model so that each call is a `call_llm` span with tokens and cost, added up over the turn. */
export function meterChatModel(model: ChatModel, tracer: Tracer, price: Price): UsageMeter {
  let inputTokens = 0
  let outputTokens = 0
  const cost = (tokens: number, perMillion: number): number => (tokens * perMillion) / 1_000_000
  return {
    callLlm: (request, signal) =>
      tracer.span('call_llm', 'CHAT_MODEL', requestToJson(model.name, request), async (span) => {
        const completion = await model.complete(request, signal)
        inputTokens += completion.usage.inputTokens
        outputTokens += completion.usage.outputTokens
        span.setUsage({
          model: completion.model,
          inputTokens: completion.usage.inputTokens,
          outputTokens: completion.usage.outputTokens,
          inputCostUsd: cost(completion.usage.inputTokens, price.input),
          outputCostUsd: cost(completion.usage.outputTokens, price.output),
        })
        span.setOutputs(completionToJson(completion))
        return completion
      }),
    usage: () => ({
      inputTokens,
      outputTokens,
      costUsd: cost(inputTokens, price.input) + cost(outputTokens, price.output),
    }),
  }
}

/** OpenAI's shape, which MLflow's page shows as a chat. */
function requestToJson(model: string, request: ChatRequest): Json {
  return {
    model,
    messages: request.messages.map((message): Json => {
      if (message.role === 'tool') {
        return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
      }
      if (message.role === 'assistant' && message.toolCalls && message.toolCalls.length > 0) {
        return { role: 'assistant', content: message.content, tool_calls: message.toolCalls.map(toolCallToJson) }
      }
      return { role: message.role, content: message.content }
    }),
    ...(request.tools
      ? { tools: request.tools.map((tool) => ({ type: 'function', function: { ...tool } as Json })) }
      : {}),
    ...(request.responseSchema ? { response_format: request.responseSchema.name } : {}),
  }
}

function completionToJson(completion: ChatCompletion): Json {
  return {
    choices: [
      {
        message: {
          role: 'assistant',
          content: completion.text,
          ...(completion.toolCalls.length > 0 ? { tool_calls: completion.toolCalls.map(toolCallToJson) } : {}),
        },
        finish_reason: completion.finishReason,
      },
    ],
  }
}

function toolCallToJson(call: { readonly id: string; readonly name: string; readonly arguments: string }): Json {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}
