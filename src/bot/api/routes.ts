import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../lib/clock.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Routes } from '../server.ts'
import { forgotten, streamAnswer, waitForAnswer, type AnsweringDeps } from './answering.ts'
import { ApiError, statusOf, toApiError } from './api-error.ts'
import type { ApiCaller, ApiKeys } from './api-keys.ts'
import { askQuestion, reach, type AskingDeps } from './asking.ts'
import { toOpenApi } from './openapi.ts'
import { parseGenerateRequest, type Spaces } from './parse-request.ts'
import type { Asked } from './present.ts'
import type { RequestLimit } from './request-limit.ts'
import type { ErrorBody } from './schema.ts'
import type { Ticket } from './tickets.ts'
import { idempotencyKeyIn, wantedWaitMs, wantsEvents } from './wishes.ts'

export interface ApiRoutesDeps extends AskingDeps, AnsweringDeps {
  readonly keys: ApiKeys
  /** Questions, and everything else, which costs little. */
  readonly limits: { readonly ask: RequestLimit; readonly look: RequestLimit }
  readonly mailbox: Pick<Mailbox, 'accept' | 'stop'>
  readonly spaces: Spaces
  /** What stands in front of our paths where people reach us, such as `/deckhand`, or ''. */
  readonly basePath: string
  /** Of the program. */
  readonly version: string
  /** How long a question is waited for when the caller does not say. */
  readonly waitMs: number
  readonly clock: Clock
  /** Aborts when the process stops: callers who wait are told to follow on later. */
  readonly closing: AbortSignal
}

const bodyBytes = 64 * 1024
/** Longest wait for one answer, and longest stream. */
const longest = { waitMs: 600_000, streamMs: 3_600_000, stopMs: 5000 } as const
const askAgainSeconds = 2

/** `POST /generate-slides`, what belongs to it, and `GET /openapi.json`. */
export function apiRoutes(deps: ApiRoutesDeps): Routes {
  const { keys, closing, basePath } = deps
  const callers = new WeakMap<FastifyRequest, ApiCaller>()

  /** Before the body is read: who has no key is not listened to. */
  async function admit(request: FastifyRequest): Promise<void> {
    if (!keys.isSetUp) throw new ApiError('not-set-up', 'This API is turned off here: no key is set up for it.')
    const caller = keys.find(request.headers.authorization)
    if (!caller) {
      const message = 'A key is needed: send it as "Authorization: Bearer KEY".'
      throw new ApiError('unauthorized', message, { headers: { 'www-authenticate': 'Bearer realm="deckhand"' } })
    }
    callers.set(request, caller)
    const limit = request.method === 'POST' ? deps.limits.ask : deps.limits.look
    const taken = await reach(limit.take(caller.id))
    if (taken.ok) return
    const { retryAfterMs } = taken
    throw new ApiError('too-many-requests', 'Too many requests with this key; please wait a moment.', { retryAfterMs })
  }

  const callerOf = (request: FastifyRequest): ApiCaller => callers.get(request) ?? fail('Request was not admitted')

  /** A turn of another caller is no turn. */
  async function ticketOf(request: FastifyRequest): Promise<{ readonly id: string; readonly ticket: Ticket }> {
    const { id } = request.params as { id: string }
    const ticket = await reach(deps.tickets.find(id))
    if (ticket?.caller === callerOf(request).id) return { id, ticket }
    throw new ApiError('not-found', 'There is no such question, or it is not kept any more.')
  }

  async function answer(asked: Asked, request: FastifyRequest, reply: FastifyReply, waitMs: number): Promise<unknown> {
    if (wantsEvents(request.headers)) {
      // Once a stream has begun it can refuse nothing.
      if ((await reach(deps.states.find(asked.id))) === 'forgotten') throw forgotten()
      const signal = AbortSignal.any([closing, leaving(reply), AbortSignal.timeout(longest.streamMs)])
      return reply
        .headers({
          'content-type': 'text/event-stream; charset=utf-8',
          'x-accel-buffering': 'no',
          location: locationOf(asked.id),
        })
        .send(Readable.from(streamAnswer(asked, deps, signal), { objectMode: false }))
    }
    const signal = AbortSignal.any([closing, leaving(reply), AbortSignal.timeout(waitMs)])
    const found = await waitForAnswer(asked, deps, signal)
    if ('ended' in found) return reply.send(found.ended)
    return reply
      .code(202)
      .headers({ location: locationOf(asked.id), 'retry-after': askAgainSeconds })
      .send(found.running)
  }

  const locationOf = (id: string): string => `${basePath}/generate-slides/${id}`
  const waitOf = (request: FastifyRequest, otherwise: number): number =>
    Math.min(wantedWaitMs(request.headers) ?? otherwise, longest.waitMs)

  function questions(scope: FastifyInstance): void {
    scope.removeContentTypeParser('text/plain')
    scope.setErrorHandler((error, request, reply) => sendError(toApiError(error), request, reply))
    scope.addHook('onRequest', admit)

    scope.post('/generate-slides', { bodyLimit: bodyBytes }, async (request, reply) => {
      const wanted = parseGenerateRequest(request.body, deps.spaces)
      const { id, ticket } = await askQuestion(wanted, callerOf(request), idempotencyKeyIn(request.headers), deps)
      return answer({ id, thread: ticket.threadName }, request, reply, waitOf(request, deps.waitMs))
    })

    scope.get('/generate-slides/:id', async (request, reply) => {
      const { id, ticket } = await ticketOf(request)
      return answer({ id, thread: ticket.threadName }, request, reply, waitOf(request, 0))
    })

    scope.delete('/generate-slides/:id', async (request, reply) => {
      const { id, ticket } = await ticketOf(request)
      await deps.mailbox.stop(ticket.thread, id)
      return answer({ id, thread: ticket.threadName }, request, reply, waitOf(request, longest.stopMs))
    })

    const other = (methods: string[], url: string, allow: string): void => {
      scope.route({
        method: methods,
        url,
        handler: () => {
          throw new ApiError('method-not-allowed', `Only ${allow} works at this address.`, { headers: { allow } })
        },
      })
    }
    other(['GET', 'PUT', 'PATCH', 'DELETE'], '/generate-slides', 'POST')
    other(['POST', 'PUT', 'PATCH'], '/generate-slides/:id', 'GET, DELETE')
  }

  function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = statusOf[error.code]
    const { id, method, routeOptions } = request
    const fields = { request: id, method, route: routeOptions.url ?? '', error: error.message }
    if (error.code === 'internal') deps.log.error(fields, 'Request failed')
    else if (status >= 500) deps.log.warn(fields, 'Request was not answered')
    const body: ErrorBody = {
      error: {
        code: error.code,
        message: error.userMessage,
        ...(error.fields.length > 0 ? { fields: [...error.fields] } : {}),
      },
    }
    return reply.code(status).headers(error.headers).type('application/json; charset=utf-8').send(body)
  }

  return (scope) => {
    const document = toOpenApi(deps)
    scope.get('/openapi.json', () => document)
    void scope.register((inner, _options, done) => {
      questions(inner)
      done()
    })
  }
}

/** Aborts when the connection is gone before all was answered. */
function leaving({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => left.abort(new DOMException('The caller has left', 'AbortError')))
  return left.signal
}

function fail(message: string): never {
  throw new Error(message)
}
