import { Redis } from 'ioredis'
import { silentLogger } from '../../../src/lib/log.ts'
import type { RegisteredFolder } from '../../../src/mlflow/registry.ts'
import type { Person, ReleaseEvent, ReleaseResult, ReleaseRun, Releases, Wish } from '../../../src/mlflow/release.ts'
import { createReleases, type ReleaseDeps } from '../../../src/mlflow/release/create-releases.ts'
import type { ReleaseEnvironment } from '../../../src/mlflow/release/environment.ts'
import { createRedisReleaseStore } from '../../../src/mlflow/release/redis-store.ts'
import { noSourceChanges } from '../../../src/mlflow/release/source-changes.ts'
import type { ReleaseStore } from '../../../src/mlflow/release/store.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { connectTo, createWorkspace, type Call, type Workspace } from './stand-ins.ts'

export const ann: Person = { id: 'slack:T1:ANN', name: 'Ann' }
export const ben: Person = { id: 'slack:T1:BEN', name: 'Ben' }
export const nobody: Person = { id: 'process', name: 'Deckhand' }

export const folder: RegisteredFolder = {
  dir: '/models/slide-agent',
  version: '1.4.0',
  commit: '0123456789abcdef',
  contentHash: 'b'.repeat(64),
}

export const minute = 60_000

/** A workspace and a Redis that processes come to and leave. */
export interface Bench extends AsyncDisposable {
  readonly workspace: Workspace
  readonly clock: ManualClock
  readonly redis: Redis
  /** Another process, with its own connections to the same workspace and Redis. */
  open(options?: ProcessOptions): Releases
  /** As time does to a lease that nobody renews. */
  expireLease(environment?: string): Promise<void>
}

export interface ProcessOptions extends Partial<
  Omit<ReleaseDeps, 'registry' | 'endpoints' | 'store' | 'environments'>
> {
  readonly call?: Call
  readonly environment?: Partial<ReleaseEnvironment>
}

export async function openBench(): Promise<Bench> {
  const redis = new Redis(await isolatedRedisUrl())
  const clock = createManualClock(Date.UTC(2026, 10, 23, 9), { autoAdvance: true })
  const workspace = createWorkspace()
  return {
    workspace,
    clock,
    redis,
    open({ call = straight, environment, ...more } = {}) {
      const store = createRedisReleaseStore(redis, () => clock.now())
      return createReleases({
        ...connectTo(workspace, clock, call),
        store: counted(store, call),
        environments: [
          prod(environment),
          { ...prod(), name: 'dev', endpointName: 'deckhand-dev', needsApproval: false, movesAliases: false },
        ],
        findSourceChange: noSourceChanges,
        clock,
        log: silentLogger,
        redact: (text) => text,
        ...more,
      })
    },
    async expireLease(environment = 'prod') {
      await redis.del(`deckhand:release:{${environment}}:lease`)
    },
    async [Symbol.asyncDispose]() {
      await redis.quit()
    },
  }
}

export function prod(more: Partial<ReleaseEnvironment> = {}): ReleaseEnvironment {
  return {
    name: 'prod',
    endpointName: 'deckhand',
    entitySettings: { workload_size: 'Small', scale_to_zero_enabled: false },
    movesAliases: true,
    needsApproval: true,
    canary: [],
    smokeQuestions: ['How many customers do we have?'],
    expectsTrace: true,
    timeouts: {
      registerMs: 10 * minute,
      updateMs: 30 * minute,
      questionMs: 2 * minute,
      planMs: 60 * minute,
      resumeMs: 120 * minute,
    },
    ...more,
  }
}

const straight: Call = async (_name, work) => work()

/** Each call to the store is a call that leaves the process. */
function counted(store: ReleaseStore, call: Call): ReleaseStore {
  return new Proxy(store, {
    get(target, name: keyof ReleaseStore) {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>
      return (...args: unknown[]) => call(`store ${name}`, () => method.apply(target, args))
    },
  })
}

/** Plans as Ann, approves as Ben, deploys as Ann. */
export async function deploy(releases: Releases, wish: Wish = {}, environment = 'prod'): Promise<ReleaseResult> {
  return (await startDeploy(releases, wish, environment)).result
}

export async function startDeploy(releases: Releases, wish: Wish = {}, environment = 'prod'): Promise<ReleaseRun> {
  const plan = await releases.plan(environment, wish, ann)
  if (plan.needsApproval) await releases.approve(environment, plan.hash, ben)
  return releases.deploy(environment, plan.hash, ann)
}

export async function resumeAll(releases: Releases): Promise<readonly ReleaseResult[]> {
  const runs = await releases.resume(nobody)
  return Promise.all(runs.map(({ result }) => result))
}

export async function eventsOf(run: ReleaseRun): Promise<readonly ReleaseEvent[]> {
  const events: ReleaseEvent[] = []
  for await (const event of run) events.push(event)
  return events
}

/** What users and aliases get: `v1 100 | champion 1, previous -`. */
export function stateOf({ workspace }: Bench, endpoint = 'deckhand'): string {
  const stored = workspace.endpoints.get(endpoint)
  const serving = stored
    ? (stored.config?.entities ?? []).map(({ name, trafficPercent }) => `${name} ${trafficPercent}`).join(', ')
    : 'no endpoint'
  const { aliases } = workspace
  return `${serving} | champion ${aliases.get('champion') ?? '-'}, previous ${aliases.get('previous') ?? '-'}`
}
