import type { AgentEvent } from '../agent/events.ts'
import type { Clock } from '../lib/clock.ts'
import type { Metrics } from './metrics.ts'

/** A question on its way to Genie's answer. */
interface Query {
  readonly startedAt: number
  /** How long the rate limit held it back. */
  heldMs: number
  /** Genie told how far it is: the answer comes from there, and not from the turn's journal. */
  isAsked: boolean
}

/**
 * Tells the metrics how long the parts of a turn took, by the events it is given as they happen. Answers that a turn which
 * was taken over finds in its journal are left out: they would hide how long Genie takes.
 */
export function createTurnTimes(
  turn: { readonly platform: string; readonly sentAt: number },
  { clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics },
): (event: AgentEvent) => void {
  const queries = new Map<number, Query>()
  let renderingSince = clock.now()

  return (event) => {
    const now = clock.now()
    const query = 'number' in event ? queries.get(event.number) : undefined
    if (event.type === 'query-start') {
      queries.set(event.number, { startedAt: now, heldMs: 0, isAsked: false })
    } else if (event.type === 'query-status' && query) {
      if (event.status === 'WAITING_FOR_RATE_LIMIT') query.heldMs += event.waitMs ?? 0
      else query.isAsked = true
    } else if (event.type === 'query-end' && query?.isAsked) {
      metrics.observe('genie_wait_ms', query.heldMs)
      metrics.observe('genie_ms', now - query.startedAt - query.heldMs)
    } else if (event.type === 'first-answer') {
      metrics.observe('first_answer_ms', now - turn.sentAt, { platform: turn.platform })
    } else if (event.type === 'stage-start' && event.stage === 'render') {
      renderingSince = now
    } else if (event.type === 'stage-end' && event.stage === 'render' && event.ok) {
      metrics.observe('render_ms', now - renderingSince, { purpose: 'turn' })
    }
  }
}
