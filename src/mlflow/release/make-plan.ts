import type { Wish } from '../release.ts'
import { versionTag, type ModelRegistry, type ModelVersion } from '../registry.ts'
import { serves } from '../serving/wire.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { canShare, configFor, describeChanges, entityName } from './configs.ts'
import { configDiff, packagedAt, packagedIn } from './config-diff.ts'
import type { ReleaseEnvironment } from './environment.ts'
import { sealPlan, type Plan, type PlanFacts } from './plan.ts'
import { ReleaseError } from './release-error.ts'
import type { FindSourceChange } from './source-changes.ts'
import type { Person } from './operation.ts'
import type { World } from './world.ts'

export interface PlanDeps {
  readonly registry: ModelRegistry
  readonly findSourceChange: FindSourceChange
}

/** @throws ReleaseError `unknown-version`, `version-not-ready`, `nothing-to-do` */
export async function makePlan(
  deps: PlanDeps,
  environment: ReleaseEnvironment,
  world: World,
  request: { readonly wish: Wish; readonly who: Person; readonly at: number; readonly signal: AbortSignal },
): Promise<Plan> {
  const { wish, who, at, signal } = request
  const version = await chooseVersion(deps.registry, wish, signal)
  const facts = factsOf(environment, world, deps.registry.modelName, version, wish)
  const goal = version ? configFor(version.version, facts.modelName, facts.entitySettings) : undefined
  const isThere = goal && world.endpoint?.update !== 'running' && serves(world.endpoint?.config, goal)
  if (version && isThere && (!facts.movesAliases || world.aliases.champion === version.version)) {
    throw new ReleaseError(
      'nothing-to-do',
      `Version ${version.version} serves ${environment.name} already, just as wished`,
    )
  }
  const running = world.version === undefined ? undefined : await findVersion(deps.registry, world.version, signal)
  const [before, after] = [
    running?.tags[versionTag.commit] ?? '',
    version?.tags[versionTag.commit] ?? wish.folder?.commit ?? '',
  ]
  const sources = await deps.findSourceChange(before, after, signal)
  const diff = running && (await diffTo(deps.registry, running, version, wish, signal))
  return sealPlan({
    who,
    at,
    expiresAt: at + environment.timeouts.planMs,
    reason: wish.reason ?? '',
    needsApproval: environment.needsApproval,
    acceptsDrift: wish.acceptsDrift ?? false,
    facts,
    folder: version ? null : (wish.folder ?? null),
    from: world.version ?? null,
    changes: goal
      ? [...describeChanges(facts.config, goal)]
      : [`a new version, not yet registered, instead of ${world.version ? `version ${world.version}` : 'nothing'}`],
    sources: { ...sources, ...(diff === undefined ? {} : { configDiff: diff }) },
    scores: scoresOf(running, version),
  })
}

/** The facts of the plan as they are now: see `changedFacts`. */
export async function factsNow(
  registry: ModelRegistry,
  plan: Plan,
  environment: ReleaseEnvironment,
  world: World,
  signal: AbortSignal,
): Promise<PlanFacts> {
  const { version } = plan.facts
  const wish: Wish = version !== null ? { version } : plan.folder ? { folder: plan.folder } : {}
  // Somebody may have registered the folder meanwhile: that changes nothing.
  const chosen = version === null ? undefined : await chooseVersion(registry, wish, signal)
  return factsOf(environment, world, registry.modelName, chosen, wish)
}

function factsOf(
  environment: ReleaseEnvironment,
  { endpoint, aliases, drift }: World,
  modelName: string,
  version: ModelVersion | undefined,
  wish: Wish,
): PlanFacts {
  const config = endpoint?.config
  const entity = version ? entityName(version.version) : undefined
  return {
    environment: environment.name,
    endpointName: environment.endpointName,
    config: config ?? null,
    // Where aliases do not move, another environment moves them: they are no fact of this one.
    aliases: environment.movesAliases ? aliases : { champion: null, previous: null },
    modelName,
    version: version?.version ?? null,
    contentHash: version ? (version.tags[versionTag.contentHash] ?? '') : (wish.folder?.contentHash ?? ''),
    entitySettings: environment.entitySettings,
    canary: canShare(config, entity) ? canaryOf(environment) : [],
    movesAliases: environment.movesAliases,
    drift: [...drift],
  }
}

/** Packages tell what was really served; the checkout may be another, or not there at all. */
async function diffTo(
  registry: ModelRegistry,
  running: ModelVersion,
  version: ModelVersion | undefined,
  { folder }: Wish,
  signal: AbortSignal,
): Promise<string | undefined> {
  const after = version ? packagedIn(registry, version.version, signal) : folder && packagedAt(folder.dir)
  return after && configDiff(packagedIn(registry, running.version, signal), after)
}

/** It begins without traffic, so that nobody but the smoke test meets a version that is broken. */
function canaryOf({ canary }: ReleaseEnvironment): PlanFacts['canary'] {
  return canary[0]?.trafficPercent === 0 ? [...canary] : [{ trafficPercent: 0, holdMs: 0 }, ...canary]
}

/** Undefined: the folder is not registered yet. */
async function chooseVersion(
  registry: ModelRegistry,
  wish: Wish,
  signal: AbortSignal,
): Promise<ModelVersion | undefined> {
  if (wish.version !== undefined) {
    const version = await findVersion(registry, wish.version, signal)
    if (!version) {
      throw new ReleaseError('unknown-version', `There is no version ${wish.version} of ${registry.modelName}`)
    }
    if (version.status !== 'ready') {
      throw new ReleaseError('version-not-ready', `Version ${wish.version} is ${version.status}, expected ready`)
    }
    return version
  }
  const versions = await registry.listVersions(signal)
  const ready = versions.filter(({ status }) => status === 'ready')
  const { folder } = wish
  if (folder) return ready.find(({ tags }) => tags[versionTag.contentHash] === folder.contentHash)
  const [newest] = ready
  if (newest) return newest
  throw new ReleaseError('unknown-version', `No version of ${registry.modelName} is ready; register one first`)
}

async function findVersion(
  registry: ModelRegistry,
  version: string,
  signal: AbortSignal,
): Promise<ModelVersion | undefined> {
  try {
    return await registry.getVersion(version, signal)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined
    throw error
  }
}

/** Tags `eval_…` that are numbers. */
function scoresOf(before: ModelVersion | undefined, after: ModelVersion | undefined): Plan['scores'] {
  const names = new Set([before, after].flatMap((version) => Object.keys(version?.tags ?? {})))
  return [...names]
    .filter((name) => name.startsWith('eval_') && name !== versionTag.evaluationRun)
    .map((name) => ({ name, before: numberIn(before?.tags[name]), after: numberIn(after?.tags[name]) }))
    .filter((score) => score.before !== null || score.after !== null)
}

function numberIn(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}
