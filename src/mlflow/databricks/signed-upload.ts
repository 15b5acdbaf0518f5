import type { Clock } from '../../lib/clock.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../../lib/http.ts'
import { readRetryAfter } from '../../lib/retry-after.ts'
import { MlflowError } from '../mlflow-error.ts'
import { toMlflowError } from './errors.ts'
import type { Credential } from './schema.ts'

/** Writes one file to a place that a workspace has signed for. */
export interface SignedUpload {
  /**
   * `credential` is asked for an address; once more when the storage says that the first has expired. Neither the
   * address nor what the storage answers is put into an error: both may hold keys.
   * @throws MlflowError, or the signal's reason
   */
  put(credential: () => Promise<Credential>, body: Uint8Array, signal: AbortSignal): Promise<void>
}

/**
 * The storage of AWS, Azure and Google. It is not the workspace, so it gets the headers that came with the address and no
 * `Authorization`; and no content type either, as some signatures cover it. `timeoutMs`: deadline of one request.
 * @see https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
 */
export function createSignedUpload(deps: {
  readonly http: HttpClient
  readonly clock: Clock
  readonly timeoutMs: number
  /** The workspace's own address: only one without TLS, as on loopback, may sign for addresses without it. */
  readonly workspaceUrl: string
}): SignedUpload {
  const { http, clock, timeoutMs } = deps
  const protocols = new Set(['https:', new URL(deps.workspaceUrl).protocol])

  async function send(step: Step, signal: AbortSignal): Promise<void> {
    let response: HttpResponse
    try {
      response = await http.send({ ...step, timeoutMs }, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw toMlflowError(error)
    }
    if (response.status < 200 || response.status >= 300) throw refusal(step, response, clock.now())
  }

  async function upload(credential: Credential, body: Uint8Array, signal: AbortSignal): Promise<void> {
    const url = URL.parse(credential.uri.reveal())
    if (!url || !protocols.has(url.protocol)) {
      throw new MlflowError('not-mlflow', 'The workspace signed for an upload to something that is no https address')
    }
    for (const step of stepsOf(credential, body)) await send(step, signal)
  }

  return {
    async put(credential, body, signal) {
      try {
        await upload(await credential(), body, signal)
      } catch (error) {
        if (!(error instanceof Expired)) throw error
        await upload(await credential(), body, signal)
      }
    },
  }
}

type Step = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>

/** The requests that write one file, in order. */
function stepsOf({ type, uri, headers }: Credential, body: Uint8Array): readonly Step[] {
  const url = uri.reveal()
  switch (type) {
    case 'AWS_PRESIGNED_URL':
    case 'GCP_SIGNED_URL':
      return [{ method: 'PUT', url, headers, body }]
    case 'AZURE_SAS_URI':
      return [{ method: 'PUT', url, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers }, body }]
    case 'AZURE_ADLS_GEN2_SAS_URI': {
      const known = Object.fromEntries(Object.entries(headers).filter(([name]) => isDataLakeHeader(name)))
      const at = (query: string): Pick<Step, 'url' | 'headers'> => ({ url: withQuery(url, query), headers: known })
      const create: Step = { method: 'PUT', ...at('resource=file'), body: new Uint8Array() }
      // Nothing cannot be appended, only flushed.
      if (body.length === 0) return [create, { method: 'PATCH', ...at('action=flush&position=0'), body }]
      return [create, { method: 'PATCH', ...at('action=append&position=0&flush=true'), body }]
    }
    default:
      throw new MlflowError('unsupported', `The workspace signed for an upload of unknown type "${type.slice(0, 40)}"`)
  }
}

/** What both creating and updating a path of Azure Data Lake Storage take; a header of Blob Storage would be refused. */
function isDataLakeHeader(name: string): boolean {
  return /^(?:x-ms-(?:lease-id|cache-control|content-[a-z]+|properties|permissions|owner|group|acl|encryption-(?:key|key-sha256|algorithm|context)|client-request-id|date|version)|if-(?:none-)?match|if-(?:un)?modified-since)$/i.test(
    name,
  )
}

/** As text: a signature covers the query as it was written. */
function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

function refusal({ method, url }: Step, response: HttpResponse, nowMs: number): MlflowError {
  const { status } = response
  // The vendor's word for it; the rest of its answer may repeat the signature.
  const word = /<Code>([A-Za-z]{1,60})<\/Code>|"code"\s*:\s*"([A-Za-z]{1,60})"/.exec(response.text())
  const code = word?.[1] ?? word?.[2]
  const message = `${method} to the signed address at ${new URL(url).host} answered ${status}${code ? ` ${code}` : ''}`
  if (status === 401 || status === 403 || code === 'ExpiredToken') return new Expired(message, status)
  if (status >= 300 && status < 400) return new MlflowError('no-access', message, { status })
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(response.header('retry-after'), nowMs)
    return new MlflowError('unreachable', message, { status, retryAfterMs })
  }
  return new MlflowError('server-error', message, { status })
}

/** The storage does not take the address (any more). */
class Expired extends MlflowError {
  constructor(message: string, status: number) {
    super('no-access', message, { status })
  }
}
