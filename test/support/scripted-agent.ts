import type { Agent } from '../../src/agent/agent.ts'
import type { AgentEvent, Turn, TurnOutcome } from '../../src/agent/events.ts'
import type { Journal } from '../../src/agent/journal.ts'
import { AsyncQueue } from '../../src/lib/async-queue.ts'
import { until } from './mailbox.ts'

/** What a script says it came to; the rest is filled in. */
export type ScriptedOutcome = Partial<TurnOutcome> & Pick<TurnOutcome, 'status' | 'answer'>

/** An agent that does what the test says. `turns` are those it was given. */
export interface ScriptedAgent extends Agent {
  readonly turns: readonly Turn[]
}

/** A script that throws once its signal is aborted has stopped. */
export function scriptedAgent(
  script: (
    turn: Turn,
    emit: (event: AgentEvent) => void,
    signal: AbortSignal,
    journal: Journal | undefined,
  ) => Promise<ScriptedOutcome> | ScriptedOutcome,
): ScriptedAgent {
  const turns: Turn[] = []
  return {
    turns,
    async *answer(turn, signal, journal) {
      turns.push(turn)
      const events = new AsyncQueue<AgentEvent>()
      const run = async (): Promise<ScriptedOutcome> => {
        try {
          return await script(turn, (event) => events.push(event), signal, journal)
        } catch (error) {
          if (!signal.aborted) throw error
          return { status: 'stopped', answer: 'Stopped.', memory: turn.memory }
        } finally {
          events.end()
        }
      }
      const running = run()
      running.catch(() => undefined) // the loop below throws it
      yield* events
      yield { type: 'done', outcome: fill(turn, await running) }
    },
  }
}

/** An agent whose turns go on until they are stopped. `begun` and `stopped` resolve with the first one. */
export function busyAgent(): ScriptedAgent & { readonly begun: Promise<void>; readonly stopped: Promise<void> } {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const agent = scriptedAgent((_turn, _emit, signal) => {
    begun.resolve()
    return until(signal).finally(stopped.resolve)
  })
  return { ...agent, begun: begun.promise, stopped: stopped.promise }
}

function fill(turn: Turn, outcome: ScriptedOutcome): TurnOutcome {
  const said = { question: turn.question, answer: outcome.answer }
  return {
    errorCode: '',
    numbers: { total: 0, verified: 0 },
    sql: [],
    suggestions: [],
    memory: { ...turn.memory, transcript: [...turn.memory.transcript, said] },
    traceId: '',
    traceUrl: '',
    runId: Promise.resolve('run-1'),
    usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
    timingsMs: { firstAnswer: 0, deck: 0, total: 0 },
    ...outcome,
  }
}
