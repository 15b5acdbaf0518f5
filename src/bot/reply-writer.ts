import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { PortError, type ChatPort } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import { placeReply, type Placed } from './place-reply.ts'
import type { PostedReplies } from './posted-replies.ts'
import type { Reply } from './reply.ts'
import { decodeThreadId } from './thread.ts'

export interface ReplyWriterDeps {
  readonly port: ChatPort
  readonly posted: PostedReplies
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Shows a reply while it grows. Showing never waits, never throws; what comes too fast is left out. */
export interface ReplyWriter extends AsyncDisposable {
  show(reply: Reply): void
}

/** Longer than any healthy platform takes; a hanging edit is given up then, and the newest state sent instead. */
const editWithinMs = 10_000
/** After a failure that names no time. */
const pauseMs = 2000
/** How long the end of a turn waits for an edit on its way, so that it cannot arrive after the last one. */
const settleMs = 2000

/**
 * Posts the reply once and edits it from then on, no more often than the port wants, only ever to the newest state.
 * Disposing it, or an abort, ends that: nothing is sent any more, and nothing is on its way.
 */
export function createReplyWriter(message: IncomingMessage, deps: ReplyWriterDeps, outer: AbortSignal): ReplyWriter {
  const { port, clock, log, metrics } = deps
  const { platform } = decodeThreadId(message.thread)
  const closing = new AbortController() // no more waiting
  const cutting = new AbortController() // no more sending
  const ending = AbortSignal.any([closing.signal, outer])
  let newest: Reply | undefined
  let shown: Reply | undefined
  let news = Promise.withResolvers<void>()
  let placed: Placed | undefined
  let isGone = false

  async function write(): Promise<void> {
    for (;;) {
      await news.promise
      news = Promise.withResolvers()
      if (ending.aborted || isGone) return
      let waitMs = port.editIntervalMs
      try {
        await showNewest()
      } catch (error) {
        if (ending.aborted) return
        waitMs = afterFailure(error)
      }
      if (newest !== shown) news.resolve()
      await clock.sleep(waitMs, ending)
    }
  }

  async function showNewest(): Promise<void> {
    const reply = newest
    if (!reply) return
    if (!placed) {
      placed = await placeReply(message, reply, deps, cutting.signal)
      if (placed?.isNew) {
        shown = reply
        return
      }
    }
    if (!placed) return
    const signal = AbortSignal.any([cutting.signal, AbortSignal.timeout(editWithinMs)])
    try {
      await port.edit(placed.message, message, reply, signal)
      metrics.count('replies_sent', { platform, kind: 'edit', result: 'ok' })
      shown = reply
    } catch (error) {
      const result = error instanceof PortError ? error.code : 'unavailable'
      metrics.count('replies_sent', { platform, kind: 'edit', result })
      throw error
    }
  }

  /** @returns how long to leave the platform alone */
  function afterFailure(error: unknown): number {
    const code = error instanceof PortError ? error.code : 'unavailable'
    if (code === 'gone') {
      isGone = true
      log.info({ turn: message.id, error: describeError(error) }, 'Nobody can see the reply any more')
    } else if (code !== 'busy') {
      log.warn({ turn: message.id, error: describeError(error) }, 'Progress could not be shown')
    }
    if (code === 'refused') shown = newest // the same again would be refused again
    return Math.max(port.editIntervalMs, error instanceof PortError ? (error.retryAfterMs ?? pauseMs) : pauseMs)
  }

  const writing = write().catch(() => undefined)
  return {
    show(reply) {
      if (reply === newest) return
      newest = reply
      news.resolve()
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The turn has ended', 'AbortError'))
      news.resolve()
      const settled = new AbortController()
      await Promise.race([writing, clock.sleep(settleMs, settled.signal).catch(() => undefined)])
      settled.abort()
      cutting.abort(closing.signal.reason)
    },
  }
}
