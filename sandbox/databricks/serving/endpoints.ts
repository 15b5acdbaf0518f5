import { z } from 'zod'
import { isChatEndpoint } from '../chat/routes.ts'
import { ApiError, notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { parse } from '../mlflow/body.ts'
import type { Catalog } from '../unity-catalog/catalog.ts'
import { parseConfig } from './config.ts'
import type { ServeModel } from './deployment.ts'
import { createServedEndpoint, type ServedEndpoint } from './endpoint.ts'

/** A serving endpoint as far as it tells about itself. Figures are of the last minute. */
export interface SandboxEndpoint {
  readonly ready: 'READY' | 'NOT_READY'
  readonly configUpdate: 'NOT_UPDATING' | 'IN_PROGRESS' | 'UPDATE_FAILED' | 'UPDATE_CANCELED'
  readonly cpuPercent: number
  readonly memoryPercent: number
  /** Requests that it can work on side by side; 0 while it is scaled to zero. */
  readonly concurrency: number
  readonly requests: number
  readonly errors4xx: number
  readonly errors5xx: number
}

/** What a test or a person sets about the workspace's endpoints. */
export interface SandboxEndpoints {
  /** Makes an endpoint that serves nothing, or changes what it tells. */
  set(name: string, about?: Partial<SandboxEndpoint>): void
  /** Environment variables of served models refer to it as `{{secrets/scope/key}}`. There is `deckhand/databricks_token`. */
  putSecret(scope: string, key: string, value: string): void
  /** Lets an update that hangs fail. */
  giveUp(name: string): void
  /** Resolves when the endpoint has no change under way. */
  settled(name: string): Promise<void>
  /** Ends a model's program, as a crash would. */
  crash(name: string, entityName: string): Promise<void>
}

const quiet: SandboxEndpoint = {
  ready: 'READY',
  configUpdate: 'NOT_UPDATING',
  cpuPercent: 2.3,
  memoryPercent: 6.8,
  concurrency: 4,
  requests: 0,
  errors4xx: 0,
  errors5xx: 0,
}

const prefix = '/api/2.0/serving-endpoints'
const Create = z.object({
  name: z.string().regex(/^[A-Za-z0-9][\w-]{0,62}$/),
  config: z.unknown(),
  tags: z.array(z.object({ key: z.string(), value: z.string().optional() })).default([]),
})
const Records = z.object({ dataframe_records: z.array(z.unknown()) })

export interface RunningEndpoints extends AsyncDisposable {
  readonly controls: SandboxEndpoints
  readonly routes: readonly Route[]
}

/**
 * Serving endpoints that run the model versions of the catalog, one program per served entity, with their states and
 * metrics. There is the chat model's endpoint, what is set, and what is made through the API.
 */
export function createEndpoints(options: {
  readonly catalog: Catalog
  readonly serve: ServeModel
  readonly creator: string
  readonly now: () => number
}): RunningEndpoints {
  const told = new Map<string, SandboxEndpoint>([['sandbox-analyst', quiet]])
  const served = new Map<string, ServedEndpoint>()
  const secrets = new Map<string, string>()
  const missing = (name = ''): ApiError => notFound(`Endpoint with name '${name}' does not exist.`)
  const find = (name = ''): ServedEndpoint => {
    const endpoint = served.get(name)
    if (!endpoint) throw missing(name)
    return endpoint
  }
  const showTold = (name: string, { ready, configUpdate }: SandboxEndpoint): object => ({
    name,
    state: { ready, config_update: configUpdate },
  })

  const controls: SandboxEndpoints = {
    set: (name, about = {}) => void told.set(name, { ...quiet, ...told.get(name), ...about }),
    putSecret: (scope, key, value) => void secrets.set(`${scope}/${key}`, value),
    giveUp: (name) => find(name).giveUp(),
    settled: (name) => find(name).settled(),
    async crash(name, entityName) {
      await find(name).deployment(entityName).server?.[Symbol.asyncDispose]()
    },
  }

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: prefix,
      kind: 'serving.list',
      handle: () =>
        ok({
          endpoints: [
            ...[...told].map(([name, about]) => showTold(name, about)),
            ...[...served.values()].map((endpoint) => endpoint.show()),
          ],
        }),
    },
    {
      method: 'POST',
      path: prefix,
      kind: 'serving.create',
      handle({ json, fault }) {
        const { name, config, tags } = parse(Create, json)
        if (served.has(name) || told.has(name)) {
          throw new ApiError(409, 'RESOURCE_ALREADY_EXISTS', `Endpoint with name '${name}' already exists.`)
        }
        const { creator, now, catalog, serve } = options
        const secret = (scope: string, key: string): string | undefined => secrets.get(`${scope}/${key}`)
        const input = parseConfig(config)
        const endpoint = createServedEndpoint({ name, creator, tags, now, deps: { catalog, serve, secret } })
        served.set(name, endpoint)
        endpoint.change(input, fault)
        return ok(endpoint.show())
      },
    },
    {
      method: 'GET',
      path: `${prefix}/:name`,
      kind: 'serving.get',
      handle({ params: { name = '' }, fault }) {
        const about = told.get(name)
        const shown = about ? showTold(name, about) : find(name).show()
        return ok(
          fault?.kind === 'endpoint-flaps'
            ? { ...shown, state: { ready: 'NOT_READY', config_update: 'NOT_UPDATING' } }
            : shown,
        )
      },
    },
    {
      method: 'PUT',
      path: `${prefix}/:name/config`,
      kind: 'serving.update',
      handle({ params, json, fault }) {
        const endpoint = find(params['name'])
        endpoint.change(parseConfig(json), fault)
        return ok(endpoint.show())
      },
    },
    {
      method: 'DELETE',
      path: `${prefix}/:name`,
      kind: 'serving.delete',
      async handle({ params: { name = '' } }) {
        const endpoint = find(name)
        served.delete(name)
        await endpoint[Symbol.asyncDispose]()
        return ok()
      },
    },
    {
      method: 'GET',
      path: `${prefix}/:name/served-models/:entity/build-logs`,
      kind: 'serving.build-logs',
      handle: ({ params }) => ok({ logs: find(params['name']).deployment(params['entity'] ?? '').buildLog }),
    },
    {
      method: 'GET',
      path: `${prefix}/:name/served-models/:entity/logs`,
      kind: 'serving.logs',
      handle: ({ params }) =>
        ok({
          logs: find(params['name'])
            .deployment(params['entity'] ?? '')
            .serverLog(),
        }),
    },
    {
      method: 'GET',
      path: `${prefix}/:name/metrics`,
      kind: 'serving.metrics',
      handle({ params: { name = '' } }) {
        const about = told.get(name) ?? figuresOf(find(name))
        return ok(toPrometheus(about), { 'content-type': 'text/plain; charset=utf-8' })
      },
    },
    // One served entity can be asked, whatever its share of the traffic.
    ...['/serving-endpoints/:name/invocations', '/serving-endpoints/:name/served-models/:entity/invocations'].map(
      (path): Route => ({
        method: 'POST',
        path,
        kind: 'serving.invoke',
        applies: ({ name = '' }) => !isChatEndpoint(name),
        raw: true, // a deck that comes back is larger than what a chat model takes
        async handle({ params, json, bytes, fault, signal }) {
          const endpoint = find(params['name'])
          if (fault?.kind === 'wrong-answer') {
            const { dataframe_records: rows } = parse(Records, json)
            const [first] = fault.predictions
            return ok({ predictions: first === undefined ? [] : rows.map((_, at) => fault.predictions[at] ?? first) })
          }
          const { status, body, servedBy } = await endpoint.invoke(bytes, params['entity'], signal)
          return { status, body, headers: { 'served-model-name': servedBy } }
        },
      }),
    ),
  ]

  return {
    controls,
    routes,
    async [Symbol.asyncDispose]() {
      await Promise.all([...served.values()].map((endpoint) => endpoint[Symbol.asyncDispose]()))
    },
  }
}

/** Counts are real and of all time; how busy the machine is, nobody measures. */
function figuresOf(endpoint: ServedEndpoint): SandboxEndpoint {
  const sum = (name: 'requests' | 'errors4xx' | 'errors5xx'): number =>
    endpoint.deployments.reduce((total, { served }) => total + served[name], 0)
  return {
    ...quiet,
    concurrency: endpoint.isReady ? 4 : 0,
    requests: sum('requests'),
    errors4xx: sum('errors4xx'),
    errors5xx: sum('errors5xx'),
  }
}

/** The names that the vendor's guide to the metrics export lists as gauges. */
function toPrometheus(endpoint: SandboxEndpoint): string {
  const gauges = {
    cpu_usage_percentage: endpoint.cpuPercent,
    mem_usage_percentage: endpoint.memoryPercent,
    provisioned_concurrent_requests_total: endpoint.concurrency,
    request_count_total: endpoint.requests,
    request_4xx_count_total: endpoint.errors4xx,
    request_5xx_count_total: endpoint.errors5xx,
  }
  return Object.entries(gauges)
    .map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`)
    .join('')
}
