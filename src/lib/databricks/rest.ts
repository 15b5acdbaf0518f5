import type { z } from 'zod'
import type { Clock } from '../clock.ts'
import { HttpError, type HttpClient, type HttpRequest, type HttpResponse } from '../http.ts'
import { parseJson } from '../json.ts'
import { silentLogger, type Logger } from '../log.ts'
import { retry } from '../retry.ts'
import { describeIssues } from '../zod-issues.ts'
import { withAuthorization } from './authorized.ts'
import type { Credentials } from './credentials.ts'
import { DatabricksError } from './error.ts'
import { looksLikeHtml } from './error-body.ts'
import { workspaceOrigin } from './host.ts'
import { fromRedirect, fromStatus, loginPage } from './response-error.ts'
import { userAgent } from './user-agent.ts'

/** Tries at most, and the longest wait that a vendor's hint may cause. */
const restLimits = { attempts: 6, longestWaitMs: 60_000, attemptTimeoutMs: 30_000 } as const

export interface RestCall<T> {
  readonly method: HttpRequest['method']
  /** Below the base address, each part percent-encoded: see {@link restPath}. Shown in errors, so no secrets. */
  readonly path: string
  /** Undefined values are left out. Never shown in errors. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** What a good answer looks like; an empty body counts as `{}`. */
  readonly schema: z.ZodType<T>
  /** Deadline of the whole call, all tries and waits included. */
  readonly timeoutMs: number
  /** Deadline of one try (default 30 s). */
  readonly attemptTimeoutMs?: number
  /**
   * `safe`: repeating does no harm. `never-after-send`: repeat only what surely was not done, that is after a failed
   * connect, 401, 429 and 503; any other failure comes back with `mayHaveHappened`.
   */
  readonly retry: 'safe' | 'never-after-send'
  /** Hears how long the vendor's rate limit holds the call back before each further try. */
  readonly onRateLimit?: (waitMs: number) => void
}

/** JSON calls by Databricks' conventions for errors, waits and retries. */
export interface DatabricksRest {
  /** @throws DatabricksError, or the signal's reason when the caller aborted */
  call<T>(call: RestCall<T>, signal: AbortSignal): Promise<T>
}

export interface RestDeps {
  readonly credentials: Credentials
  readonly http: HttpClient
  readonly clock: Clock
  readonly log?: Logger
  /** 0 to 1, spreads retries of many workers. */
  readonly random?: () => number
}

/** REST calls to a workspace. @throws DatabricksError `misconfigured` when `host` is no address */
export function createDatabricksRest({ host, ...deps }: RestDeps & { readonly host: string }): DatabricksRest {
  return createRest({ baseUrl: workspaceOrigin(host), ...deps })
}

/** The same conventions on any server whose API lives below `baseUrl` (no trailing slash). */
export function createRest(deps: RestDeps & { readonly baseUrl: string }): DatabricksRest {
  const { credentials, http, clock, log = silentLogger, random = Math.random } = deps

  async function attempt<T>(call: RestCall<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
    const url = deps.baseUrl + call.path + queryString(call.query)
    const send = async (authorization: string): Promise<HttpResponse> => {
      try {
        return await http.send(
          {
            method: call.method,
            url,
            headers: {
              accept: 'application/json',
              'user-agent': userAgent(credentials.kind),
              ...(authorization === '' ? {} : { authorization }),
              ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
            },
            ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
            timeoutMs,
          },
          signal,
        )
      } catch (error) {
        signal.throwIfAborted()
        throw fromHttpError(error, call)
      }
    }

    return withAuthorization(
      credentials,
      async (authorization) => readAnswer(call, await send(authorization), authorization, clock.now()),
      signal,
    )
  }

  return {
    async call(call, signal) {
      signal.throwIfAborted()
      const deadlineAt = clock.now() + call.timeoutMs
      const attemptTimeoutMs = call.attemptTimeoutMs ?? restLimits.attemptTimeoutMs
      return retry(
        () => attempt(call, Math.max(1, Math.min(attemptTimeoutMs, deadlineAt - clock.now())), signal),
        {
          attempts: restLimits.attempts,
          delayMs(error, tries) {
            if (!(error instanceof DatabricksError) || !mayRepeat(error, call)) return null
            const waitMs = waitBefore(error, tries, random)
            if (waitMs > restLimits.longestWaitMs || clock.now() + waitMs >= deadlineAt) return null
            const { method, path } = call
            log.warn({ method, path, code: error.code, status: error.status, waitMs }, 'Call failed, trying again')
            if (error.code === 'rate-limited') call.onRateLimit?.(waitMs)
            return waitMs
          },
        },
        clock,
        signal,
      )
    },
  }
}

/** Joins path parts, each percent-encoded, behind a fixed prefix: `restPath('/api/2.0/genie/spaces', id)`. */
export function restPath(prefix: string, ...parts: readonly string[]): string {
  return [prefix, ...parts.map((part) => encodeURIComponent(part))].join('/')
}

function queryString(query: RestCall<unknown>['query']): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(key, String(value))
  return params.size === 0 ? '' : `?${params.toString()}`
}

function mayRepeat(error: DatabricksError, call: RestCall<unknown>): boolean {
  if (error.code === 'rate-limited' || error.status === 503) return true
  const gateway = error.status === 502 || error.status === 504
  if (gateway && call.retry === 'safe') return true
  const noResponse = error.status === undefined && (error.code === 'unavailable' || error.code === 'timeout')
  return noResponse && (call.retry === 'safe' || !error.mayHaveHappened)
}

/** The vendor's hint, but no less than a growing pause of our own: from 1 s after a 429, from 250 ms otherwise. */
function waitBefore(error: DatabricksError, tries: number, random: () => number): number {
  const baseMs = error.code === 'rate-limited' ? 1000 : 250
  const ownMs = baseMs * 2 ** (tries - 1) * (1 + random() / 4)
  return Math.round(Math.max(error.retryAfterMs ?? 0, ownMs))
}

function readAnswer<T>(call: RestCall<T>, response: HttpResponse, authorization: string, nowMs: number): T {
  const what = `${call.method} ${call.path}`
  const { status } = response
  if (status >= 300 && status < 400) throw fromRedirect(what, response)
  if (status < 200 || status >= 400) throw fromStatus(what, response, authorization, nowMs)
  const text = response.text()
  if (looksLikeHtml(text)) throw loginPage(what, status)
  const body = text.trim() === '' ? {} : parseJson(text)
  if (body === undefined) {
    throw new DatabricksError('bad-answer', `${what} answered ${response.body.length} bytes that are not JSON`, {
      status,
      mayHaveHappened: true,
    })
  }
  const parsed = call.schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new DatabricksError('bad-answer', `${what} answered JSON of an unknown form: ${describeIssues(parsed.error)}`, {
    status,
    mayHaveHappened: true,
  })
}

function fromHttpError(error: unknown, call: RestCall<unknown>): unknown {
  if (!(error instanceof HttpError)) return error
  const what = `${call.method} ${call.path}`
  const details = { cause: error, mayHaveHappened: error.code !== 'connect' }
  switch (error.code) {
    case 'connect':
      return new DatabricksError('unavailable', `${what} could not be sent: no connection`, details)
    case 'network':
      return new DatabricksError('unavailable', `${what} got no answer: the connection was lost`, details)
    case 'timeout':
      return new DatabricksError('timeout', `${what} got no answer in time`, details)
    case 'too-large':
      return new DatabricksError('bad-answer', `${what} answered more than we read`, details)
  }
}
