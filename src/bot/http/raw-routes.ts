import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../../lib/log.ts'
import { describeError } from '../../lib/errors.ts'
import type { Routes } from '../server.ts'

/** Answers a request by itself, from the first byte of its body on. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Platforms send a few hundred kilobytes at most. */
const largestBytes = 4 * 1024 * 1024

/**
 * Hands every request below `prefix` (such as `/slack`) to `listener`, its body unread: signatures are made over the
 * bytes as they were sent.
 */
export function rawRoutes(prefix: string, listener: RequestListener, log: Logger): Routes {
  return (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all(`${prefix}/*`, async (request, reply) => {
      if (Number(request.headers['content-length'] ?? 0) > largestBytes) {
        return reply.code(413).send({ error: { code: 'too-large', message: 'The request is too large.' } })
      }
      reply.hijack()
      reply.raw.setHeader('x-request-id', request.id)
      try {
        await listener(request.raw, reply.raw)
      } catch (error) {
        log.error({ request: request.id, route: `${prefix}/*`, error: describeError(error) }, 'Request failed')
        if (!reply.raw.headersSent) reply.raw.writeHead(500)
        reply.raw.end()
      }
    })
  }
}
