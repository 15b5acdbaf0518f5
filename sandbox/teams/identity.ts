import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { sandboxTeamsApp, type Signing } from './contract.ts'

/** Both directions of trust: tokens that Teams' deliveries carry, and tokens that the bot gets for its own calls. */
export interface Identity {
  /** `Authorization` of a delivery; undefined for none. */
  authorize(serviceUrl: string, how: Signing): string | undefined
  /** The OpenID configuration, and the keys that deliveries are signed with. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly keys: Readonly<Record<string, unknown>>
  /** The answer to a client-credentials request, given as a form. */
  grant(form: URLSearchParams): { readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  /** Whether the bot may call with this header. */
  admits(authorization: string): boolean
}

/** What the public cloud's tokens say. */
export const tokenIssuer = 'https://api.botframework.com'
const tokenSeconds = 3600

export function createIdentity(options: { readonly now: () => number; readonly url: () => string }): Identity {
  const { now, url } = options
  const known = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomBytes(8).toString('hex')
  const tokens = new Map<string, number>()

  function toToken(claims: Readonly<Record<string, unknown>>, algorithm: Signing['algorithm'] = 'RS256'): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const alg = algorithm === 'other-key' ? 'RS256' : algorithm
    const signed = `${part({ alg, typ: 'JWT', kid })}.${part(claims)}`
    if (algorithm === 'none') return `${signed}.`
    if (algorithm === 'HS256') {
      const secret = known.publicKey.export({ format: 'pem', type: 'spki' })
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    }
    const key = algorithm === 'RS256' ? known : generateKeyPairSync('rsa', { modulusLength: 2048 })
    return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`
  }

  return {
    authorize(serviceUrl, how) {
      if (how.authorization !== undefined) return how.authorization ?? undefined
      const at = Math.floor(now() / 1000)
      const claims = {
        iss: how.issuer ?? tokenIssuer,
        aud: how.audience ?? sandboxTeamsApp.appId,
        serviceurl: how.serviceUrl ?? serviceUrl,
        nbf: at - 300 - tokenSeconds,
        exp: at + (how.expiresInSeconds ?? tokenSeconds),
      }
      return `Bearer ${toToken(claims, how.algorithm)}`
    },
    get metadata() {
      return {
        issuer: tokenIssuer,
        jwks_uri: `${url()}/openid/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      }
    },
    keys: { keys: [{ ...known.publicKey.export({ format: 'jwk' }), kid, use: 'sig', endorsements: ['msteams'] }] },
    grant(form) {
      const isOurs =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === sandboxTeamsApp.appId &&
        form.get('client_secret') === sandboxTeamsApp.appPassword
      if (!isOurs) {
        return {
          status: 401,
          body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret' },
        }
      }
      const token = randomBytes(24).toString('base64url')
      tokens.set(token, now() + tokenSeconds * 1000)
      return { status: 200, body: { token_type: 'Bearer', expires_in: tokenSeconds, access_token: token } }
    },
    admits(authorization) {
      const [, token = ''] = /^Bearer (\S+)$/.exec(authorization) ?? []
      return (tokens.get(token) ?? 0) > now()
    },
  }
}
