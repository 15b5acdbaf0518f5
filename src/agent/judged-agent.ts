import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Agent } from './agent.ts'
import type { Turn, TurnOutcome } from './events.ts'
import type { Judge, Judgement } from './judge.ts'

export interface JudgedAgentDeps {
  readonly agent: Agent
  readonly judge: Judge
  /** Share of answered turns that are judged, 0 to 1. */
  readonly sampleRate: number
  /** 0 to 1. */
  readonly random?: () => number
  /** Longest that one judgement may take. */
  readonly timeoutMs: number
  /** Language of decks that say none of their own. */
  readonly language: string
  /** Takes a judgement to where it is kept. May take its time. */
  readonly keep: (judgement: Judgement, outcome: TurnOutcome, turn: Turn, signal: AbortSignal) => Promise<void>
  readonly log: Logger
}

/**
 * The same agent, some of whose answers are judged once they have been given: nobody waits for it, and a judgement that
 * fails is missing, nothing else. Disposing it gives up the judgements under way.
 */
export function createJudgedAgent(deps: JudgedAgentDeps): Agent & AsyncDisposable {
  const { agent, judge, sampleRate, random = Math.random, timeoutMs, keep, log } = deps
  const closing = new AbortController()
  const running = new Set<Promise<void>>()

  async function work(turn: Turn, outcome: TurnOutcome): Promise<void> {
    const { answer, deck } = outcome
    const language = deck?.language ?? turn.memory.language ?? deps.language
    const within = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
    try {
      const judgement = await judge.judge({ question: turn.question, answer, deck, language }, within)
      await keep(judgement, outcome, turn, closing.signal)
    } catch (error) {
      if (!closing.signal.aborted) log.warn({ turn: turn.id, error: describeError(error) }, 'An answer is not judged')
    }
  }

  function start(turn: Turn, outcome: TurnOutcome): void {
    const isWanted = outcome.status === 'answered' && outcome.traceId !== '' && random() < sampleRate
    if (!isWanted || closing.signal.aborted) return
    const done = work(turn, outcome).finally(() => running.delete(done))
    running.add(done)
  }

  return {
    async *answer(turn, signal, journal) {
      for await (const event of agent.answer(turn, signal, journal)) {
        yield event
        if (event.type === 'done') start(turn, event.outcome)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The service is shutting down', 'AbortError'))
      await Promise.all(running)
    },
  }
}
