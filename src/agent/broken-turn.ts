import { DeckhandError, isAbort, userMessageOf } from '../lib/errors.ts'
import type { Turn, TurnOutcome } from './events.ts'

/** The person cancelled, rather than the process ending or a deadline passing somewhere below. */
export function isStopped(signal: AbortSignal): boolean {
  return signal.aborted && isAbort(signal.reason)
}

/** What a turn that threw comes to: stopped when its own signal was, else failed, in words for the person. */
export function brokenTurn(
  turn: Turn,
  error: unknown,
  signal: AbortSignal,
): Pick<TurnOutcome, 'status' | 'answer' | 'errorCode' | 'numbers' | 'sql' | 'suggestions' | 'memory'> {
  const stopped = isStopped(signal)
  return {
    status: stopped ? 'stopped' : 'failed',
    answer: stopped ? 'Stopped. Nothing was changed.' : userMessageOf(error),
    errorCode: stopped ? 'stopped' : error instanceof DeckhandError ? error.code : 'internal',
    numbers: { total: 0, verified: 0 },
    sql: [],
    suggestions: error instanceof DeckhandError && 'suggestions' in error ? (error.suggestions as string[]) : [],
    memory: turn.memory,
  }
}
