import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { Waiting } from '../../mlflow/sending/spool.ts'
import { readOldestWait } from '../mailbox/depth.ts'
import { createAlertStore } from './alerts/alert-store.ts'
import { alertNames } from './alerts/rules.ts'
import type { BudgetSettings } from './budgets.ts'
import { scopes, type Spending } from './spending.ts'

/** One value of a gauge. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What gauges tell beside the queue's, by their names without `deckhand_`. */
export const gaugeHelp = {
  oldest_wait_seconds: 'How long the oldest question waits that no worker has taken up',
  mlflow_spool_traces: 'Traces that wait for MLflow on this machine',
  mlflow_spool_bytes: 'Room they take on disk',
  mlflow_spool_oldest_seconds: 'How long the oldest of them waits',
  cost_today_usd: 'US dollars that all turns of the day have cost',
  budget_use_ratio: 'Share of the daily budget that is used by whoever used most of it',
  alert_on: '1 while an alert is on',
} as const
export type GaugeName = keyof typeof gaugeHelp

export interface GaugeDeps {
  readonly redis: Redis
  readonly clock: Clock
  readonly waiting: () => Promise<Waiting>
  readonly spending: Pick<Spending, 'lately' | 'everyone'>
  readonly budgets: BudgetSettings
}

/** What the gauges show right now. @throws when Redis or the spool cannot be read */
export async function readGauges(deps: GaugeDeps): Promise<Readonly<Record<GaugeName, readonly Reading[]>>> {
  const { redis, clock, spending, budgets } = deps
  const at = clock.now()
  const [oldestWaitMs, { traces, bytes, oldestAt = at }, [today], everyone, alerts] = await Promise.all([
    readOldestWait(redis, at),
    deps.waiting(),
    spending.lately(1),
    spending.everyone(),
    createAlertStore(redis).read(),
  ])
  const plain = (value: number): readonly Reading[] => [{ labels: {}, value }]
  return {
    oldest_wait_seconds: plain(oldestWaitMs / 1000),
    mlflow_spool_traces: plain(traces),
    mlflow_spool_bytes: plain(bytes),
    mlflow_spool_oldest_seconds: plain(Math.max(0, at - oldestAt) / 1000),
    cost_today_usd: plain(today?.usd ?? 0),
    budget_use_ratio: scopes.flatMap((scope) => {
      const limit = budgets.usdPerDay[scope]
      if (limit === 0) return []
      const most = Math.max(0, ...everyone.filter((each) => each.scope === scope).map(({ usd }) => usd))
      return [{ labels: { scope }, value: most / limit }]
    }),
    alert_on: alertNames.map((alert) => ({ labels: { alert }, value: alerts.get(alert)?.isOn ? 1 : 0 })),
  }
}
