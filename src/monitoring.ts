import { hostname } from 'node:os'
import type { Announcer } from './bot/monitoring/alerts/announcer.ts'
import { createBudgets, type Budgets } from './bot/monitoring/budgets.ts'
import { readGauges } from './bot/monitoring/gauges.ts'
import { startMonitor, type WatchedEndpoints } from './bot/monitoring/monitor.ts'
import { createSpending, type Spending } from './bot/monitoring/spending.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import { createEndpointReadings } from './mlflow/serving/endpoint-readings.ts'
import type { Parts } from './parts.ts'
import type { Settings } from './settings.ts'

/** What a process of the service does about its own health and cost. Disposing it ends the looking. */
export interface Monitoring extends AsyncDisposable {
  readonly budgets: Budgets
  readonly spending: Spending
}

/** `announcers`: where alerts are said, beside the log. */
export function startMonitoring(settings: Settings, parts: Parts, announcers: readonly Announcer[]): Monitoring {
  const { redis, clock, log, tracing } = parts
  const spending = createSpending({ redis, clock, timeZone: settings.budgets.timeZone })
  const monitor = startMonitor({
    redis,
    clock,
    log,
    settings: settings.alerts,
    spending,
    waiting: () => tracing.waiting(),
    // Two installations on one machine have folders of their own.
    machine: `${hostname()}:${settings.mlflow.tracing.spoolDir}`,
    endpoints: watchedEndpoints(settings, parts),
    announcers,
    environment: settings.environment,
    runbookUrl: settings.alerts.runbookUrl,
  })
  return {
    budgets: createBudgets({ settings: settings.budgets, spending, clock, log }),
    spending,
    [Symbol.asyncDispose]: () => monitor[Symbol.asyncDispose](),
  }
}

/** What `/metrics` tells of the service as a whole. `redis` is one whose callers do not wait long. */
export function gaugeReadings(
  { budgets }: Settings,
  parts: Pick<Parts, 'redis' | 'clock' | 'tracing'>,
): () => ReturnType<typeof readGauges> {
  const { redis, clock, tracing } = parts
  const spending = createSpending({ redis, clock, timeZone: budgets.timeZone })
  return () => readGauges({ redis, clock, spending, budgets, waiting: () => tracing.waiting() })
}

/** The chat model's endpoint, unless another server has it, and the served agent's, where the settings name it. */
export function watchedEndpoints(
  settings: Settings,
  parts: Pick<Parts, 'credentials' | 'http' | 'clock' | 'log'>,
): WatchedEndpoints {
  const { host } = settings.databricks
  const served = settings.mlflow.serving[settings.environment]?.endpoint_name ?? ''
  const names = [settings.llm.baseUrl === '' ? settings.llm.endpoint : '', served]
  const serving = createEndpointReadings({ host, ...parts, rest: createDatabricksRest({ host, ...parts }) })
  return { serving, names: [...new Set(names.filter((name) => name !== ''))], scaled: served }
}
