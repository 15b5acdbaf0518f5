import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { DeckhandError, describeError, userMessageOf, type ErrorDetails } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'

/** Adds its addresses to the server, in a scope of its own: what it sets up there concerns no other. */
export type Routes = (scope: FastifyInstance) => void

export interface ServerDeps {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** What a proxy may leave in front of our paths, such as `/deckhand`; '' when there is nothing. */
  readonly basePath: string
  readonly routes: readonly Routes[]
  /** Told of each request once it is answered. `route` is the pattern, never the address asked for. */
  readonly onAnswered?: (request: AnsweredRequest) => void
  readonly log: Logger
}

export interface AnsweredRequest {
  readonly method: string
  /** Such as `/d/*`; '' when there is none. */
  readonly route: string
  readonly status: number
  readonly ms: number
}

/** The one port. Disposing it ends connections at once: call `stop` first to let them finish. */
export interface Server extends AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string
  /** Takes no more connections, and resolves when what was under way is answered, or after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** The server cannot listen. */
export class ServerError extends DeckhandError {
  override readonly name = 'ServerError'
  readonly code: 'port-taken' | 'bad-address'

  constructor(code: ServerError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

const limits = {
  bodyBytes: 1024 * 1024,
  /** For a whole request to arrive, so that nobody holds connections by sending slowly. */
  requestMs: 30_000,
  urlParameter: 500,
} as const

const idleSweepMs = 20

/**
 * Starts to listen. Each answer has an `x-request-id`, by which its lines in the log are found.
 * @throws ServerError
 */
export async function startServer(deps: ServerDeps): Promise<Server> {
  const { host, port, log } = deps
  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    forceCloseConnections: 'idle',
    // Ours, whatever the caller sends: it stands in the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: limits.urlParameter },
    rewriteUrl: (request) => withoutBase(request.url ?? '/', deps.basePath),
    frameworkErrors(error, request, reply) {
      void answerError(error, request, reply as unknown as FastifyReply) // its type parameters say nothing here
    },
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: 'not-found', message: clientMessages[404] } }),
  )
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'no-store',
    })
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const answered = {
      method,
      route: routeOptions.url ?? '',
      status: reply.raw.statusCode,
      ms: reply.elapsedTime,
    }
    log.debug({ request: request.id, ...answered }, 'Request answered')
    deps.onAnswered?.(answered)
    done()
  })
  for (const routes of deps.routes) {
    void app.register((scope, _options, done) => {
      routes(scope)
      done()
    })
  }

  function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = statusOf(error)
    if (status >= 500) {
      const { id, method, routeOptions } = request
      const route = routeOptions?.url ?? ''
      log.error({ request: id, method, route, error: describeError(error) }, 'Request failed')
    }
    const isOurs = status >= 500
    const code = errorCodes[status] ?? (isOurs ? 'internal' : 'bad-request')
    const message = clientMessages[status] ?? (isOurs ? userMessageOf(error) : 'This request cannot be answered.')
    return reply.code(status).send({ error: { code, message } })
  }

  let url: string
  try {
    url = await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw listenError(error, host, port)
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= app.close())
  return {
    url: urlOf(app, host) ?? url,
    async stop(graceMs) {
      const over = Promise.withResolvers<void>()
      const timer = setTimeout(over.resolve, graceMs)
      // Clients keep connections for their next request, also when the one under way is answered.
      const sweep = setInterval(() => app.server.closeIdleConnections(), idleSweepMs)
      await Promise.race([close(), over.promise])
      clearInterval(sweep)
      clearTimeout(timer)
    },
    async [Symbol.asyncDispose]() {
      const done = close()
      app.server.closeAllConnections()
      await done
    },
  }
}

/** Host as it was given rather than its number, and with the port that was found. */
function urlOf(app: FastifyInstance, host: string): string | undefined {
  const address = app.server.address()
  if (address === null || typeof address === 'string') return undefined
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

function withoutBase(url: string, basePath: string): string {
  return basePath !== '' && url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : url
}

const errorCodes: Readonly<Record<number, string>> = {
  400: 'bad-request',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'timeout',
  413: 'too-large',
  414: 'too-large',
  415: 'unsupported-media-type',
  503: 'unavailable',
}

/** Never the framework's own words: those of a parser may quote what was sent. */
const clientMessages: Readonly<Record<number, string>> = {
  400: 'The request cannot be read.',
  404: 'There is nothing at this address.',
  408: 'The request took too long to arrive.',
  413: 'The request is too large.',
  414: 'The address is too long.',
  415: 'The request has a form that is not understood here; JSON is.',
}

function statusOf(error: FastifyError | Error): number {
  const status = 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const at = `${host}:${port}`
  if (code === 'EADDRINUSE') {
    const message = `Cannot listen on ${at}: another program does`
    return new ServerError('port-taken', message, { userMessage: `${message}; set DECKHAND_PORT.`, cause: error })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES' || code === 'EAI_AGAIN') {
    const message = `Cannot listen on ${at}: ${code}`
    return new ServerError('bad-address', message, {
      userMessage: `${message}; set DECKHAND_HOST and DECKHAND_PORT to an address of this machine.`,
      cause: error,
    })
  }
  return error
}
