import { createSpending } from './bot/monitoring/spending.ts'
import { readStatus, type ServiceStatus } from './bot/monitoring/status/status.ts'
import { systemClock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import { createHttpClient } from './lib/http.ts'
import { connectRedis } from './lib/redis.ts'
import { watchedEndpoints } from './monitoring.ts'
import type { Settings } from './settings.ts'
import { credentialsOf, logOf } from './workspace-access.ts'

/** Longest wait for endpoints that do not answer. */
const withinMs = 20_000

/** How the service is doing, asked of Redis and of the endpoints alone: it need not run here. @throws RedisError */
export async function serviceStatus(
  settings: Settings,
  env: Environment,
  hours: number,
  signal: AbortSignal,
): Promise<ServiceStatus> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const log = logOf(settings, env)
  const redis = parts.use(await connectRedis(settings.redis.url, { log }))
  const http = parts.use(createHttpClient())
  const credentials = credentialsOf(settings, { http, clock, log })
  const status = {
    redis,
    clock,
    environment: settings.environment,
    spending: createSpending({ redis, clock, timeZone: settings.budgets.timeZone }),
    budgets: settings.budgets,
    endpoints: watchedEndpoints(settings, { credentials, http, clock, log }),
  }
  return await readStatus(status, hours, AbortSignal.any([signal, AbortSignal.timeout(withinMs)]))
}
