import type { Clock } from '../lib/clock.ts'
import { PortError, type ChatPort, type PostedMessage } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import type { PostedReplies } from './posted-replies.ts'
import type { Reply } from './reply.ts'
import { decodeThreadId } from './thread.ts'

export interface PlaceReplyDeps {
  readonly port: ChatPort
  readonly posted: PostedReplies
  readonly clock: Clock
  readonly metrics: Metrics
}

export interface Placed {
  readonly message: PostedMessage
  /** We have posted it just now, as it was given: it needs no edit. */
  readonly isNew: boolean
}

const lookAgainMs = 100
/**
 * Posting has to be over well before the claim is: whoever claims next looks for it first, and must find it. (What is on
 * its way when it is given up may still arrive.)
 */
const postingShare = 0.6

/**
 * The message that shows this turn's reply: the one posted earlier, by whichever process, or a new one. Undefined when
 * another process is posting it now and `waits` is false.
 * @throws PortError, RedisError or the signal's reason
 */
export async function placeReply(
  message: IncomingMessage,
  reply: Reply,
  deps: PlaceReplyDeps,
  signal: AbortSignal,
  waits = true,
): Promise<Placed | undefined> {
  const { posted, clock } = deps
  for (;;) {
    const claimedAt = performance.now()
    const claim = await posted.claim(message.id)
    if (claim.state === 'posted') return { message: claim.message, isNew: false }
    const leftMs = Math.floor(claimedAt + posted.claimMs * postingShare - performance.now())
    if (claim.state === 'ours' && leftMs > 0) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(leftMs)])
      return postReply(message, reply, claim.isFirst, deps, within)
    }
    if (!waits) return undefined
    await clock.sleep(lookAgainMs, signal)
  }
}

async function postReply(
  message: IncomingMessage,
  reply: Reply,
  isFirst: boolean,
  { port, posted, metrics }: PlaceReplyDeps,
  signal: AbortSignal,
): Promise<Placed> {
  const labels = { platform: decodeThreadId(message.thread).platform, kind: 'post' }
  try {
    const found = isFirst ? undefined : await port.find(message, signal)
    const at = found ?? (await port.post(message, reply, signal))
    metrics.count('replies_sent', { ...labels, result: 'ok' })
    await posted.set(message.id, at)
    return { message: at, isNew: found === undefined }
  } catch (error) {
    const isRejected = error instanceof PortError && error.code !== 'unavailable'
    metrics.count('replies_sent', { ...labels, result: error instanceof PortError ? error.code : 'unavailable' })
    await posted.release(message.id, !(isRejected && isFirst)).catch(() => undefined) // the claim ends by itself
    throw error
  }
}
