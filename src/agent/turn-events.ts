import { AsyncQueue } from '../lib/async-queue.ts'
import type { AgentEvent, TurnOutcome } from './events.ts'

/**
 * The events of a turn as `run` emits them, and `done` with what it came to. `run` must not throw. Leaving the loop early
 * aborts it, and waits for its end.
 */
export async function* turnEvents(
  run: (emit: (event: AgentEvent) => void, signal: AbortSignal) => Promise<TurnOutcome>,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void, undefined> {
  const events = new AsyncQueue<AgentEvent>()
  const left = new AbortController()
  const running = run((event) => events.push(event), AbortSignal.any([signal, left.signal]))
    .then((outcome) => events.push({ type: 'done', outcome }))
    .finally(() => events.end())
  try {
    yield* events
  } finally {
    left.abort(new DOMException('Nobody listens any more', 'AbortError'))
    await running
  }
}
