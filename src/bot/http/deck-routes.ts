import type { FastifyReply } from 'fastify'
import { contentDisposition } from './content-disposition.ts'
import type { DeckFiles } from './deck-files.ts'
import { plainPage, plainPageHeaders } from './plain-page.ts'
import type { Links } from '../links.ts'
import type { Routes } from '../server.ts'
import { untilAborted } from '../../lib/abort.ts'
import { DeckhandError, describeError } from '../../lib/errors.ts'
import { GateFull } from '../../lib/gate.ts'
import type { Logger } from '../../lib/log.ts'
import { contentSecurityPolicy } from '../../render/html/deck-to-html.ts'

export interface DeckRoutesDeps {
  readonly links: Links
  readonly files: DeckFiles
  readonly log: Logger
  /** Longest wait for a file, its place in the queue included; default {@link drawnWithinMs}. */
  readonly withinMs?: number
}

/** Less than the minute after which proxies give up. Drawing goes on: who comes again finds the file. */
const drawnWithinMs = 55_000

/** The browser that has it may show it again for that long without asking; a revoked link is gone from it soon. */
const freshSeconds = 300
const retryAfterSeconds = 5

/**
 * `GET /d/…`: decks for whoever has a signed link. An address that is wrong, altered, expired or revoked gets one and the
 * same page, whichever it is.
 */
export function deckRoutes({ links, files, log, withinMs = drawnWithinMs }: DeckRoutesDeps): Routes {
  return (scope) => {
    scope.get('/d/*', async (request, reply) => {
      const deadline = AbortSignal.timeout(withinMs)
      let isLookedUp = false // until then, what fails is Redis
      try {
        const link = await links.verify(new URL(request.url, 'http://any'))
        if (!link) return answerPage(reply, 403)
        const file = await files.find(link)
        isLookedUp = true
        if (!file) return answerPage(reply, 404)
        reply.headers({
          etag: file.tag,
          'cache-control': `private, max-age=${freshSeconds}`,
          'content-security-policy': policyOf(link.file),
        })
        if (isKnown(request.headers['if-none-match'], file.tag)) return reply.code(304).send()
        const { bytes, mediaType, name } = await untilAborted(file.render(), deadline)
        return reply
          .header('content-type', mediaType)
          .header('content-disposition', contentDisposition(file.title, name))
          .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      } catch (error) {
        // The address is a permission: it is not logged.
        const fields = { request: request.id, route: '/d/*', error: describeError(error) }
        log.warn(fields, 'A file of a deck could not be given')
        const passes = !isLookedUp || deadline.aborted || isBusy(error)
        return answerPage(reply.header('retry-after', retryAfterSeconds), passes ? 503 : 500)
      }
    })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof GateFull || (error instanceof DeckhandError && error.code === 'queue-full')
}

/** The page's own policy; on a PDF it would forbid browsers the viewer they show it with. */
function policyOf(file: string): string {
  const noFrames = "frame-ancestors 'none'"
  return file.endsWith('.html') ? `${contentSecurityPolicy}; ${noFrames}` : noFrames
}

function answerPage(reply: FastifyReply, status: keyof typeof pages): FastifyReply {
  reply.removeHeader('etag')
  return reply.code(status).headers(plainPageHeaders).send(pages[status])
}

const pages = {
  403: plainPage(
    'This link does not work',
    'It may be incomplete, or too old. Ask for the deck again in the thread it was made in.',
  ),
  404: plainPage('This deck is not kept any more', 'Ask your question again to get a new one.'),
  500: plainPage('The file could not be made', 'Please try again in a moment.'),
  503: plainPage('This cannot be shown right now', 'Please try again in a moment.'),
} as const

function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const opaque = (text: string): string => text.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((known) => known.trim() === '*' || opaque(known) === opaque(tag))
}
