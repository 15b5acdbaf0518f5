import { z } from 'zod'
import type { ChatMessage } from './chat-model/chat-model.ts'
import { completeStructured } from './chat-model/structured.ts'
import type { Turn } from './events.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps } from './evidence.ts'
import type { Grounded } from './grounding.ts'
import { fillPrompt } from './prompts.ts'
import type { StageDeps } from './stage.ts'
import { deckAsText, historyAsText } from './turn-as-text.ts'

const Synthesis = z.object({ answer: z.string().trim().min(1), suggestions: z.array(z.string()) })

/** An answer in words over facts. */
export interface Answer extends Grounded {
  /** Questions the person may ask next. */
  readonly suggestions: readonly string[]
}

/** The data in two or three sentences: the answer to a data question. @throws ChatModelError */
export async function synthesize(
  turn: Turn,
  evidence: Evidence,
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<Answer> {
  const messages = fillPrompt(deps.prompts, 'tool_synthesis', {
    question: turn.question,
    ...evidenceAsText(evidence, deps),
  })
  return answerOver(turn, evidence, messages, deps, signal)
}

/** Explains the answer or deck that the thread already has. @throws ChatModelError */
export async function explain(
  turn: Turn,
  evidence: Evidence,
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<Answer> {
  const messages = fillPrompt(deps.prompts, 'about_answer', {
    question: turn.question,
    history: historyAsText(turn.memory),
    deck: turn.memory.deck ? deckAsText(turn.memory.deck) : '',
    ...evidenceAsText(evidence, deps),
  })
  return answerOver(turn, evidence, messages, deps, signal)
}

async function answerOver(
  turn: Turn,
  evidence: Evidence,
  messages: readonly ChatMessage[],
  deps: StageDeps,
  signal: AbortSignal,
): Promise<Answer> {
  return deps.tracer.span('tool_synthesis', 'CHAIN', { question: turn.question }, async (span) => {
    const { value } = await completeStructured({
      complete: deps.callLlm,
      name: 'synthesis',
      schema: Synthesis,
      messages,
      signal,
    })
    const grounded = evidence.grounder.text(value.answer)
    span.setOutputs({
      answer: value.answer,
      numbers: { ...grounded.numbers },
      problems: grounded.problems.map((problem) => ({ kind: problem.kind, literal: problem.literal })),
    })
    return { ...grounded, suggestions: value.suggestions.slice(0, 3) }
  })
}
