import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { ChatPort } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import { noMetrics, type Metrics } from './metrics.ts'
import { placeReply } from './place-reply.ts'
import type { PostedReplies } from './posted-replies.ts'
import { beginReply } from './reply-view.ts'

export interface AcknowledgeDeps {
  readonly port: ChatPort
  readonly posted: PostedReplies
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
}

/** The turn does it soon after, if this takes long. */
const withinMs = 10_000

/**
 * Shows the person at once that their message is taken in: posts the reply that the turn will edit, as queued behind
 * `ahead` others, or as begun. For the process that accepted a new message, right after; a worker may have posted
 * already, then nothing happens. Never throws: the turn posts what could not be posted here.
 */
export async function acknowledge(message: IncomingMessage, ahead: number, deps: AcknowledgeDeps): Promise<void> {
  const { metrics = noMetrics, log } = deps
  try {
    const reply = beginReply(message, ahead)
    await placeReply(message, reply, { ...deps, metrics }, AbortSignal.timeout(withinMs), false)
  } catch (error) {
    log.info({ turn: message.id, error: describeError(error) }, 'First sign of a reply could not be posted')
  }
}
