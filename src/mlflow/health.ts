import type { HttpClient } from '../lib/http.ts'
import { MlflowError } from './mlflow-error.ts'
import { parseServerAddress, type Credentials } from './server-address.ts'

const timeoutMs = 3000

/** Asks the MLflow server of these settings whether it is well. The function rejects with MlflowError when it is not. */
export function checkMlflow(
  settings: Credentials & { readonly trackingUri: string },
  http: HttpClient,
): (signal: AbortSignal) => Promise<void> {
  const address = parseServerAddress(settings.trackingUri, settings)
  return async (signal) => {
    if (!address) {
      throw new MlflowError(
        'unsupported',
        'Traces stay on disk: tracking_uri is no http(s) address of an MLflow server',
      )
    }
    const { baseUrl, authorization } = address
    const response = await http.send(
      {
        method: 'GET',
        url: `${baseUrl}/health`,
        headers: authorization ? { authorization: authorization.reveal() } : {},
        timeoutMs,
      },
      signal,
    )
    if (response.status >= 400) {
      throw new MlflowError('unreachable', `MLflow at ${baseUrl} answers its health check with ${response.status}`)
    }
  }
}
