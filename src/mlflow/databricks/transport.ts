import { withAuthorization } from '../../lib/databricks/authorized.ts'
import type { Credentials } from '../../lib/databricks/credentials.ts'
import { looksLikeHtml } from '../../lib/databricks/error-body.ts'
import { workspaceOrigin } from '../../lib/databricks/host.ts'
import { fromRedirect, fromStatus, loginPage } from '../../lib/databricks/response-error.ts'
import { userAgent } from '../../lib/databricks/user-agent.ts'
import type { Clock } from '../../lib/clock.ts'
import type { HttpClient, HttpResponse } from '../../lib/http.ts'
import type { Transport } from '../transport.ts'
import { toMlflowError } from './errors.ts'

/**
 * To the MLflow of a Databricks workspace, with the workspace's credentials: a token that expired is renewed and the
 * request sent once more. `timeoutMs`: deadline of one exchange.
 * @throws DatabricksError `misconfigured` when `host` is no address
 */
export function createWorkspaceTransport(deps: {
  readonly host: string
  readonly credentials: Credentials
  readonly http: HttpClient
  readonly clock: Clock
  readonly timeoutMs: number
}): Transport {
  const { credentials, http, clock, timeoutMs } = deps
  const baseUrl = workspaceOrigin(deps.host)
  return {
    baseUrl,
    async send({ path, ...request }, signal) {
      const what = `${request.method} ${path.replace(/\?.*/, '')}`
      const exchange = async (authorization: string): Promise<HttpResponse> => {
        const headers = {
          ...request.headers,
          'user-agent': userAgent(credentials.kind),
          ...(authorization === '' ? {} : { authorization }),
        }
        const response = await http.send({ ...request, url: `${baseUrl}${path}`, headers, timeoutMs }, signal)
        const { status } = response
        if (status >= 300 && status < 400) throw fromRedirect(what, response)
        if (status < 200 || status >= 400) throw fromStatus(what, response, authorization, clock.now())
        if (looksLikeHtml(response.text())) throw loginPage(what, status)
        return response
      }
      try {
        return await withAuthorization(credentials, exchange, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw toMlflowError(error)
      }
    },
  }
}
