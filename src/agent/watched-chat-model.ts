import type { Clock } from '../lib/clock.ts'
import type { ChatModel } from './chat-model/chat-model.ts'
import type { CallWatch, Usage } from './events.ts'

/**
 * The chat model with somebody looking on: asked before each call, told after it. Put it below the journal, so that what
 * an earlier run of the turn was answered is neither asked for nor told again.
 */
export function watchChatModel(model: ChatModel, watch: CallWatch, spent: () => Usage, clock: Clock): ChatModel {
  return {
    name: model.name,
    async complete(request, signal) {
      await watch.before?.(spent())
      const startedAt = clock.now()
      try {
        return await model.complete(request, signal)
      } finally {
        if (!signal.aborted) watch.after?.(clock.now() - startedAt)
      }
    },
  }
}
