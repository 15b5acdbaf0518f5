import type { Clock } from '../../lib/clock.ts'
import type { Addition, Write } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import { noMetrics, type Metrics } from '../metrics.ts'
import type { Reply } from '../reply.ts'
import { decodeThreadId } from '../thread.ts'
import { noBudgets, type Budgets } from './budgets.ts'
import { figuresToAdditions } from './figure-store.ts'
import { figuresOf, rememberTimes } from './turn-figures.ts'

/** A turn as monitoring sees it, from a worker taking it up to its end. */
export interface RunningTurn {
  readonly message: IncomingMessage
  /** Where the turn's parts tell how long they took. */
  readonly metrics: Metrics
  /** Call it once, with the reply that ends the turn. Gives back what is to be written with the end, for all workers. */
  ended(reply: Reply): { readonly writes: readonly Write[]; readonly additions: readonly Addition[] }
}

/** `attempt` counts from 1; how long a turn waited for a worker is known of the first alone. */
export function beginTurn(
  message: IncomingMessage,
  attempt: number,
  deps: { readonly clock: Clock; readonly metrics?: Metrics; readonly budgets?: Budgets },
): RunningTurn {
  const { clock, budgets = noBudgets } = deps
  const { platform } = decodeThreadId(message.thread)
  const metrics = rememberTimes(deps.metrics ?? noMetrics)
  const sinceSent = (): number => Math.max(0, clock.now() - message.sentAt) // clocks of others may be ahead
  if (attempt === 1) metrics.observe('queue_wait_ms', sinceSent(), { platform })
  return {
    message,
    metrics,
    ended(reply) {
      metrics.observe('turn_ms', sinceSent(), { platform })
      const figures = figuresOf(reply, { platform, attempt, times: metrics.times })
      const { status, errorCode, numbers, tokens, costUsd, slides } = figures
      metrics.count('turns_ended', { platform, status, error: errorCode })
      metrics.count('cost_usd', { platform }, costUsd)
      metrics.count('tokens', { direction: 'input' }, tokens.input)
      metrics.count('tokens', { direction: 'output' }, tokens.output)
      metrics.count('slides', { platform }, slides)
      metrics.count('numbers', { verified: 'yes' }, numbers.verified)
      metrics.count('numbers', { verified: 'no' }, numbers.total - numbers.verified)
      const booked = budgets.toEnd(message, costUsd)
      return { writes: booked.writes, additions: [...figuresToAdditions(figures, clock.now()), ...booked.additions] }
    },
  }
}
