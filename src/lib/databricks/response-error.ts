import type { HttpResponse } from '../http.ts'
import { readRetryAfter } from '../retry-after.ts'
import { DatabricksError, type DatabricksErrorCode } from './error.ts'
import { readErrorBody, type ErrorBody } from './error-body.ts'

/** A response of status 400 and above, as our error. Secrets the vendor may echo are masked. */
export function fromStatus(
  what: string,
  response: HttpResponse,
  authorization: string,
  nowMs: number,
): DatabricksError {
  const { status } = response
  const body = readErrorBody(mask(response.text(), authorization.replace(/^\w+ /, '')))
  const waits = [readRetryAfter(response.header('retry-after'), nowMs), body.retryAfterMs].filter(
    (wait) => wait !== undefined,
  )
  const code = codeOf(status, body)
  const said = [body.errorCode, body.message].filter(Boolean).join(' ')
  return new DatabricksError(code, `${what} answered ${status}: ${said}`, {
    status,
    // A gateway's 502 or 504 and an internal error say nothing about what was done before.
    mayHaveHappened: status === 408 || status === 499 || (status >= 500 && status !== 503 && status !== 501),
    ...(body.errorCode === undefined ? {} : { errorCode: body.errorCode }),
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.max(...waits) }),
  })
}

const rateLimitCodes = new Set([
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'RATE_LIMIT_EXCEEDED',
  'rate_limit_exceeded',
])
const notFoundCodes = new Set(['RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND', 'ENDPOINT_NOT_FOUND', 'FEATURE_DISABLED'])
const conflictCodes = new Set(['RESOURCE_CONFLICT', 'RESOURCE_ALREADY_EXISTS', 'ALREADY_EXISTS', 'ABORTED'])

/** Expired OAuth tokens come back as 400, 401 or 403 with one of these texts (observed 2020 to 2026). */
const badToken = /invalid (?:access )?token|token is expir|token (?:has )?expired|expiredjwt/i

function codeOf(status: number, body: ErrorBody): DatabricksErrorCode {
  const { errorCode = '' } = body
  if (status === 401) return 'unauthenticated'
  if ((status === 400 || status === 403) && badToken.test(body.message)) return 'unauthenticated'
  if (status === 403) return 'no-access'
  if (status === 404) return 'not-found'
  if (status === 429) return 'rate-limited'
  if (status === 408) return 'timeout'
  if (status === 409) return 'conflict'
  if (status >= 400 && status < 499) {
    if (rateLimitCodes.has(errorCode)) return 'rate-limited'
    if (notFoundCodes.has(errorCode)) return 'not-found'
    if (conflictCodes.has(errorCode)) return 'conflict'
    if (errorCode === 'PERMISSION_DENIED') return 'no-access'
    return 'bad-request'
  }
  if (status === 504) return 'timeout'
  return 'unavailable'
}

/** A redirect is never an API's answer: sign-in failed, or the address is not the workspace's. */
export function fromRedirect(what: string, response: HttpResponse): DatabricksError {
  const { status } = response
  const location = response.header('location') ?? ''
  // Only the address without its query goes into a message: the query may carry sign-in state.
  const target = URL.parse(location, 'https://workspace.invalid')
  if (location.includes('private-link-validation-error')) {
    return new DatabricksError('no-access', `${what} was redirected: the workspace is reachable by private link only`, {
      status,
      userMessage:
        'This Databricks workspace can only be reached from its private network. Please ask your administrator.',
    })
  }
  if (/login|oidc|oauth|\/aad\//i.test(location)) return loginPage(what, status)
  const to = !target || target.hostname === 'workspace.invalid' ? 'another path' : target.origin
  return new DatabricksError('misconfigured', `${what} was redirected to ${to}, expected JSON: check the address`, {
    status,
  })
}

/** A web page instead of JSON: nearly always a login form. */
export function loginPage(what: string, status: number): DatabricksError {
  return new DatabricksError(
    'unauthenticated',
    `${what} answered with a web page, expected JSON: not signed in, or not an API address`,
    {
      status,
    },
  )
}

/** Replaces a secret in vendor text before it is cut or shown. Too short a text is no secret, and would match anywhere. */
export function mask(text: string, secret: string): string {
  return secret.length < 8 ? text : text.replaceAll(secret, '[secret]')
}
