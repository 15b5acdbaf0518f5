import { Agent, fetch, type Dispatcher } from 'undici'
import { DeckhandError, type ErrorDetails } from './errors.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Deadline for the whole exchange, body included. */
  readonly timeoutMs: number
}

/** Any status is a response, redirects included (they are never followed): callers decide what it means. */
export interface HttpResponse {
  readonly status: number
  /** A header's value by case-insensitive name. */
  header(name: string): string | undefined
  readonly body: Uint8Array
  text(): string
}

/** One exchange over HTTP. Never retries: see `retry.ts`. */
export interface HttpClient extends AsyncDisposable {
  /** @throws HttpError, or the signal's reason when the caller aborted */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>
}

/**
 * No response came. `connect`: the request surely did not arrive, so repeating it is safe; `timeout` and `network`:
 * it may have arrived.
 */
export class HttpError extends DeckhandError {
  override readonly name = 'HttpError'
  readonly code: 'connect' | 'timeout' | 'network' | 'too-large'

  constructor(code: HttpError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

const connectCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_NOT_YET_VALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** `maxBodyBytes` bounds what is read of a response (default 64 MiB). */
export function createHttpClient(
  options: { readonly dispatcher?: Dispatcher; readonly maxBodyBytes?: number; readonly userAgent?: string } = {},
): HttpClient {
  const dispatcher = options.dispatcher ?? new Agent({ keepAliveTimeout: 10_000, connect: { timeout: 10_000 } })
  const maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024
  return {
    async send(request, signal) {
      signal?.throwIfAborted()
      const deadline = new AbortController()
      const timer = setTimeout(() => deadline.abort(), request.timeoutMs)
      try {
        const response = await fetch(request.url, {
          method: request.method,
          headers: { ...(options.userAgent ? { 'user-agent': options.userAgent } : {}), ...request.headers },
          ...(request.body === undefined ? {} : { body: request.body }),
          redirect: 'manual',
          dispatcher,
          signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
        })
        const body = await readBounded(response.body, maxBodyBytes)
        return {
          status: response.status,
          header: (name) => response.headers.get(name) ?? undefined,
          body,
          text: () => new TextDecoder().decode(body),
        }
      } catch (error) {
        signal?.throwIfAborted()
        throw toHttpError(error, request, deadline.signal)
      } finally {
        clearTimeout(timer)
      }
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
    },
  }
}

async function readBounded(stream: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) {
      throw new HttpError('too-large', `Cannot read response: body exceeds ${maxBytes} bytes`, {
        userMessage: 'The answer from another system was too large to handle.',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function toHttpError(error: unknown, request: HttpRequest, deadline: AbortSignal): HttpError {
  if (error instanceof HttpError) return error
  const { origin } = new URL(request.url)
  const userMessage = 'A system we depend on cannot be reached right now. Please try again in a moment.'
  if (deadline.aborted) {
    return new HttpError('timeout', `${request.method} ${origin} gave no response within ${request.timeoutMs} ms`, {
      userMessage,
      cause: error,
    })
  }
  const codes = errorCodes(error)
  const connectCode = codes.find((code) => connectCodes.has(code))
  if (connectCode !== undefined) {
    return new HttpError('connect', `Cannot connect to ${origin}: ${connectCode}`, { userMessage, cause: error })
  }
  const why = codes[0] === undefined ? '' : `: ${codes[0]}`
  return new HttpError('network', `${request.method} ${origin} failed before the whole response came${why}`, {
    userMessage,
    cause: error,
  })
}

function errorCodes(error: unknown): readonly string[] {
  const codes: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') codes.push(cause.code)
  }
  return codes
}
