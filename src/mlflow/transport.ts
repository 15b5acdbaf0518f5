import { isAbort } from '../lib/errors.ts'
import { HttpError, type HttpClient, type HttpRequest, type HttpResponse } from '../lib/http.ts'
import { parseJson } from '../lib/json.ts'
import { MlflowError } from './mlflow-error.ts'
import { ErrorBody } from './schema.ts'
import type { ServerAddress } from './server-address.ts'

export interface MlflowRequest {
  readonly method: HttpRequest['method']
  /** Below the base address, such as `/api/2.0/mlflow/runs/create`, with its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Requests to MLflow as whoever we are there. One exchange each; nothing is sent twice, unless a token had to be renewed. */
export interface Transport {
  /** Where MLflow is, without credentials: for messages and links. */
  readonly baseUrl: string
  /** Resolves for statuses 200 to 299. @throws MlflowError, or the signal's reason */
  send(request: MlflowRequest, signal: AbortSignal): Promise<HttpResponse>
}

/** To an MLflow server of one's own. `timeoutMs`: deadline of one request. */
export function createServerTransport(deps: {
  readonly address: ServerAddress
  readonly http: HttpClient
  readonly timeoutMs: number
}): Transport {
  const { http, timeoutMs } = deps
  const { baseUrl, authorization } = deps.address
  const auth: Record<string, string> = authorization ? { authorization: authorization.reveal() } : {}
  return {
    baseUrl,
    async send({ path, ...request }, signal) {
      let response: HttpResponse
      try {
        response = await http.send(
          { ...request, url: `${baseUrl}${path}`, headers: { ...request.headers, ...auth }, timeoutMs },
          signal,
        )
      } catch (error) {
        if (signal.aborted || (isAbort(error) && !(error instanceof HttpError))) throw error
        throw new MlflowError('unreachable', `No answer from MLflow at ${baseUrl}`, { cause: error })
      }
      if (response.status >= 200 && response.status < 300) return response
      throw toMlflowError(`${request.method} ${path.replace(/\?.*/, '')}`, baseUrl, response)
    },
  }
}

/** Reads a refusal. MLflow's own text goes to the operator only. */
function toMlflowError(what: string, baseUrl: string, response: HttpResponse): MlflowError {
  const { status } = response
  const envelope = ErrorBody.safeParse(parseJson(response.text()))
  const errorCode = envelope.success ? envelope.data.error_code : ''
  const reason = (envelope.success ? envelope.data.message || envelope.data.detail : '').slice(0, 300)
  const message = `${what} at ${baseUrl} answered ${status}${errorCode ? ` ${errorCode}` : ''}${reason ? `: ${reason}` : ''}`
  const details = { status }

  if (status === 403 && response.text().startsWith('Invalid Host header')) {
    const { host } = new URL(baseUrl)
    return new MlflowError(
      'host-refused',
      `MLflow at ${baseUrl} refuses the host name "${host}": start the server with --allowed-hosts "${host}"`,
      details,
    )
  }
  if (status === 401 || status === 403) return new MlflowError('no-access', message, details)
  if (status >= 300 && status < 400) {
    // A login address may carry state and tokens in its query: only its host is told.
    const target = response.header('location') ?? ''
    const host = URL.canParse(target, baseUrl) ? new URL(target, baseUrl).origin : 'an unreadable address'
    return new MlflowError('no-access', `${what} at ${baseUrl} redirects to ${host} (a login page?)`, details)
  }
  if ([408, 429, 502, 503, 504].includes(status)) {
    return new MlflowError('unreachable', message, { ...details, retryAfterMs: retryAfterMs(response) })
  }
  if (errorCode === 'RESOURCE_DOES_NOT_EXIST' || saysDeleted(reason))
    return new MlflowError('not-found', message, details)
  if (errorCode === 'RESOURCE_ALREADY_EXISTS') return new MlflowError('already-exists', message, details)
  // 422 with this text is any unforeseen failure of the store, a locked database included; conflicts between writers
  // come as 400 with the database's words.
  const passing = /Failed to log OpenTelemetry spans|IntegrityError|UNIQUE constraint|deadlock|locked/i.test(reason)
  if (status >= 500 || passing) return new MlflowError('server-error', message, details)
  if (status === 404 && errorCode === '') return new MlflowError('not-mlflow', message, details)
  return new MlflowError('rejected', message, details)
}

/** A soft-deleted experiment or run is gone for our purposes. `reason`: MLflow's words. */
export function saysDeleted(reason: string): boolean {
  return /must be in (?:the )?'active' (?:state|lifecycle_stage)/.test(reason)
}

function retryAfterMs(response: HttpResponse): number | undefined {
  const seconds = Number(response.header('retry-after'))
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}
