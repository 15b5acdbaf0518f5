import type { Agent } from '../agent/agent.ts'
import type { ThreadMemory, Turn, TurnOutcome } from '../agent/events.ts'
import type { EvalCase } from './case.ts'

export interface ReplayDeps {
  readonly agent: Agent
  /** The Genie space a case is asked in, by the name or id it gives, or the configured one. */
  readonly spaceOf: (space: string | undefined) => string
  readonly maxSlides: number
  /** Who asks, as the traces tell it. */
  readonly user: string
}

/** What a question came to. Decks come as documents only: files that need a browser say nothing about what is right. */
export interface Replayed {
  readonly outcome: TurnOutcome
  /** How long the question itself took, what was asked before it not counted. */
  readonly seconds: number
}

/**
 * Asks a case's question as a person would, in a thread of its own, after what was asked there before. `run` tells this
 * time from others: letters, digits and dashes. Never throws for what went wrong in a turn. @throws the signal's reason
 */
export async function replay(
  { id, question, after, space, language }: EvalCase,
  run: string,
  deps: ReplayDeps,
  signal: AbortSignal,
): Promise<Replayed> {
  let memory: ThreadMemory = { transcript: [], ...(language === undefined ? {} : { language }) }
  let outcome: TurnOutcome | undefined
  for (const [index, text] of [...after, question].entries()) {
    const turn: Turn = {
      id: `eval-${run}-${id}-${index + 1}`,
      question: text,
      spaceId: deps.spaceOf(space),
      maxSlides: deps.maxSlides,
      formats: ['html'],
      sessionId: `eval.${run}.${id}`,
      userId: deps.user,
      platform: 'eval',
      memory,
    }
    outcome = await answer(turn, deps.agent, signal)
    signal.throwIfAborted()
    if (outcome.status === 'answered' || outcome.status === 'clarify') memory = outcome.memory
  }
  if (!outcome) throw new Error(`Case ${id} asks nothing`)
  return { outcome, seconds: outcome.timingsMs.total / 1000 }
}

async function answer(turn: Turn, agent: Agent, signal: AbortSignal): Promise<TurnOutcome> {
  for await (const event of agent.answer(turn, signal)) if (event.type === 'done') return event.outcome
  throw new Error('The agent ended a turn without an outcome')
}
