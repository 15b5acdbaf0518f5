import { z } from 'zod'
import type { Credentials } from '../../lib/databricks/credentials.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { workspaceOrigin } from '../../lib/databricks/host.ts'
import { restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import { userAgent } from '../../lib/databricks/user-agent.ts'
import type { HttpClient } from '../../lib/http.ts'
import { parsePrometheus, type Sample } from '../../lib/prometheus-text.ts'

const timeoutMs = 5000
const prefix = '/api/2.0/serving-endpoints'

const Endpoint = z.object({
  state: z.object({ ready: z.string(), config_update: z.string().optional() }).optional(),
})

/** Whether an endpoint can be asked. `unknown`: the workspace does not say, or not to us. */
export interface Readiness {
  readonly state: 'ready' | 'down' | 'unknown'
  /** For operators; '' when it is ready. */
  readonly why: string
}

/** How busy an endpoint is, by its own metrics of the last minute. Undefined is what it does not tell. */
export interface Utilisation {
  /** Percent, on average over its copies. */
  readonly cpuPercent: number | undefined
  readonly memoryPercent: number | undefined
  /** Requests that it can work on side by side right now; 0 while it is scaled to zero. */
  readonly concurrency: number | undefined
  readonly requests: number | undefined
  readonly errors4xx: number | undefined
  readonly errors5xx: number | undefined
}

/** What serving endpoints tell about themselves; what they serve and how to change it is in `serving.ts`. */
export interface EndpointReadings {
  /** Never rejects but with the signal's reason. */
  readiness(name: string, signal: AbortSignal): Promise<Readiness>
  /** @throws DatabricksError, HttpError, or the signal's reason */
  utilisation(name: string, signal: AbortSignal): Promise<Utilisation>
}

export function createEndpointReadings(deps: {
  readonly host: string
  readonly rest: DatabricksRest
  readonly credentials: Credentials
  readonly http: HttpClient
}): EndpointReadings {
  const { rest, credentials, http } = deps
  const origin = workspaceOrigin(deps.host)
  return {
    async readiness(name, signal) {
      const path = restPath(prefix, name)
      try {
        const { state } = await rest.call({ method: 'GET', path, schema: Endpoint, timeoutMs, retry: 'safe' }, signal)
        if (!state) return { state: 'unknown', why: 'it does not tell its state' }
        if (state.ready === 'READY') return { state: 'ready', why: '' }
        const update = state.config_update ? `, its last update ${state.config_update}` : ''
        return { state: 'down', why: `it is ${state.ready}${update}` }
      } catch (error) {
        signal.throwIfAborted()
        return fromError(error)
      }
    },

    async utilisation(name, signal) {
      const what = restPath(prefix, name, 'metrics')
      const response = await http.send(
        {
          method: 'GET',
          url: `${origin}${what}`,
          headers: {
            accept: 'text/plain',
            'user-agent': userAgent(credentials.kind),
            authorization: await credentials.authorization(signal),
          },
          timeoutMs,
        },
        signal,
      )
      if (response.status !== 200) {
        throw new DatabricksError('bad-answer', `GET ${what} answered ${response.status}, expected metrics as text`, {
          status: response.status,
          mayHaveHappened: true,
        })
      }
      return toUtilisation(parsePrometheus(response.text()))
    },
  }
}

/** Percentages are averaged over the endpoint's models, counts added up. */
function toUtilisation(samples: readonly Sample[]): Utilisation {
  const values = (name: string): number[] =>
    samples.filter((sample) => sample.name === name && Number.isFinite(sample.value)).map(({ value }) => value)
  const sum = (name: string): number | undefined => {
    const all = values(name)
    return all.length === 0 ? undefined : all.reduce((total, value) => total + value, 0)
  }
  const mean = (name: string): number | undefined => {
    const total = sum(name)
    return total === undefined ? undefined : total / values(name).length
  }
  return {
    cpuPercent: mean('cpu_usage_percentage'),
    memoryPercent: mean('mem_usage_percentage'),
    concurrency: sum('provisioned_concurrent_requests_total'),
    requests: sum('request_count_total'),
    errors4xx: sum('request_4xx_count_total'),
    errors5xx: sum('request_5xx_count_total'),
  }
}

/** An endpoint that is not there is down; a workspace that does not answer, or does not let us look, says nothing of it. */
function fromError(error: unknown): Readiness {
  if (error instanceof DatabricksError && error.code === 'not-found') return { state: 'down', why: 'it does not exist' }
  const why = error instanceof DatabricksError ? `it could not be asked (${error.code})` : 'it could not be asked'
  return { state: 'unknown', why }
}
