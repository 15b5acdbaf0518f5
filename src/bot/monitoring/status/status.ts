import type { Redis } from 'ioredis'
import type { Clock } from '../../../lib/clock.ts'
import { describeError } from '../../../lib/errors.ts'
import type { Utilisation } from '../../../mlflow/serving/endpoint-readings.ts'
import { readOldestWait, readQueueDepth } from '../../mailbox/depth.ts'
import { timerNames, type TimerName } from '../../metrics.ts'
import { createAlertStore } from '../alerts/alert-store.ts'
import { rules, type AlertName } from '../alerts/rules.ts'
import type { EndpointState } from '../alerts/situation.ts'
import type { BudgetSettings } from '../budgets.ts'
import { readScaling, type EndpointScaling } from '../endpoint-load.ts'
import { readFigures } from '../figure-store.ts'
import { failedTurns, mergeSums, successRate, type FigureSums } from '../figure-sums.ts'
import { countOf, quantile } from '../histogram.ts'
import type { WatchedEndpoints } from '../monitor.ts'
import { readSpools } from '../spool-reports.ts'
import { scopes, type Scope, type Spending, type Spent } from '../spending.ts'

/** How the service is doing, for people and scripts. Times are in milliseconds, instants ISO 8601, money in US dollars. */
export interface ServiceStatus {
  readonly environment: string
  readonly at: string
  /** The figures are of turns that ended in the last so many hours. */
  readonly hours: number
  readonly alerts: {
    /** When some process last looked; '' when none has yet: then nothing is known of alerts. */
    readonly looked_at: string
    readonly on: readonly {
      readonly name: AlertName
      readonly title: string
      readonly since: string
      readonly text: string
      readonly runbook: string
    }[]
  }
  readonly turns: {
    readonly ended: number
    readonly failed: number
    readonly by_status: Readonly<Record<string, number>>
    /** 0 to 1; null where no turn tells. Turns that people stopped, or that were over budget, are not counted. */
    readonly success_rate: number | null
    readonly errors: Readonly<Record<string, number>>
    /** How often turns were taken up again after a worker fell away. */
    readonly retries: number
  }
  readonly times_ms: Readonly<Record<TimeName, Percentiles>>
  readonly platforms: Readonly<Record<string, PlatformStatus>>
  readonly cost_usd: number
  /** The last days, today first, whatever `hours` says. */
  readonly cost_per_day: readonly { readonly date: string; readonly usd: number }[]
  readonly tokens: FigureSums['tokens']
  readonly decks: number
  readonly slides: number
  readonly numbers: FigureSums['numbers']
  readonly queue: {
    readonly waiting_messages: number
    readonly busy_threads: number
    readonly oldest_wait_ms: number
    readonly undelivered_ends: number
    readonly dead_letters: number
  }
  /** What waits on all machines; null when no process has told lately. */
  readonly mlflow_spool: { readonly traces: number; readonly bytes: number; readonly oldest_ms: number } | null
  readonly budgets: readonly BudgetStatus[]
  readonly endpoints: readonly EndpointStatus[]
}

type TimeName = TimerName extends infer Name ? (Name extends `${infer Base}_ms` ? Base : never) : never

export interface Percentiles {
  readonly count: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

export interface PlatformStatus {
  readonly ended: number
  readonly success_rate: number | null
  readonly p95_ms: number | null
  readonly cost_usd: number
}

export interface BudgetStatus {
  readonly scope: Scope
  readonly usd_per_day: number
  /** How many have used all of theirs today. */
  readonly used_up: number
  /** Those who used most of it today, in the platform's ids. */
  readonly most: readonly { readonly name: string; readonly usd: number }[]
}

export interface EndpointStatus extends EndpointState {
  /** Only of the served agent's; what the endpoint does not tell is left out. */
  readonly utilisation?: Utilisation
  readonly scaling?: EndpointScaling
  /** Why there is no utilisation. */
  readonly problem?: string
}

export interface StatusDeps {
  readonly redis: Redis
  readonly clock: Clock
  readonly environment: string
  readonly spending: Pick<Spending, 'lately' | 'everyone'>
  readonly budgets: BudgetSettings
  readonly endpoints: WatchedEndpoints
}

const daysShown = 7
const spendersShown = 3

/** @throws when Redis is away, or the signal's reason */
export async function readStatus(deps: StatusDeps, hours: number, signal: AbortSignal): Promise<ServiceStatus> {
  const { redis, clock, spending, budgets } = deps
  const at = clock.now()
  const store = createAlertStore(redis)
  const [figures, days, everyone, depth, oldestWaitMs, spool, alerts, lookedAt, endpoints] = await Promise.all([
    readFigures(redis, at, hours * 3_600_000),
    spending.lately(daysShown),
    spending.everyone(),
    readQueueDepth(redis),
    readOldestWait(redis, at),
    readSpools(redis, at),
    store.read(),
    store.lookedAt(),
    askEndpoints(deps, hours, signal),
  ])
  const all = mergeSums(figures.values())
  return {
    environment: deps.environment,
    at: iso(at),
    hours,
    alerts: {
      looked_at: lookedAt === undefined ? '' : iso(lookedAt),
      on: [...alerts].flatMap(([name, { isOn, since, text }]) => {
        const { title, section } = rules[name]
        return isOn ? [{ name, title, since: iso(since), text, runbook: `docs/runbook.md#${section}` }] : []
      }),
    },
    turns: {
      ended: all.turns,
      failed: failedTurns(all),
      by_status: all.statuses,
      success_rate: successRate(all) ?? null,
      errors: all.errors,
      retries: all.retries,
    },
    times_ms: Object.fromEntries(
      timerNames.map((name) => [name.replace(/_ms$/, ''), percentiles(all, name)]),
    ) as ServiceStatus['times_ms'],
    platforms: Object.fromEntries([...figures].map(([name, sums]) => [name, platformStatus(sums)])),
    cost_usd: all.costUsd,
    cost_per_day: days,
    tokens: all.tokens,
    decks: all.decks,
    slides: all.slides,
    numbers: all.numbers,
    queue: {
      waiting_messages: depth.waitingMessages,
      busy_threads: depth.busyThreads,
      oldest_wait_ms: oldestWaitMs,
      undelivered_ends: depth.undeliveredEnds,
      dead_letters: depth.deadLetters,
    },
    mlflow_spool: spool ? { traces: spool.traces, bytes: spool.bytes, oldest_ms: spool.oldestMs } : null,
    budgets: scopes.flatMap((scope) => budgetStatus(scope, budgets.usdPerDay[scope], everyone)),
    endpoints,
  }
}

function percentiles(sums: FigureSums, name: TimerName): Percentiles {
  const histogram = sums.times[name]
  const at = (share: number): number | null => {
    const ms = quantile(histogram, share)
    return ms === undefined ? null : Math.round(ms)
  }
  return { count: countOf(histogram), p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function platformStatus(sums: FigureSums): PlatformStatus {
  return {
    ended: sums.turns,
    success_rate: successRate(sums) ?? null,
    p95_ms: percentiles(sums, 'turn_ms').p95,
    cost_usd: sums.costUsd,
  }
}

function budgetStatus(scope: Scope, usdPerDay: number, everyone: readonly Spent[]): BudgetStatus[] {
  if (usdPerDay === 0) return []
  const spent = everyone.filter((each) => each.scope === scope).toSorted((a, b) => b.usd - a.usd)
  return [
    {
      scope,
      usd_per_day: usdPerDay,
      used_up: spent.filter(({ usd }) => usd >= usdPerDay).length,
      most: spent.slice(0, spendersShown).map(({ name, usd }) => ({ name, usd })),
    },
  ]
}

function askEndpoints(deps: StatusDeps, hours: number, signal: AbortSignal): Promise<EndpointStatus[]> {
  const { serving, names, scaled } = deps.endpoints
  return Promise.all(
    names.map(async (name): Promise<EndpointStatus> => {
      const readiness = await serving.readiness(name, signal)
      if (name !== scaled) return { name, ...readiness }
      const scaling = await readScaling(deps.redis, name, deps.clock.now(), hours)
      try {
        return { name, ...readiness, utilisation: await serving.utilisation(name, signal), scaling }
      } catch (error) {
        signal.throwIfAborted()
        return { name, ...readiness, problem: describeError(error), scaling }
      }
    }),
  )
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
