import type { Clock } from '../clock.ts'
import type { HttpClient } from '../http.ts'
import { silentLogger, type Logger } from '../log.ts'
import type { Secret } from '../secret.ts'
import { DatabricksError } from './error.ts'
import { workspaceOrigin } from './host.ts'
import { createOAuthM2m } from './oauth-m2m.ts'

/** Who we are to a workspace. */
export interface Credentials {
  /** Goes into the User-Agent. */
  readonly kind: 'pat' | 'oauth-m2m' | 'bearer' | 'none'
  /**
   * Value of the `Authorization` header; empty for kind `none`. May fetch a token first.
   * @throws DatabricksError, or the signal's reason
   */
  authorization(signal: AbortSignal): Promise<string>
  /** The server refused `rejected`. True when the next `authorization()` may be another one, so that a retry makes sense. */
  invalidate(rejected: string): boolean
}

export interface CredentialsDeps {
  readonly host: string
  /** Personal access token. */
  readonly token?: Secret | undefined
  /** Service principal; takes `clientSecret` too. An empty text counts as not given. */
  readonly clientId?: string | undefined
  readonly clientSecret?: Secret | undefined
  readonly http: HttpClient
  readonly clock: Clock
  readonly log?: Logger
}

/**
 * A personal access token, or a service principal (OAuth machine to machine).
 * @throws DatabricksError `misconfigured` for none, two or half a credential, or a host that is no address
 */
export function createCredentials(deps: CredentialsDeps): Credentials {
  const token = present(deps.token)
  const clientId = deps.clientId === '' ? undefined : deps.clientId
  const clientSecret = present(deps.clientSecret)
  if (token && (clientId !== undefined || clientSecret)) {
    throw new DatabricksError(
      'misconfigured',
      'Databricks has two kinds of credentials, expected one: either DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID with DATABRICKS_CLIENT_SECRET',
    )
  }
  const origin = workspaceOrigin(deps.host)
  if (token) return createBearer(token, 'pat')
  if (clientId !== undefined && clientSecret) {
    const { http, clock, log = silentLogger } = deps
    return createOAuthM2m({ origin, clientId, clientSecret, http, clock, log })
  }
  throw new DatabricksError(
    'misconfigured',
    clientId === undefined && !clientSecret
      ? 'Databricks has no credentials, expected DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID with DATABRICKS_CLIENT_SECRET'
      : `Databricks credentials lack ${clientSecret ? 'DATABRICKS_CLIENT_ID' : 'DATABRICKS_CLIENT_SECRET'}, expected both`,
  )
}

/** A token that never changes; without one, no `Authorization` header is sent. */
export function createBearer(token: Secret | undefined, kind: 'pat' | 'bearer' = 'bearer'): Credentials {
  return {
    kind: token ? kind : 'none',
    authorization: async () => (token ? `Bearer ${token.reveal()}` : ''),
    invalidate: () => false,
  }
}

function present(secret: Secret | undefined): Secret | undefined {
  return secret?.reveal() === '' ? undefined : secret
}
