import { notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'

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
  /** Makes the endpoint, or changes what it tells. */
  set(name: string, about?: Partial<SandboxEndpoint>): void
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

/** The state of serving endpoints and their metrics export. There is the chat model's endpoint, and what is set. */
export function createEndpoints(): { readonly controls: SandboxEndpoints; readonly routes: readonly Route[] } {
  const endpoints = new Map<string, SandboxEndpoint>([['sandbox-analyst', quiet]])
  const find = (name = ''): SandboxEndpoint => {
    const endpoint = endpoints.get(name)
    if (!endpoint) throw notFound(`Endpoint with name '${name}' does not exist.`)
    return endpoint
  }
  return {
    controls: {
      set: (name, about = {}) => void endpoints.set(name, { ...quiet, ...endpoints.get(name), ...about }),
    },
    routes: [
      {
        method: 'GET',
        path: '/api/2.0/serving-endpoints/:name',
        kind: 'serving.get',
        handle({ params }) {
          const { ready, configUpdate } = find(params['name'])
          return ok({ name: params['name'], state: { ready, config_update: configUpdate } })
        },
      },
      {
        method: 'GET',
        path: '/api/2.0/serving-endpoints/:name/metrics',
        kind: 'serving.metrics',
        handle: ({ params }) => ok(toPrometheus(find(params['name'])), { 'content-type': 'text/plain; charset=utf-8' }),
      },
    ],
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
