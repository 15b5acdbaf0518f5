import type { Clock } from '../../lib/clock.ts'
import { HttpError } from '../../lib/http.ts'
import { retry } from '../../lib/retry.ts'
import { createMlflowClient, type JsonCall } from '../client.ts'
import { MlflowError } from '../mlflow-error.ts'
import type { Transport } from '../transport.ts'
import { RegistryError } from './registry-error.ts'

/** Requests to a registry, tried again where that is safe, with failures in the registry's words. */
export interface RegistryCalls {
  readonly baseUrl: string
  call<T>(call: RegistryCall<T>, signal: AbortSignal): Promise<T>
  /** One file. */
  read(path: string, about: About, signal: AbortSignal): Promise<Uint8Array>
  /** Writes one file, over what is there. */
  put(path: string, body: Uint8Array, about: About, signal: AbortSignal): Promise<void>
}

/** For the words of a failure. */
export interface About {
  /** What we want, after "cannot": `read model main.x.y`. */
  readonly to: string
  /** What somebody has to grant us for it. */
  readonly needs: string
}

export interface RegistryCall<T> extends JsonCall<T> {
  readonly about: About
  /** A second request would do something a second time. */
  readonly isOnce?: true
}

const attempts = 4
const longestWaitMs = 20_000

export function createRegistryCalls(deps: { readonly transport: Transport; readonly clock: Clock }): RegistryCalls {
  const { transport, clock } = deps
  const client = createMlflowClient({ transport })

  async function patiently<T>(
    about: About,
    isOnce: boolean,
    signal: AbortSignal,
    request: () => Promise<T>,
  ): Promise<T> {
    try {
      return await retry(
        request,
        {
          attempts,
          delayMs(error, attempt) {
            if (!(error instanceof MlflowError) || error.code !== 'unreachable') return null
            if (isOnce && !surelyNotDone(error)) return null
            const waitMs = Math.max(error.retryAfterMs ?? 0, 250 * 2 ** attempt)
            return waitMs > longestWaitMs ? null : waitMs
          },
        },
        clock,
        signal,
      )
    } catch (error) {
      throw toRegistryError(error, about)
    }
  }

  return {
    baseUrl: transport.baseUrl,
    call: ({ about, isOnce = false, ...call }, signal) =>
      patiently(about, isOnce, signal, () => client.call(call, signal)),
    read: (path, about, signal) =>
      patiently(about, false, signal, async () => (await transport.send({ method: 'GET', path }, signal)).body),
    async put(path, body, about, signal) {
      const headers = { 'content-type': 'application/octet-stream' }
      await patiently(about, false, signal, () => transport.send({ method: 'PUT', path, headers, body }, signal))
    },
  }
}

/** The server says that it did nothing, or was never reached. */
function surelyNotDone({ status, cause }: MlflowError): boolean {
  return status === 429 || status === 503 || (cause instanceof HttpError && cause.code === 'connect')
}

/** A failure of MLflow in the registry's words; anything else comes back as it is. */
export function toRegistryError(error: unknown, { to, needs }: About): unknown {
  if (!(error instanceof MlflowError)) return error
  const failed = (code: RegistryError['code'], userMessage: string): RegistryError =>
    new RegistryError(code, `Cannot ${to}: ${error.message}`, { userMessage, cause: error })
  switch (error.code) {
    case 'no-access':
      return failed(
        'no-access',
        `We may not ${to}. Please ask an administrator to check our sign-in, and to grant ${needs}.`,
      )
    case 'host-refused':
      return failed('no-access', `The MLflow server does not take our requests: it has to allow our name for it.`)
    case 'not-found':
      return failed('not-found', `Cannot ${to}: there is none, or we may not see it (that needs ${needs}).`)
    case 'already-exists':
      return failed('conflict', `Cannot ${to}: somebody else just did. Please try again.`)
    case 'unreachable':
    case 'server-error':
    case 'not-mlflow':
      return failed('unreachable', `Cannot ${to}: the model registry does not answer. Please try again in a moment.`)
    case 'unsupported':
    case 'rejected':
      return failed('rejected', `Cannot ${to}: the model registry does not accept it. The log says why.`)
  }
}
