import { Secret } from '../lib/secret.ts'

/** Where an MLflow server is, and how its page links to things. */
export interface ServerAddress {
  /** Without credentials, query and trailing slash; may carry a path prefix. */
  readonly baseUrl: string
  /** Value of the `authorization` header; absent for an open server. */
  readonly authorization: Secret | undefined
}

export interface Credentials {
  readonly username?: string | undefined
  readonly password?: Secret | undefined
  readonly token?: Secret | undefined
}

/**
 * Reads `http(s)://[user:password@]host[:port][/prefix]`. User name and password win over the token, as they do in
 * MLflow's own clients. Returns undefined for anything that is not such an address.
 */
export function parseServerAddress(trackingUri: string, credentials: Credentials): ServerAddress | undefined {
  const url = URL.canParse(trackingUri) ? new URL(trackingUri) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  const username = credentials.username || decodeURIComponent(url.username)
  const password = credentials.password?.reveal() || decodeURIComponent(url.password)
  const token = credentials.token?.reveal()
  const authorization =
    username !== ''
      ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      : token
        ? `Bearer ${token}`
        : undefined
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization: authorization === undefined ? undefined : new Secret(authorization),
  }
}

/**
 * Opens one trace in MLflow's page. The page's two trace tables read different parameters (`selectedEvaluationId` up to
 * about 3.15, `traceId` since), so the link carries both.
 */
export function traceUrl(baseUrl: string, experimentId: string, traceId: string): string {
  const id = encodeURIComponent(traceId)
  return `${baseUrl}/#/experiments/${encodeURIComponent(experimentId)}/traces?selectedEvaluationId=${id}&traceId=${id}`
}

/** Opens one run in MLflow's page. */
export function runUrl(baseUrl: string, experimentId: string, runId: string): string {
  return `${baseUrl}/#/experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`
}
