import type { Routes } from '../server.ts'
import type { Readiness } from './readiness.ts'

/**
 * For whoever watches the process: `GET /healthz` (it runs and answers), `GET /readyz` (it has what it needs; 503 when
 * not), `GET /metrics` (Prometheus text).
 */
export function healthRoutes(deps: {
  readonly readiness: Readiness
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
}): Routes {
  const { readiness, metrics } = deps
  return (scope) => {
    scope.get('/healthz', async () => ({ status: 'ok' }))

    scope.get('/readyz', async (_request, reply) => {
      const { ready, checks } = await readiness.check()
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', checks })
    })

    scope.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text()),
    )
  }
}
