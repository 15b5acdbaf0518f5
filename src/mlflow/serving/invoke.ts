import type { Clock } from '../../lib/clock.ts'
import { withAuthorization } from '../../lib/databricks/authorized.ts'
import type { Credentials } from '../../lib/databricks/credentials.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { restPath } from '../../lib/databricks/rest.ts'
import { fromRedirect, fromStatus } from '../../lib/databricks/response-error.ts'
import { userAgent } from '../../lib/databricks/user-agent.ts'
import { HttpError, type HttpClient, type HttpResponse } from '../../lib/http.ts'
import { parseJson } from '../../lib/json.ts'
import type { Endpoint, Invocation, InvokeOptions, Row } from '../serving.ts'
import { toServingError } from './errors.ts'
import { ServingError } from './serving-error.ts'
import { PredictionsAnswer } from './wire.ts'

const coldStartPollMs = 3000

/**
 * Asks the model behind an endpoint. A question is sent again only when the endpoint said that no model took it: each
 * costs a deck.
 */
export function createInvoke(deps: {
  readonly origin: string
  readonly credentials: Credentials
  readonly http: HttpClient
  readonly clock: Clock
  readonly find: (name: string, signal: AbortSignal) => Promise<Endpoint | undefined>
}): (name: string, rows: readonly Row[], options: InvokeOptions) => Promise<Invocation> {
  const { origin, credentials, http, clock } = deps

  async function ask(name: string, rows: readonly Row[], options: InvokeOptions): Promise<HttpResponse> {
    const endpoint = restPath('/serving-endpoints', name)
    const { entityName } = options
    const asked = entityName === undefined ? endpoint : restPath(`${endpoint}/served-models`, entityName)
    const path = `${asked}/invocations`
    const what = `POST ${path}`
    return withAuthorization(
      credentials,
      async (authorization) => {
        const response = await http.send(
          {
            method: 'POST',
            url: `${origin}${path}`,
            headers: {
              accept: 'application/json',
              'content-type': 'application/json',
              'user-agent': userAgent(credentials.kind),
              authorization,
            },
            body: JSON.stringify({ dataframe_records: rows }),
            timeoutMs: options.timeoutMs,
          },
          options.signal,
        )
        const { status } = response
        if (status >= 300 && status < 400) throw fromRedirect(what, response)
        if (status >= 400) throw fromStatus(what, response, authorization, clock.now())
        return response
      },
      options.signal,
    )
  }

  function read(name: string, rows: readonly Row[], response: HttpResponse): Invocation {
    const parsed = PredictionsAnswer.safeParse(parseJson(response.text()))
    if (parsed.success && parsed.data.predictions.length === rows.length) {
      return { predictions: parsed.data.predictions, servedBy: response.header('served-model-name') ?? '' }
    }
    const count = parsed.success ? `${parsed.data.predictions.length} predictions` : 'no predictions'
    throw new ServingError('model-failed', `Endpoint ${name} answered ${count}, expected ${rows.length}`, {
      userMessage: 'The deployed model gave an answer that we cannot read.',
    })
  }

  return async (name, rows, options) => {
    const { signal, coldStartMs = 0, onColdStart = () => {} } = options
    const deadlineAt = clock.now() + coldStartMs
    for (let tries = 1; ; tries += 1) {
      try {
        return read(name, rows, await ask(name, rows, options))
      } catch (error) {
        signal.throwIfAborted()
        const isStarting = isNotUp(error) && (await deps.find(name, signal)) !== undefined
        if (!isStarting) throw toInvokeError(error, name)
        if (clock.now() + coldStartPollMs > deadlineAt) throw notReady(name, error)
        if (tries === 1) onColdStart()
        await clock.sleep(Math.max(coldStartPollMs, error.retryAfterMs ?? 0), signal)
      }
    }
  }
}

/** Scaled to zero, starting, or between two versions: the request has reached no model. */
function isNotUp(error: unknown): error is DatabricksError {
  return error instanceof DatabricksError && (error.status === 404 || error.status === 503)
}

function notReady(name: string, cause: unknown): ServingError {
  return new ServingError('not-ready', `Cannot ask endpoint ${name}: its model is not up`, {
    userMessage: `The model behind ${name} is still starting. Please try again in a minute.`,
    cause,
  })
}

function toInvokeError(error: unknown, name: string): unknown {
  const to = `ask endpoint ${name}`
  if (error instanceof HttpError) {
    const code = error.code === 'timeout' ? 'timeout' : 'unreachable'
    const userMessage = `The deployed model did not answer${error.code === 'timeout' ? ' in time' : ''}.`
    return new ServingError(code, `Cannot ${to}: ${error.message}`, { userMessage, cause: error })
  }
  if (!(error instanceof DatabricksError)) return error
  if (error.code === 'bad-request' && /stopped/i.test(error.message)) return notReady(name, error)
  const isModels =
    error.code === 'bad-request' || (error.status !== undefined && [500, 502, 504].includes(error.status))
  if (!isModels) return toServingError(error, to)
  return new ServingError('model-failed', `Cannot ${to}: ${error.message}`, {
    userMessage: 'The deployed model failed on the question.',
    cause: error,
  })
}
