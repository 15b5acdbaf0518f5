import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { ChatPort } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import type { PostedReplies } from './posted-replies.ts'

export interface AcknowledgeDeps {
  readonly port: ChatPort
  readonly posted: PostedReplies
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
}

/**
 * Shows the person at once that their message is taken in: posts the reply that the turn will edit, as queued behind
 * `ahead` others, or as begun. For the process that accepted a new message, right after; a worker may have posted
 * already, then nothing happens. Never throws: the turn posts what could not be posted here.
 */
export async function acknowledge(message: IncomingMessage, ahead: number, deps: AcknowledgeDeps): Promise<void> {
  deps.log.debug({ turn: message.id, ahead }, 'Being written')
}
