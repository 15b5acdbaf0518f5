import type { AskedGenie } from './events.ts'
import type { Genie } from './genie/genie.ts'

/** A Genie that notes what it was asked within one turn, also what it could not answer. */
export function noteAsked(genie: Genie): { readonly genie: Genie; readonly asked: () => readonly AskedGenie[] } {
  const asked = new Map<string, AskedGenie>()
  const note = (spaceId: string, message: { readonly conversationId: string; readonly messageId: string }): void => {
    const { conversationId, messageId } = message
    asked.set(messageId, { spaceId, conversationId, messageId })
  }
  return {
    genie: {
      getSpace: (spaceId, signal) => genie.getSpace(spaceId, signal),
      async ask(question, signal) {
        const { spaceId, onAsked } = question
        const answer = await genie.ask(
          {
            ...question,
            onAsked: async (message) => {
              note(spaceId, message)
              await onAsked?.(message)
            },
          },
          signal,
        )
        note(spaceId, answer)
        return answer
      },
    },
    asked: () => [...asked.values()],
  }
}
