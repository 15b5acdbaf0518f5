import type { Clock } from '../../lib/clock.ts'
import type { Credentials } from '../../lib/databricks/credentials.ts'
import { workspaceOrigin } from '../../lib/databricks/host.ts'
import { restPath, type DatabricksRest, type RestCall } from '../../lib/databricks/rest.ts'
import type { HttpClient } from '../../lib/http.ts'
import type { Endpoint, EndpointConfig, ServingEndpoints } from '../serving.ts'
import { mayHaveHappened, toServingError } from './errors.ts'
import { createInvoke } from './invoke.ts'
import { ServingError } from './serving-error.ts'
import { createWait } from './wait-until-ready.ts'
import { Anything, EndpointAnswer, LogsAnswer, serves, toEndpoint, toInput } from './wire.ts'

const prefix = '/api/2.0/serving-endpoints'
const timeoutMs = 60_000

/** @throws DatabricksError `misconfigured` when `host` is no address */
export function createServing(deps: {
  readonly host: string
  readonly rest: DatabricksRest
  readonly credentials: Credentials
  readonly http: HttpClient
  readonly clock: Clock
}): ServingEndpoints {
  const { rest } = deps
  const origin = workspaceOrigin(deps.host)
  const link = (name: string): string => `${origin}/ml/endpoints/${encodeURIComponent(name)}`

  async function call<T>(
    to: string,
    request: Pick<RestCall<T>, 'method' | 'path' | 'body' | 'schema' | 'retry'>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await rest.call({ ...request, timeoutMs }, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw toServingError(error, to)
    }
  }

  async function find(name: string, signal: AbortSignal): Promise<Endpoint | undefined> {
    const to = `look at endpoint ${name}`
    const path = restPath(prefix, name)
    try {
      return toEndpoint(await call(to, { method: 'GET', path, schema: EndpointAnswer, retry: 'safe' }, signal))
    } catch (error) {
      if (error instanceof ServingError && error.code === 'not-found') return undefined
      throw error
    }
  }

  /** True when the endpoint has, or is changing to, what was asked for: an answer was lost after the work was done. */
  async function isAsked(name: string, config: EndpointConfig, signal: AbortSignal): Promise<boolean> {
    const endpoint = await find(name, signal)
    if (!endpoint) return false
    if (endpoint.update === 'running') return serves(endpoint.pending ?? endpoint.config, config)
    return endpoint.update === 'none' && serves(endpoint.config, config)
  }

  async function logsOf(
    kind: 'build-logs' | 'logs',
    name: string,
    entity: string,
    signal: AbortSignal,
  ): Promise<string> {
    const path = `${restPath(`${restPath(prefix, name)}/served-models`, entity)}/${kind}`
    const to = `read the ${kind === 'logs' ? 'log' : 'build log'} of ${entity} at endpoint ${name}`
    try {
      return (await call(to, { method: 'GET', path, schema: LogsAnswer, retry: 'safe' }, signal)).logs
    } catch (error) {
      if (error instanceof ServingError && error.code === 'not-found') return ''
      throw error
    }
  }

  const endpoints: ServingEndpoints = {
    link,
    find,
    async create(name, config, tags, signal) {
      const body = {
        name,
        config: toInput(config),
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }
      const request = { method: 'POST', path: prefix, body, schema: Anything, retry: 'never-after-send' } as const
      try {
        await call(`create endpoint ${name}`, request, signal)
      } catch (error) {
        const exists = error instanceof ServingError && error.code === 'conflict'
        if (!exists && !mayHaveHappened(error)) throw error
        if (!(await isAsked(name, config, signal))) throw error
      }
    },
    async updateConfig(name, config, signal) {
      const path = `${restPath(prefix, name)}/config`
      const body = toInput(config)
      const request = { method: 'PUT', path, body, schema: Anything, retry: 'never-after-send' } as const
      try {
        await call(`change endpoint ${name}`, request, signal)
      } catch (error) {
        const isBusy = error instanceof ServingError && error.code === 'busy'
        if (!isBusy && !mayHaveHappened(error)) throw error
        if (!(await isAsked(name, config, signal))) throw error
      }
    },
    async delete(name, signal) {
      const path = restPath(prefix, name)
      try {
        await call(`delete endpoint ${name}`, { method: 'DELETE', path, schema: Anything, retry: 'safe' }, signal)
      } catch (error) {
        if (!(error instanceof ServingError) || error.code !== 'not-found') throw error
      }
    },
    buildLogs: (name, entity, signal) => logsOf('build-logs', name, entity, signal),
    logs: (name, entity, signal) => logsOf('logs', name, entity, signal),
    waitUntilReady: (name, wanted, options) => wait(name, wanted, options),
    invoke: createInvoke({ ...deps, origin, find }),
  }
  const wait = createWait({ endpoints, clock: deps.clock })
  return endpoints
}
