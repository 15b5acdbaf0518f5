import { z } from 'zod'
import type { ChatCompletion, ChatModel } from '../../src/agent/chat-model/chat-model.ts'
import type { Genie, GenieAnswer } from '../../src/agent/genie/genie.ts'
import { nameSteps, type Journal } from '../../src/agent/journal.ts'
import type { Json } from '../../src/mlflow/tracing.ts'

/** The answers of one turn's Genie and chat model, by step, as its journal kept them; `space` is the space's title. */
export type Recorded = Readonly<Record<string, Json>>

/** A journal that keeps everything, for a turn to be recorded with. */
export function recordingJournal(): Journal & { recorded(): Recorded } {
  const kept = new Map<string, Json>()
  return {
    get: async () => undefined,
    async put(step, value) {
      kept.set(step, value)
    },
    recorded: () => Object.fromEntries(kept),
  }
}

/** Upstreams that answer at once what they answered when the same turn was recorded, and nothing else. */
export function recordedUpstreams(recorded: Recorded): { readonly genie: Genie; readonly chatModel: ChatModel } {
  const find = (kind: string, request: object): Json => {
    const answer = recorded[nameSteps(kind)(request)]
    if (answer === undefined) throw new Error(`A question to ${kind} differs from those of the recorded turn`)
    return answer
  }
  return {
    genie: {
      getSpace: async (spaceId) => ({ spaceId, title: z.string().parse(recorded['space']) }),
      async ask({ spaceId, conversationId = '', question: text, onAsked }) {
        const { answer } = find('genie', { spaceId, conversationId, text }) as unknown as { answer: GenieAnswer }
        await onAsked?.(answer)
        return answer
      },
    },
    chatModel: {
      name: 'recorded',
      complete: async (request) => find('llm', { model: 'recorded', ...request }) as unknown as ChatCompletion,
    },
  }
}

/** A chat model under the name that {@link recordedUpstreams} will have. */
export function renamed(model: ChatModel): ChatModel {
  return { name: 'recorded', complete: (request, signal) => model.complete(request, signal) }
}
