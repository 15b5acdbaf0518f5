import type { ChatCompletion, ChatModel } from './chat-model/chat-model.ts'
import type { Json } from '../mlflow/tracing.ts'
import { nameSteps, type Journal } from './journal.ts'

/**
 * The chat model as one turn uses it: what it has answered in this turn is never asked for again, not by a process that
 * takes the turn over either. A request is known by all that is in it; of equal requests, by which one it is.
 */
export function journalChatModel(model: ChatModel, journal: Journal): ChatModel {
  const nameOf = nameSteps('llm')
  return {
    name: model.name,
    async complete(request, signal) {
      const step = nameOf({ model: model.name, ...request })
      const known = await journal.get(step)
      // Only what we put there comes back.
      if (known !== undefined) return known as unknown as ChatCompletion
      const completion = await model.complete(request, signal)
      await journal.put(step, completion as unknown as Json)
      return completion
    },
  }
}
