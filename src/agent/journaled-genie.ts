import type { Clock } from '../lib/clock.ts'
import type { Genie, GenieAnswer, GenieMessage } from './genie/genie.ts'
import { nameSteps, type Journal } from './journal.ts'
import type { Json } from '../mlflow/tracing.ts'

/** What is known of a question: when somebody began to ask it, that Genie has it, what it answered. */
interface KnownQuestion {
  readonly askingSince?: number
  readonly message?: GenieMessage
  readonly answer?: GenieAnswer
}

/**
 * Genie as one turn uses it: no question of the turn is asked twice, not by a process that takes the turn over either. A
 * question that Genie has taken is waited for; an answer that is there is given without Genie, and without taking one of the
 * few questions a minute. (An answer too big for the journal is read from Genie again, which costs none either.)
 */
export function journalGenie(genie: Genie, journal: Journal, clock: Clock): Genie {
  const nameOf = nameSteps('genie')
  return {
    getSpace: (spaceId, signal) => genie.getSpace(spaceId, signal),

    async ask(question, signal) {
      const { spaceId, conversationId = '', question: text } = question
      const step = nameOf({ spaceId, conversationId, text })
      // Only what we put there comes back.
      const known = ((await journal.get(step)) ?? {}) as unknown as KnownQuestion
      if (known.answer) return known.answer
      const keep = async (what: KnownQuestion): Promise<void> => journal.put(step, what as unknown as Json)
      const answer = await genie.ask(
        {
          ...question,
          ...(known.message ? { asked: known.message } : {}),
          ...(known.askingSince === undefined ? {} : { mayBeAskedSince: known.askingSince }),
          async onAsking() {
            await keep({ askingSince: known.askingSince ?? clock.now() })
            await question.onAsking?.()
          },
          async onAsked(message) {
            await keep({ message })
            await question.onAsked?.(message)
          },
        },
        signal,
      )
      const { conversationId: answered, messageId } = answer
      await keep({ message: { conversationId: answered, messageId }, answer })
      return answer
    },
  }
}
