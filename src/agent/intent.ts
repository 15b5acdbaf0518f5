import { z } from 'zod'
import { completeStructured } from './chat-model/structured.ts'
import type { Turn } from './events.ts'
import { fillPrompt } from './prompts.ts'
import type { StageDeps } from './stage.ts'
import { deckAsText, historyAsText, today } from './turn-as-text.ts'

export const Intent = z.object({
  kind: z.enum(['data_question', 'data_follow_up', 'deck_change', 'about_answer', 'small_talk', 'out_of_scope']),
  genie_question: z.string(),
  more_queries: z.array(z.string()),
  explore: z.boolean(),
  audience: z.string(),
  time_range: z.string(),
  wanted_slides: z.number().int(),
  reply: z.string(),
})
export type Intent = z.infer<typeof Intent>

const mostExtraQueries = 3

/** What the person wants, as the chat model reads the message. @throws ChatModelError */
export async function analyzeIntent(
  turn: Turn,
  spaceTitle: string,
  deps: StageDeps,
  signal: AbortSignal,
): Promise<Intent> {
  return deps.tracer.span('intent_analysis', 'CHAIN', { question: turn.question }, async (span) => {
    const { value } = await completeStructured({
      complete: deps.callLlm,
      name: 'intent',
      schema: Intent,
      messages: fillPrompt(deps.prompts, 'intent_analysis', {
        question: turn.question,
        history: historyAsText(turn.memory),
        deck: turn.memory.deck ? deckAsText(turn.memory.deck) : '',
        space: spaceTitle,
        today: today(deps.clock),
      }),
      signal,
    })
    const intent = settle(value, turn)
    span.setOutputs(intent)
    return intent
  })
}

/** A model may answer with kinds that make no sense in this thread; these readings are always safe. */
function settle(intent: Intent, turn: Turn): Intent {
  const { deck, transcript } = turn.memory
  let { kind } = intent
  if (kind === 'deck_change' && !deck) kind = 'data_question'
  if (kind === 'about_answer' && transcript.length === 0) kind = 'data_question'
  if (kind === 'data_follow_up' && turn.memory.genieConversationId === undefined) kind = 'data_question'
  return {
    ...intent,
    kind,
    genie_question: intent.genie_question.trim() || turn.question,
    more_queries: intent.more_queries.filter((query) => query.trim() !== '').slice(0, mostExtraQueries),
    wanted_slides: Math.max(0, intent.wanted_slides),
  }
}
