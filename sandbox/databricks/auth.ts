import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../src/lib/clock.ts'
import { sandboxUserName, type WorkspaceCredentials } from './contract.ts'
import { ApiError, ok, type Reply } from './http/reply.ts'
import type { Route, RouteRequest } from './http/router.ts'

export interface Auth {
  readonly routes: readonly Route[]
  /** Throws an ApiError unless the request carries the personal token, or an OAuth token that has not expired. */
  authenticate(headers: Readonly<Record<string, string>>): void
}

/** Personal access token and OAuth machine to machine, with the discovery documents, and who the caller is. */
export function createAuth(options: {
  readonly credentials: WorkspaceCredentials
  readonly tokenTtlMs: number
  readonly clock: Clock
  /** The workspace's own address, known once it listens. */
  readonly url: () => string
}): Auth {
  const { credentials, tokenTtlMs, clock, url } = options
  /** OAuth tokens and when they expire. */
  const issued = new Map<string, number>()

  function token(request: RouteRequest): Reply {
    const form = new URLSearchParams(request.text)
    const [clientId = '', clientSecret = ''] = basic(request.headers['authorization']) ?? [
      form.get('client_id') ?? '',
      form.get('client_secret') ?? '',
    ]
    if (!same(clientId, credentials.clientId) || !same(clientSecret, credentials.clientSecret)) {
      return oauthError(401, 'invalid_client', 'Client authentication failed')
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'Only client_credentials is offered here')
    }
    if (form.get('scope') !== 'all-apis')
      return oauthError(400, 'invalid_scope', 'Only the scope all-apis is offered here')
    const accessToken = `sandbox-oauth-${randomBytes(16).toString('hex')}`
    const now = clock.now()
    for (const [old, expiresAt] of issued) if (expiresAt <= now) issued.delete(old)
    issued.set(accessToken, now + tokenTtlMs)
    return ok({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: Math.floor(tokenTtlMs / 1000),
      scope: 'all-apis',
    })
  }

  return {
    authenticate(headers) {
      const bearer = /^Bearer (\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
      if (bearer === undefined) {
        throw new ApiError(
          401,
          'UNAUTHENTICATED',
          'Credential was not sent or was of an unsupported type for this API.',
          {
            'www-authenticate': 'Bearer realm="sandbox"',
          },
        )
      }
      if (same(bearer, credentials.token)) return
      const expiresAt = issued.get(bearer)
      // The vendor sends the number here, not a name
      if (expiresAt === undefined) throw new ApiError(403, 403, 'Invalid access token.')
      if (expiresAt <= clock.now()) {
        throw new ApiError(401, 'UNAUTHENTICATED', 'Token is expired', {
          'www-authenticate': 'Bearer error="invalid_token"',
        })
      }
    },
    routes: [
      { method: 'POST', path: '/oidc/v1/token', kind: 'oauth.token', open: true, handle: token },
      {
        method: 'GET',
        path: '/oidc/.well-known/oauth-authorization-server',
        open: true,
        handle: () =>
          ok({
            issuer: `${url()}/oidc`,
            authorization_endpoint: `${url()}/oidc/v1/authorize`,
            token_endpoint: `${url()}/oidc/v1/token`,
          }),
      },
      {
        method: 'GET',
        path: '/.well-known/databricks-config',
        open: true,
        handle: () =>
          ok({ oidc_endpoint: `${url()}/oidc`, workspace_id: '1', cloud: 'sandbox', host_type: 'workspace' }),
      },
      {
        method: 'GET',
        path: '/api/2.0/preview/scim/v2/Me',
        kind: 'scim.me',
        handle: () =>
          ok({
            id: '1001',
            userName: sandboxUserName,
            displayName: 'Sandbox analyst',
            active: true,
            emails: [{ value: sandboxUserName, type: 'work', primary: true }],
            groups: [{ display: 'users', value: '1' }],
          }),
      },
      {
        method: 'GET',
        path: '/login.html',
        open: true,
        handle: () => ({
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<!doctype html><title>Sign in</title>',
        }),
      },
    ],
  }
}

const oauthError = (status: number, error: string, description: string): Reply => ({
  status,
  body: { error, error_description: description },
})

function basic(header: string | undefined): readonly string[] | undefined {
  const encoded = /^Basic (\S+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : [decodeURIComponent(text.slice(0, colon)), decodeURIComponent(text.slice(colon + 1))]
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
