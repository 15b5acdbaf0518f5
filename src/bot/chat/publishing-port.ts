import type { ChatPort, PostedMessage } from '../chat-port.ts'
import type { Reply } from '../reply.ts'
import type { Spot } from './place.ts'

/** A port that can also repeat a private answer where others see it. */
export interface PublishingPort extends ChatPort {
  /** → the message, without what would go on with the private thread @throws PortError, or the signal's reason */
  publish(at: Spot, reply: Reply, signal: AbortSignal): Promise<PostedMessage>
}
