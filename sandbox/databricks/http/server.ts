import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Clock } from '../../../src/lib/clock.ts'
import { listenOnLoopback } from '../../local/http-server.ts'
import type { RecordedRequest } from '../contract.ts'
import type { Fault, Faults } from '../faults.ts'
import { ApiError, type Reply } from './reply.ts'
import { findRoute, type Route } from './router.ts'

export interface ServerOptions {
  readonly port: number
  readonly clock: Clock
  readonly faults: Faults
  readonly routes: readonly Route[]
  /** Throws an ApiError when the caller may not come in. */
  readonly authenticate: (headers: Readonly<Record<string, string>>) => void
  readonly requests: RecordedRequest[]
  /** Sent with every reply. */
  readonly headers: Readonly<Record<string, string>>
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string
}

/** Documented as the most a foundation model endpoint takes. */
const maxBodyBytes = 4 * 1024 * 1024
/** Ours: more than any file that a client under test sends. */
const maxRawBytes = 64 * 1024 * 1024

const loginPage = '<!doctype html><html><head><title>Databricks - Sign In</title></head><body>Sign in</body></html>'

/** Serves the routes on 127.0.0.1, records every request, and does what the faults say. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const closing = new AbortController()
  const server = createServer((request, response) => {
    void handle(request, response, options, closing.signal).catch((error: unknown) => {
      if (!response.headersSent) send(response, internalError(error), options.headers)
      else response.destroy()
    })
  })
  const { url, close } = await listenOnLoopback(server, options.port)
  return {
    url,
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The workspace is closed', 'AbortError'))
      await close()
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  closing: AbortSignal,
): Promise<void> {
  const { clock, faults, routes, authenticate, requests } = options
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableEnded) gone.abort(new DOMException('The caller has gone', 'AbortError'))
  })
  const path = request.url ?? '/'
  const url = new URL(path, 'http://127.0.0.1')
  const found = findRoute(routes, request.method ?? '', url.pathname)
  const maxBytes = found?.route.raw === true ? maxRawBytes : maxBodyBytes
  const bytes = await readBody(request, maxBytes)
  const text = bytes?.toString('utf8')
  const { authorization: _secret, ...recorded } = flatHeaders(request)
  const json = text === undefined ? undefined : parseJson(text)
  requests.push({
    method: request.method ?? '',
    path,
    at: clock.now(),
    headers: recorded,
    body: json ?? (text === '' ? undefined : text),
  })
  if (bytes === undefined || text === undefined)
    return send(
      response,
      new ApiError(413, 'BAD_REQUEST', `Request body exceeds ${maxBytes} bytes`).reply,
      options.headers,
    )

  if (!found) return send(response, noRoute(request.method ?? '', url.pathname), options.headers)
  const { route, params } = found
  const fault = route.kind === undefined ? undefined : faults.take(route.kind)
  if (fault?.kind === 'reset') return breakConnection(request)
  const instead = fault && replyInstead(fault)
  if (instead) return send(response, instead, options.headers)
  const signal = AbortSignal.any([closing, gone.signal])
  try {
    if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, signal)
    if (route.open !== true) authenticate(flatHeaders(request))
    if (json === undefined && text !== '' && route.open !== true && route.raw !== true)
      throw new ApiError(400, 'MALFORMED_REQUEST', 'Request body is no valid JSON')
    const reply = await route.handle({
      params,
      query: url.searchParams,
      headers: flatHeaders(request),
      json,
      text,
      bytes,
      fault,
      signal,
    })
    if (fault?.kind === 'reply-lost') return breakConnection(request)
    send(response, reply, options.headers)
  } catch (error) {
    if (signal.aborted) response.destroy()
    else send(response, error instanceof ApiError ? error.reply : internalError(error), options.headers)
  }
}

function breakConnection(request: IncomingMessage): void {
  request.socket.resetAndDestroy()
}

/** Faults that stand for the whole reply. */
function replyInstead(fault: Fault): Reply | undefined {
  switch (fault.kind) {
    case 'status':
      return {
        status: fault.status,
        headers: fault.headers ?? {},
        body: fault.body ?? { error_code: 'INTERNAL_ERROR', message: '' },
      }
    case 'rate-limited':
      return rateLimited(fault.shape, fault.retryAfterSeconds)
    case 'login-redirect':
      return {
        status: 302,
        headers: { location: '/login.html?error=private-link-validation-error', 'content-type': 'text/html' },
        body: loginPage,
      }
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: loginPage }
    case 'malformed-json':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"message_id": "01f0' }
    default:
      return undefined
  }
}

/** The shapes of databricks-api.md §2.5, and the two simplest ones. */
function rateLimited(shape: Extract<Fault, { kind: 'rate-limited' }>['shape'], seconds: number | undefined): Reply {
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  const bodies = {
    documented: {
      error: {
        message: 'Rate limit exceeded',
        type: 'rate_limit_exceeded',
        code: 429,
        limit_type: 'output_tokens_per_minute',
        limit: 10_000,
        current: 10_240,
        ...(seconds === undefined ? {} : { retry_after: seconds }),
      },
    },
    envelope: { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Exceeded workspace QPS rate limit for this endpoint.' },
    gateway: { error_code: 'RATE_LIMIT_EXCEEDED', message: 'AI Gateway rate limit exceeded', details: [] },
    string: { error: 'Too many requests' },
    empty: '',
  } as const
  return { status: 429, headers, body: bodies[shape] }
}

const noRoute = (method: string, path: string): Reply =>
  new ApiError(404, 'ENDPOINT_NOT_FOUND', `No API found for '${method} ${path}'`).reply

const internalError = (error: unknown): Reply =>
  new ApiError(500, 'INTERNAL_ERROR', error instanceof Error ? error.message : String(error)).reply

function send(
  response: ServerResponse,
  { status, headers = {}, body }: Reply,
  always: Readonly<Record<string, string>>,
): void {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  response.writeHead(status, { 'content-type': 'application/json', ...always, ...headers })
  response.end(isRaw ? body : JSON.stringify(body ?? {}))
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}

/** The body; undefined when it is too large. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size <= maxBytes) chunks.push(chunk)
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
