import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Person, Plan, ReleaseResult, ReleaseRun, Releases } from '../../mlflow/release.ts'
import type { ModelRegistry } from '../../mlflow/registry.ts'
import type { CarryOut, CommandResult, RunOptions } from './admin-desk.ts'
import type { Admin } from './admins.ts'
import type { AuditLog } from './audit-log.ts'
import type { AdminCommand } from './command.ts'
import { planId, planToJson, planToText } from './plan-text.ts'
import { attemptToJson, historyToJson, resultToJson, smokeToJson, statusToJson, versionToJson } from './release-json.ts'
import { follow } from './release-progress.ts'
import {
  clockTime,
  historyToText,
  resultToText,
  smokeToText,
  statusToText,
  versionsToText,
  wayBackToText,
} from './release-text.ts'

const historyShown = 20
/** Among the last so many attempts, those that were refused are told. */
const attemptsRead = 1000
const versionsShown = 20

/** Notes on a version end their wait after this. */
const noteMs = 15_000

export interface CarryOutDeps {
  readonly releases: Releases
  readonly registry: ModelRegistry
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Logger
}

/** What each command does with the releases. */
export function createCarryOut({ releases, registry, audit, clock, log }: CarryOutDeps): CarryOut {
  return async (command, admin, options) => {
    const who = toPerson(admin)
    const { signal } = options
    switch (command.name) {
      case 'deploy':
        return deploy(command, who, options)
      case 'approve':
        return approve(command, who, options)
      case 'rollback':
        return rollback(command, who, options)
      case 'diff': {
        const plan = await releases.plan(command.environment, wishOf(command), who, { isDryRun: true, signal })
        return done(planToText(plan), planToJson(plan))
      }
      case 'smoke': {
        const { environment } = command
        options.onProgress({ key: 'smoke', text: `Smoke test of ${environment}`, state: 'running' })
        const answers = await releases.smoke(environment, signal)
        const isOk = answers.every(({ problem }) => problem === undefined)
        options.onProgress({ key: 'smoke', text: `Smoke test of ${environment}`, state: isOk ? 'done' : 'failed' })
        const data = { environment, passed: isOk, answers: answers.map(smokeToJson) }
        return { isOk, text: smokeToText(environment, answers), data }
      }
      case 'status': {
        const environments = await releases.status(command.environment, signal)
        return done(statusToText(environments), { environments: environments.map(statusToJson) })
      }
      case 'history': {
        const { environment } = command
        const [entries, attempts] = await Promise.all([
          releases.history(environment, historyShown),
          audit.list(attemptsRead),
        ])
        const refused = attempts
          .filter((attempt) => attempt.environment === environment && attempt.outcome === 'refused')
          .slice(0, historyShown)
        const data = { environment, releases: entries.map(historyToJson), refused: refused.map(attemptToJson) }
        return done(historyToText(environment, entries, refused), data)
      }
      case 'versions': {
        const versions = (await registry.listVersions(signal)).slice(0, versionsShown)
        const { modelName } = registry
        return done(versionsToText(modelName, versions), { model: modelName, versions: versions.map(versionToJson) })
      }
      case 'lock': {
        const { reason } = await releases.lock(command.environment, who, command.reason)
        return done(`${command.environment} is locked: ${reason}`, { environment: command.environment, reason })
      }
      case 'unlock': {
        const lock = await releases.unlock(command.environment, who)
        const text = `${command.environment} is open again. ${lock.who.name} had locked it: ${lock.reason}`
        return done(text, { environment: command.environment, locked_by: lock.who.name, reason: lock.reason })
      }
      case 'cancel': {
        const { releaseId } = await releases.cancel(command.environment, who)
        const text = `${releaseId} is told to turn back. Where it was begun you see how it goes.`
        return done(text, { environment: command.environment, release_id: releaseId })
      }
      case 'help':
        throw new TypeError('help is told by the desk')
    }
  }

  async function deploy(
    command: AdminCommand & { readonly name: 'deploy' },
    who: Person,
    options: RunOptions,
  ): Promise<CommandResult> {
    const { environment, isDryRun, approves, acceptsDrift, reason } = command
    const { signal } = options
    const wish = { ...wishOf(command), reason, acceptsDrift }
    const plan = await releases.plan(environment, wish, who, { isDryRun, signal })
    if (isDryRun) return done(`${planToText(plan)}\nNothing was changed.`, planToJson(plan))
    if (plan.needsApproval && !approves) return waiting(plan)
    options.onProgress({ key: 'plan', text: headOf(plan), state: 'done' })
    return finish(releases.deploy(environment, plan.hash, who, { approves, signal }), who, options)
  }

  async function approve(
    { environment, plan: wanted }: AdminCommand & { readonly name: 'approve' },
    who: Person,
    options: RunOptions,
  ): Promise<CommandResult> {
    const [status] = await releases.status(environment, options.signal)
    const open = (status?.plans ?? []).map(({ plan }) => plan).filter(({ needsApproval }) => needsApproval)
    const meant = wanted === undefined ? open : open.filter(({ hash }) => hash.startsWith(wanted))
    const [plan, another] = meant
    if (!plan) {
      const what = wanted === undefined ? 'No plan' : `No plan ${wanted}`
      return failed(`${what} waits for approval in ${environment}: deploy ${environment} makes one, good for an hour.`)
    }
    if (another) {
      const list = meant.map((each) => `${planId(each)} (version ${each.facts.version ?? 'new'})`).join(', ')
      return failed(`Several plans wait for approval in ${environment}: ${list}. Say which with --plan ID.`)
    }
    await releases.approve(environment, plan.hash, who)
    options.onProgress({ key: 'plan', text: `${headOf(plan)}, approved by ${who.name}`, state: 'done' })
    return finish(releases.deploy(environment, plan.hash, plan.who, { signal: options.signal }), who, options)
  }

  async function rollback(
    command: AdminCommand & { readonly name: 'rollback' },
    who: Person,
    options: RunOptions,
  ): Promise<CommandResult> {
    const { environment, version, isDryRun, reason } = command
    const goal = { ...(version === undefined ? {} : { to: version }), reason }
    if (!isDryRun) return finish(releases.rollback(environment, who, { ...goal, signal: options.signal }), who, options)
    const way = await releases.previewRollback(environment, goal)
    const data = { environment, from: way.from ?? null, to: way.to ?? null }
    return done(wayBackToText(environment, way), data)
  }

  async function finish(run: ReleaseRun, who: Person, { onProgress }: RunOptions): Promise<CommandResult> {
    // Both are heard from the beginning: a refusal has no events, and must not be an unheard rejection.
    const [result] = await Promise.all([run.result, follow(run, onProgress)])
    await note(result, who)
    return { isOk: result.outcome === 'released', text: resultToText(result), data: resultToJson(result) }
  }

  /** Beside the version in the registry, for who looks there: the last release of each environment, well or not. */
  async function note({ version, environment, kind, releaseId, outcome }: ReleaseResult, who: Person): Promise<void> {
    if (version === undefined) return
    const tag = `release_${environment.replaceAll(/\W/g, '_')}`
    const text = `${kind} ${releaseId} by ${who.name}, ${outcome} at ${new Date(clock.now()).toISOString()}`
    try {
      await registry.setTags(version, { [tag]: text }, AbortSignal.timeout(noteMs))
    } catch (error) {
      log.warn({ releaseId, error: describeError(error) }, 'A release could not be noted beside its model version')
    }
  }
}

/** Nothing is released yet, and whoever scripts this has to know. */
function waiting(plan: Plan): CommandResult {
  const { environment } = plan.facts
  const how = `Another admin approves it until ${clockTime(plan.expiresAt)}: approve ${environment} --plan ${planId(plan)}`
  return {
    isOk: false,
    text: `${planToText(plan)}\n${how}`,
    data: { outcome: 'waits-for-approval', plan: planToJson(plan) },
    approval: { environment, plan: planId(plan) },
  }
}

function headOf(plan: Plan): string {
  return `Plan ${planId(plan)}: version ${plan.facts.version ?? 'new'} to ${plan.facts.environment}`
}

function done(text: string, data: CommandResult['data']): CommandResult {
  return { isOk: true, text, data }
}

function failed(text: string): CommandResult {
  return { isOk: false, text, data: { problem: text } }
}

function wishOf({ version }: { readonly version?: string }): { readonly version?: string } {
  return version === undefined ? {} : { version }
}

/** One id for one human, wherever they write: nobody approves their own plan from another platform. */
function toPerson({ person, identity }: Admin): Person {
  const [platform = '', user = ''] = identity.split(':')
  return { id: person, name: platform === 'shell' && user !== person ? `${person} (${user})` : person }
}
