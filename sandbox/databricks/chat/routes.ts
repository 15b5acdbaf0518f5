import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../src/lib/clock.ts'
import type { ChatBrain, ChatBrainReply } from '../chat-brain.ts'
import { notFound, ok, type Reply } from '../http/reply.ts'
import type { Route, RouteRequest } from '../http/router.ts'
import { parseChat } from './request.ts'

/** What the sandbox's model calls itself, whatever endpoint was asked. */
const servedModelName = 'sandbox-analyst'

/** Chat completions under the vendor's native path and the two OpenAI-compatible ones. */
export function chatRoutes(options: {
  readonly brain: ChatBrain
  readonly delayMs: number
  readonly clock: Clock
}): readonly Route[] {
  const { brain, delayMs, clock } = options

  async function complete({ json, params, fault, signal }: RouteRequest, anyModel: boolean): Promise<Reply> {
    const { request, maxTokens } = parseChat(json, params['name'])
    if (!anyModel && !isChatEndpoint(request.model)) {
      throw notFound(
        `The given endpoint does not exist, please retry after checking the specified endpoint: ${request.model}`,
      )
    }
    const startedAt = clock.now()
    const reply = cut(await brain(request), maxTokens)
    const restMs = delayMs - (clock.now() - startedAt)
    if (restMs > 0) await clock.sleep(restMs, signal)
    const promptTokens = tokensOf(JSON.stringify([request.messages, request.tools, request.response_format]))
    const completionTokens =
      tokensOf(reply.content ?? '') + (reply.tool_calls ? tokensOf(JSON.stringify(reply.tool_calls)) : 0)
    const body = {
      id: `chatcmpl-${randomUUID()}`,
      object: 'chat.completion',
      created: Math.floor(clock.now() / 1000),
      model: servedModelName,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: fault?.kind === 'content-parts' ? inParts(reply) : reply.content,
            ...(reply.tool_calls && reply.tool_calls.length > 0 ? { tool_calls: reply.tool_calls } : {}),
          },
          finish_reason: reply.finishReason,
        },
      ],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
      served_model_name: servedModelName,
    }
    return ok(body, { 'served-model-name': servedModelName })
  }

  return (
    [
      ['/serving-endpoints/:name/invocations', false],
      ['/serving-endpoints/chat/completions', false],
      // As other OpenAI-compatible servers do, this one takes whatever name it is called by
      ['/v1/chat/completions', true],
    ] as const
  ).map(([path, anyModel]) => ({
    method: 'POST',
    path,
    kind: 'chat.completion',
    handle: (request) => complete(request, anyModel),
  }))
}

/** The sandbox's own endpoint, and the names of the vendor's models that configurations carry. */
export const isChatEndpoint = (name: string): boolean => name === servedModelName || name.startsWith('databricks-')

/** About four characters a token: close enough for costs and limits of a stand-in. */
const tokensOf = (text: string): number => Math.ceil(text.length / 4)

/** Ends the text where the tokens end. */
function cut(reply: ChatBrainReply, maxTokens: number | undefined): ChatBrainReply & { readonly finishReason: string } {
  if (reply.tool_calls && reply.tool_calls.length > 0) return { ...reply, finishReason: 'tool_calls' }
  if (maxTokens === undefined || tokensOf(reply.content ?? '') <= maxTokens) return { ...reply, finishReason: 'stop' }
  return { ...reply, content: (reply.content ?? '').slice(0, maxTokens * 4), finishReason: 'length' }
}

/** The form reasoning models answer in. */
function inParts({ content }: ChatBrainReply): unknown {
  return [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Thinking about the question.' }] },
    { type: 'text', text: content ?? '' },
  ]
}
