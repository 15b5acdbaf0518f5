import { z } from 'zod'
import { untilAborted } from '../abort.ts'
import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import { HttpError, type HttpClient, type HttpResponse } from '../http.ts'
import { parseJson } from '../json.ts'
import type { Logger } from '../log.ts'
import { readRetryAfter } from '../retry-after.ts'
import { retry } from '../retry.ts'
import type { Secret } from '../secret.ts'
import { describeIssues } from '../zod-issues.ts'
import type { Credentials } from './credentials.ts'
import { DatabricksError } from './error.ts'
import { readErrorBody } from './error-body.ts'
import { mask } from './response-error.ts'
import { userAgent } from './user-agent.ts'

/** Times of the official SDKs: Azure refuses tokens with 30 s left, and an hour's token is renewed at 40 minutes. */
const expireEarlyMs = 40_000
const longestRefreshAheadMs = 20 * 60_000
const backgroundRetryMs = 60_000
const requestTimeoutMs = 10_000
const attempts = 4
const longestWaitMs = 10_000

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Seconds; some servers send text. */
  expires_in: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).default(3600),
})

const Discovery = z.object({ token_endpoint: z.url({ protocol: /^https?$/ }) })

interface Token {
  readonly authorization: string
  readonly expiresAt: number
  readonly refreshAt: number
}

interface OAuthDeps {
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: Secret
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
}

/**
 * OAuth client credentials of a service principal. One refresh at a time, shared by all who wait; a token is renewed in
 * the background before it expires, so that nobody waits for it. A caller's abort ends its own waiting, not the refresh.
 * @see https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
 */
export function createOAuthM2m(deps: OAuthDeps): Credentials {
  const { clock, log } = deps
  let token: Token | undefined
  let refreshing: Promise<Token> | undefined
  let noRefreshAheadBefore = 0
  let endpoint: string | undefined

  async function fetchToken(): Promise<Token> {
    endpoint ??= await discoverTokenEndpoint(deps)
    const url = endpoint ?? `${deps.origin}/oidc/v1/token`
    const fresh = await retry(() => requestToken(deps, url), tokenRetry, clock)
    token = fresh
    return fresh
  }

  function refresh(): Promise<Token> {
    if (refreshing) return refreshing
    refreshing = fetchToken().finally(() => {
      refreshing = undefined
    })
    // Everyone who waits may have left by the time it fails.
    refreshing.catch(() => {})
    return refreshing
  }

  function refreshAhead(): void {
    if (refreshing || clock.now() < noRefreshAheadBefore) return
    refresh().catch((error: unknown) => {
      noRefreshAheadBefore = clock.now() + backgroundRetryMs
      log.warn({ error: describeError(error) }, 'Cannot renew the Databricks token ahead of time, will try again')
    })
  }

  return {
    kind: 'oauth-m2m',
    async authorization(signal) {
      const now = clock.now()
      if (token && now < token.expiresAt) {
        if (now >= token.refreshAt) refreshAhead()
        return token.authorization
      }
      return (await untilAborted(refresh(), signal)).authorization
    },
    invalidate(rejected) {
      if (token?.authorization === rejected) token = undefined
      return true
    },
  }
}

const tokenRetry = {
  attempts,
  delayMs(error: unknown, attempt: number): number | null {
    if (!(error instanceof DatabricksError)) return null
    if (error.code !== 'unavailable' && error.code !== 'rate-limited' && error.code !== 'timeout') return null
    const waitMs = Math.max(error.retryAfterMs ?? 0, 250 * 2 ** attempt)
    return waitMs > longestWaitMs ? null : waitMs
  },
}

/** The token endpoint the workspace names, if it does: discovery is a courtesy that must not stop a sign-in. */
async function discoverTokenEndpoint({ origin, http, log }: OAuthDeps): Promise<string | undefined> {
  try {
    const url = `${origin}/oidc/.well-known/oauth-authorization-server`
    const headers = { accept: 'application/json', 'user-agent': userAgent('oauth-m2m') }
    const response = await http.send({ method: 'GET', url, headers, timeoutMs: requestTimeoutMs })
    const found = Discovery.parse(parseJson(response.text())).token_endpoint
    // The client secret goes there, so it must not travel less safely than we were told to.
    return origin.startsWith('https:') && !found.startsWith('https:') ? undefined : found
  } catch (error) {
    log.debug({ error: describeError(error) }, 'OAuth discovery failed, using the usual token endpoint')
    return undefined
  }
}

async function requestToken({ clientId, clientSecret, http, clock }: OAuthDeps, url: string): Promise<Token> {
  const basic = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret.reveal())}`
  const askedAt = clock.now()
  let response: HttpResponse
  try {
    response = await http.send({
      method: 'POST',
      url,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': userAgent('oauth-m2m'),
        authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
      },
      body: 'grant_type=client_credentials&scope=all-apis',
      timeoutMs: requestTimeoutMs,
    })
  } catch (error) {
    const code = error instanceof HttpError && error.code === 'timeout' ? 'timeout' : 'unavailable'
    throw new DatabricksError(code, 'Cannot get a Databricks token: no response', { cause: error })
  }
  if (response.status !== 200) throw tokenError(response, clock.now(), clientSecret)
  const parsed = TokenAnswer.safeParse(parseJson(response.text()))
  if (!parsed.success) {
    throw new DatabricksError('bad-answer', `Cannot read the Databricks token: ${describeIssues(parsed.error)}`, {
      status: response.status,
    })
  }
  const lifetimeMs = parsed.data.expires_in * 1000
  return {
    authorization: `Bearer ${parsed.data.access_token}`,
    expiresAt: askedAt + lifetimeMs - expireEarlyMs,
    refreshAt: askedAt + lifetimeMs - Math.min(lifetimeMs / 2, longestRefreshAheadMs),
  }
}

function tokenError(response: HttpResponse, nowMs: number, clientSecret: Secret): DatabricksError {
  const { status } = response
  const body = readErrorBody(mask(response.text(), clientSecret.reveal()))
  const wait = readRetryAfter(response.header('retry-after'), nowMs) ?? body.retryAfterMs
  const code = status === 429 ? 'rate-limited' : status >= 500 ? 'unavailable' : 'unauthenticated'
  return new DatabricksError(code, `Cannot get a Databricks token: ${status} ${body.errorCode ?? ''} ${body.message}`, {
    status,
    ...(body.errorCode === undefined ? {} : { errorCode: body.errorCode }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}
