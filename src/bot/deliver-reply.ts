import { describeError } from '../lib/errors.ts'
import { PortError } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import { placeReply } from './place-reply.ts'
import type { Reply } from './reply.ts'
import type { ReplyWriterDeps } from './reply-writer.ts'
import { decodeThreadId } from './thread.ts'

const sendWithinMs = 15_000
/** Tries before the thread is left for a while, so that a platform that is away does not hold a worker. */
const tries = 3
const pauseMs = 1000
const longestPauseMs = 30_000
const shortAnswer = 500

/**
 * Brings the end of a turn to the person: edits the reply a last time, or posts it. Gives up only where nobody is left to
 * see it, or the platform accepts no form of it.
 * @throws PortError when it should be tried again later, or the signal's reason
 */
export async function deliverReply(
  message: IncomingMessage,
  reply: Reply,
  deps: ReplyWriterDeps,
  signal: AbortSignal,
): Promise<void> {
  const { port, clock, log, metrics } = deps
  const { platform } = decodeThreadId(message.thread)
  const forms = [reply, withoutPictures(reply), bare(reply)]
  for (let attempt = 1; ; attempt += 1) {
    const form = forms[0] ?? reply
    try {
      const placed = await placeReply(message, form, deps, signal)
      if (placed && !placed.isNew) {
        await port.edit(placed.message, message, form, AbortSignal.any([signal, AbortSignal.timeout(sendWithinMs)]))
      }
      metrics.count('replies_sent', { platform, kind: 'end', result: 'ok' })
      return
    } catch (error) {
      signal.throwIfAborted()
      const code = error instanceof PortError ? error.code : 'unavailable'
      metrics.count('replies_sent', { platform, kind: 'end', result: code })
      const fields = { turn: message.id, error: describeError(error) }
      if (code === 'gone') return log.info(fields, 'Nobody can see the end of the turn any more')
      if (code === 'refused') {
        forms.shift()
        if (forms.length === 0) return log.error(fields, 'The platform does not accept the end of the turn')
        log.warn(fields, 'The platform does not accept the reply, trying a plainer one')
        continue
      }
      if (attempt >= tries) throw error
      const asked = error instanceof PortError ? error.retryAfterMs : undefined
      await clock.sleep(Math.min(asked ?? pauseMs * attempt, longestPauseMs), signal)
    }
  }
}

function withoutPictures(reply: Reply): Reply {
  return { ...reply, slides: reply.slides.map((slide) => ({ ...slide, picture: '' })) }
}

/** Nothing but what was found, in a form that no platform can mind. */
function bare(reply: Reply): Reply {
  const { firstAnswer: _, result, ...rest } = reply
  return {
    ...rest,
    slides: [],
    steps: [],
    question: reply.question.slice(0, shortAnswer),
    ...(result ? { result: { ...result, answer: result.answer.slice(0, shortAnswer), sql: [], suggestions: [] } } : {}),
  }
}
