import type { ReleaseEvent, ReleaseResult, ReleaseRun } from '../release.ts'
import type { Attempt, Attempts } from './attempts.ts'
import type { ReleaseEnvironment } from './environment.ts'
import { finalState } from './final-state.ts'
import { holdEnvironment, type Hold, type HoldDeps } from './hold.ts'
import { runOperation, type MachineDeps } from './machine.ts'
import type { Operation, Person } from './operation.ts'
import { ReleaseError } from './release-error.ts'
import { startRun } from './release-run.ts'
import { lookAt, lookWithin, type World } from './world.ts'

export interface StarterDeps extends MachineDeps, HoldDeps {
  readonly attempts: Attempts
  /** @throws ReleaseError `unknown-environment` */
  readonly environmentOf: (name: string) => ReleaseEnvironment
}

/** Begins releases, and goes on with those whose process is gone. */
export interface Starter {
  /**
   * Takes the environment, ends what another process has left there, looks, decides, begins, runs. `check` refuses before
   * anything is held; `decide` gives the operation for an id.
   */
  release(
    attempt: Attempt,
    signal: AbortSignal,
    decide: (environment: ReleaseEnvironment, look: () => Promise<World>) => Promise<(id: string) => Operation>,
    check: (environment: ReleaseEnvironment) => Promise<void>,
  ): ReleaseRun
  /** Goes on with what is under way there; the run rejects with ReleaseError `nothing-there` when it is over already. */
  resume(environment: ReleaseEnvironment, who: Person, signal: AbortSignal): ReleaseRun
}

export function createStarter(deps: StarterDeps): Starter {
  const { store, clock, attempts, environmentOf } = deps
  const { audited, entryOf, note } = attempts

  async function refuseIfLocked(environment: string, who: Person): Promise<void> {
    const lock = await store.findLock(environment)
    if (!lock || lock.who.id === who.id) return
    throw new ReleaseError('locked', `${environment} is locked by ${lock.who.name}: ${lock.reason}`)
  }

  async function resumeHeld(
    environment: ReleaseEnvironment,
    hold: Hold,
    who: Person,
    signal: AbortSignal,
    emit: (event: ReleaseEvent) => void,
  ): Promise<ReleaseResult | undefined> {
    const operation = await store.findOperation(environment.name)
    if (!operation) return undefined
    const attempt: Attempt = { environment: environment.name, action: 'resume', who }
    await note(entryOf(attempt, 'started', `${operation.kind} by ${operation.who.name}`, operation.id))
    const detail = `going on with ${operation.id}, ${operation.kind} by ${operation.who.name}`
    emit({ step: 'begin', state: 'started', detail, index: 0, count: 0, at: clock.now() })
    return runOperation(operation, deps, { environment, hold, signal, emit })
  }

  /**
   * Ends a release whose way back cannot be gone, such as when the earlier version cannot be built any more: a rollback
   * leads further back instead. → false while the endpoint is still changing, because nobody knows yet to what
   */
  async function giveUp(environment: ReleaseEnvironment, hold: Hold, attempt: Attempt): Promise<boolean> {
    const operation = await store.findOperation(environment.name)
    const { endpoint, record, served } = await lookAt(deps, environment, lookWithin(hold.lost))
    if (!operation || endpoint?.update === 'running') return false
    const final = finalState(operation, record, clock.now())
    const detail = `given up: ${operation.id} stays half way back, ${attempt.who.name} rolls back further`
    await store.end(
      hold.lease,
      { ...final.record, expected: endpoint?.config ?? null },
      { ...final.entry, served },
      entryOf({ ...attempt, action: 'resume' }, 'failed', detail, operation.id),
    )
    return true
  }

  function release(
    attempt: Attempt,
    signal: AbortSignal,
    decide: (environment: ReleaseEnvironment, look: () => Promise<World>) => Promise<(id: string) => Operation>,
    check: (environment: ReleaseEnvironment) => Promise<void>,
  ): ReleaseRun {
    return startRun(attempt.environment, (emit) =>
      audited(attempt, async () => {
        const environment = environmentOf(attempt.environment)
        await refuseIfLocked(environment.name, attempt.who)
        await check(environment)
        await using hold = await holdEnvironment(environment.name, deps)
        const left = await resumeHeld(environment, hold, attempt.who, signal, emit)
        const isStuck = left?.outcome === 'unfinished'
        if (isStuck && !(attempt.action === 'rollback' && (await giveUp(environment, hold, attempt)))) {
          throw new ReleaseError('busy', `Release ${left.releaseId} could not be taken back yet: ${left.reason}`)
        }
        const stop = AbortSignal.any([signal, hold.lost])
        const toOperation = await decide(environment, () => lookAt(deps, environment, lookWithin(stop)))
        const operation = toOperation(await store.nextId(environment.name))
        const started = entryOf(attempt, 'started', wordsOf(operation), operation.id)
        await store.begin(hold.lease, operation, started)
        emit({ step: 'begin', state: 'done', detail: wordsOf(operation), index: 0, count: 0, at: clock.now() })
        return await runOperation(operation, deps, { environment, hold, signal, emit })
      }),
    )
  }

  function resume(environment: ReleaseEnvironment, who: Person, signal: AbortSignal): ReleaseRun {
    return startRun(environment.name, async (emit) => {
      await using hold = await holdEnvironment(environment.name, deps)
      const result = await resumeHeld(environment, hold, who, signal, emit)
      if (result) return result
      throw new ReleaseError('nothing-there', `The release of ${environment.name} is over already`)
    })
  }

  return { release, resume }
}

function wordsOf({ kind, version, before, id }: Operation): string {
  const to = version === null ? 'a new version' : `version ${version}`
  const from = before?.version ? `version ${before.version}` : 'nothing of ours'
  return `${id}: ${kind} of ${to}, ${from} serves now`
}
