import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Redact } from '../redact.ts'
import type { ModelRegistry } from '../registry.ts'
import type { ReleaseRun, Releases, RollbackOptions } from '../release.ts'
import type { ServingEndpoints } from '../serving.ts'
import { createAttempts } from './attempts.ts'
import type { ReleaseEnvironment } from './environment.ts'
import type { Judge } from './judge.ts'
import { factsNow, makePlan } from './make-plan.ts'
import type { Operation, Person } from './operation.ts'
import { changedFacts, type Plan } from './plan.ts'
import { ReleaseError } from './release-error.ts'
import { askSmokeQuestions } from './smoke.ts'
import type { FindSourceChange } from './source-changes.ts'
import { createStarter } from './starter.ts'
import { statusOf } from './status.ts'
import type { ReleaseStore } from './store.ts'
import { findWayBack, withState, type FoundWayBack } from './way-back.ts'
import { lookAt, lookWithin, type World } from './world.ts'

export interface ReleaseDeps {
  readonly registry: ModelRegistry
  readonly endpoints: ServingEndpoints
  readonly store: ReleaseStore
  readonly environments: readonly ReleaseEnvironment[]
  /** Undefined: a canary is only waited for. */
  readonly judge?: Judge
  readonly findSourceChange: FindSourceChange
  readonly clock: Clock
  readonly log: Logger
  readonly redact: Redact
  /** A release of a process that died is gone on with after this long (default 30 s). */
  readonly leaseMs?: number
}

const longHistory = 200

export function createReleases(deps: ReleaseDeps): Releases {
  const { store, registry, endpoints, clock, leaseMs = 30_000 } = deps
  const attempts = createAttempts(deps)
  const { audited } = attempts
  const starter = createStarter({ ...deps, judge: deps.judge, leaseMs, attempts, environmentOf })

  function environmentOf(name: string): ReleaseEnvironment {
    const found = deps.environments.find((environment) => environment.name === name)
    if (found && found.endpointName !== '') return found
    const known = deps.environments.filter(({ endpointName }) => endpointName !== '').map((each) => each.name)
    throw new ReleaseError(
      'unknown-environment',
      found
        ? `${name} has no serving endpoint: set serving.${name}.endpoint_name in mlflow.yaml`
        : `There is no environment ${name}${known.length > 0 ? `, only ${known.join(' and ')}` : ''}`,
    )
  }

  async function approvalFor(plan: Plan, who: Person, approves: boolean): Promise<Person | null> {
    if (!plan.needsApproval) return null
    if (approves) return who
    const approval = await store.findApproval(plan.facts.environment, plan.hash)
    if (approval) return approval.who
    throw new ReleaseError('not-approved', `Plan ${plan.hash} is not approved: a second person has to approve it`)
  }

  async function findPlan(environment: string, hash: string): Promise<Plan> {
    const plan = await store.findPlan(environment, hash)
    if (plan) return plan
    throw new ReleaseError('expired', `Plan ${hash} for ${environment} is not there, or too old; make a new one`)
  }

  async function wayBackOf(environment: ReleaseEnvironment, world: World, to?: string): Promise<FoundWayBack> {
    const history = await store.history(environment.name, longHistory)
    return findWayBack(environment, { world, history, modelName: registry.modelName, to })
  }

  return {
    plan(name, wish, who, options = {}) {
      return audited(
        { environment: name, action: 'plan', who },
        async () => {
          const environment = environmentOf(name)
          const signal = lookWithin(options.signal)
          const world = await lookAt(deps, environment, signal)
          const plan = await makePlan(deps, environment, world, { wish, who, at: clock.now(), signal })
          if (!options.isDryRun) await store.keepPlan(plan)
          return plan
        },
        options.isDryRun ? undefined : ({ hash, reason }) => ({ planHash: hash, detail: reason }),
      )
    },

    approve(name, planHash, who) {
      return audited(
        { environment: name, action: 'approve', who, planHash },
        async () => {
          environmentOf(name)
          const plan = await findPlan(name, planHash)
          if (plan.who.id === who.id) {
            throw new ReleaseError(
              'own-approval',
              `${who.name} has made plan ${planHash}: somebody else has to approve it`,
            )
          }
          const approval = await store.approve(name, { planHash, who, at: clock.now() })
          if (!approval) throw new ReleaseError('expired', `Plan ${planHash} for ${name} is too old; make a new one`)
          return approval
        },
        ({ who: first }) => ({ detail: `approved by ${first.name}` }),
      )
    },

    deploy(name, planHash, who, options = {}) {
      const signal = options.signal ?? new AbortController().signal
      const approves = options.approves ?? false
      return starter.release(
        { environment: name, action: 'deploy', who, planHash },
        signal,
        async (environment, look) => {
          const plan = await findPlan(name, planHash)
          const approvedBy = await approvalFor(plan, who, approves)
          const world = await look()
          const { endpoint, drift, record } = world
          if (endpoint?.update === 'running') {
            throw new ReleaseError('busy', `Endpoint ${environment.endpointName} is being changed by somebody else`)
          }
          const now = await factsNow(registry, plan, environment, world, lookWithin(signal))
          const changed = changedFacts(plan.facts, now)
          if (changed.length > 0) {
            throw new ReleaseError('changed', `Not as planned any more: ${changed.join('; ')}; make a new plan`)
          }
          if (drift.length > 0 && !plan.acceptsDrift) {
            throw new ReleaseError(
              'drift',
              `Endpoint ${environment.endpointName} was changed since our last release: ${drift.join('; ')}`,
              {
                userMessage: `Somebody has changed the endpoint of ${name} by hand: ${drift.join('; ')}. Plan again and say that this may be lost.`,
              },
            )
          }
          return (id) => ({
            ...beginning(id, environment, world, who, clock.now()),
            kind: 'deploy',
            approvedBy,
            reason: plan.reason,
            planHash,
            folder: plan.folder,
            version: plan.facts.version,
            canary: plan.facts.canary,
            goal: null,
            wayBackAfter: [...withState(world.served, record?.wayBack ?? [])],
          })
        },
        async () => {
          await approvalFor(await findPlan(name, planHash), who, approves)
        },
      )
    },

    async previewRollback(name, options: RollbackOptions = {}) {
      const environment = environmentOf(name)
      const world = await lookAt(deps, environment, lookWithin(undefined))
      const { goal } = await wayBackOf(environment, world, options.to)
      return { from: world.version, to: goal.version ?? undefined, config: goal.config }
    },

    rollback(name, who, options = {}) {
      return starter.release(
        { environment: name, action: 'rollback', who },
        options.signal ?? new AbortController().signal,
        async (environment, look) => {
          const world = await look()
          const { goal, wayBackAfter } = await wayBackOf(environment, world, options.to)
          return (id) => ({
            ...beginning(id, environment, world, who, clock.now()),
            kind: 'rollback',
            approvedBy: null,
            reason: options.reason ?? '',
            planHash: null,
            folder: null,
            version: goal.version,
            canary: [],
            goal,
            wayBackAfter: [...wayBackAfter],
          })
        },
        async () => {},
      )
    },

    async resume(who, options = {}) {
      const signal = options.signal ?? new AbortController().signal
      const runs: ReleaseRun[] = []
      for (const environment of deps.environments) {
        if (!(await store.findOperation(environment.name)) || (await store.isHeld(environment.name))) continue
        runs.push(starter.resume(environment, who, signal))
      }
      return runs
    },

    cancel(name, who) {
      return audited(
        { environment: name, action: 'cancel', who },
        async () => {
          environmentOf(name)
          const operation = await store.findOperation(name)
          if (!operation) throw new ReleaseError('nothing-there', `No release of ${name} is under way`)
          const { id, log: done } = operation
          if (operation.direction === 'back' || done.some(({ step }) => step.startsWith('alias-'))) {
            throw new ReleaseError('too-late', `Release ${id} cannot be cancelled any more: roll back instead`)
          }
          if (!(await store.cancel(name, id, who))) {
            throw new ReleaseError('nothing-there', `Release ${id} of ${name} is over already`)
          }
          return { releaseId: id }
        },
        ({ releaseId }) => ({ releaseId }),
      )
    },

    status(name, signal) {
      const environments = name === undefined ? deps.environments : [environmentOf(name)]
      return Promise.all(
        environments
          .filter(({ endpointName }) => endpointName !== '')
          .map((environment) => statusOf(deps, environment, lookWithin(signal))),
      )
    },

    async history(name, count = 10) {
      return store.history(environmentOf(name).name, count)
    },

    async audit(name, count = 50) {
      return store.listAudit(environmentOf(name).name, count)
    },

    lock(name, who, reason) {
      return audited(
        { environment: name, action: 'lock', who },
        async () => {
          const wanted = { who, reason, at: clock.now() }
          const lock = await store.lock(environmentOf(name).name, wanted)
          if (lock === wanted || lock.who.id === who.id) return lock
          throw new ReleaseError('locked', `${name} is locked by ${lock.who.name} already: ${lock.reason}`)
        },
        (lock) => ({ detail: lock.reason }),
      )
    },

    unlock(name, who) {
      return audited(
        { environment: name, action: 'unlock', who },
        async () => {
          const lock = await store.unlock(environmentOf(name).name)
          if (lock) return lock
          throw new ReleaseError('nothing-there', `${name} is not locked`)
        },
        (lock) => ({ detail: `it was locked by ${lock.who.name}: ${lock.reason}` }),
      )
    },

    async smoke(name, signal) {
      return askSmokeQuestions({ endpoints, clock }, environmentOf(name), { signal })
    },
  }

  /** What every release begins with. */
  function beginning(
    id: string,
    environment: ReleaseEnvironment,
    world: World,
    who: Person,
    startedAt: number,
  ): Omit<
    Operation,
    'kind' | 'approvedBy' | 'reason' | 'planHash' | 'folder' | 'version' | 'canary' | 'goal' | 'wayBackAfter'
  > {
    return {
      id,
      environment: environment.name,
      endpointName: environment.endpointName,
      who,
      startedAt,
      before: world.served,
      hadEndpoint: world.endpoint !== undefined,
      aliasesBefore: world.aliases,
      movesAliases: environment.movesAliases,
      modelName: registry.modelName,
      entitySettings: { ...environment.entitySettings },
      direction: 'forward',
      next: 0,
      log: [],
      warnings: [],
      shown: null,
      failure: null,
    }
  }
}
