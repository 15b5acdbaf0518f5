import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import { durationInWords } from '../../lib/duration.ts'
import type { Redact } from '../redact.ts'
import { versionTag, type ModelRegistry, type Tags } from '../registry.ts'
import type { Endpoint, EndpointConfig, ServingEndpoints } from '../serving.ts'
import { canShare, entityName, goalOf, shared } from './configs.ts'
import { configure, isSettledOn } from './configure.ts'
import type { ReleaseEnvironment } from './environment.ts'
import type { Judge } from './judge.ts'
import { stagesOf, type Aliases, type Operation, type Step } from './operation.ts'
import { ReleaseError } from './release-error.ts'
import { askSmokeQuestions } from './smoke.ts'

export interface StepDeps {
  readonly registry: ModelRegistry
  readonly endpoints: ServingEndpoints
  /** Undefined: a canary is only waited for. */
  readonly judge: Judge | undefined
  readonly clock: Clock
  readonly redact: Redact
}

/** What a step needs to know, and who hears of it. */
export interface StepContext {
  readonly operation: Operation
  readonly environment: ReleaseEnvironment
  readonly signal: AbortSignal
  readonly onProgress: (detail: string) => void
}

/** What a step changes in the operation, and what it says when it is done. */
export interface StepOutcome {
  readonly detail: string
  readonly change?: Partial<Pick<Operation, 'version' | 'shown' | 'warnings' | 'canary'>>
}

const judgeEveryMs = 30_000
const logTailLength = 4000

/**
 * Does one step of a release. Doing it again after it was done, or half done, leads to the same: that is what lets another
 * process go on.
 * @throws ReleaseError, ServingError, RegistryError, or the signal's reason
 */
export async function performStep(step: Step, deps: StepDeps, context: StepContext): Promise<StepOutcome> {
  switch (step.name) {
    case 'register':
      return register(deps, context)
    case 'configure':
      return bringUp(stageConfig(context.operation, step.stage), deps, context)
    case 'wait':
      return settle(stageConfig(context.operation, step.stage), deps, context)
    case 'smoke':
      return smoke(step.stage, deps, context)
    case 'hold':
      return hold(step.stage, deps, context)
    case 'alias-previous':
      return point('previous', aliasesAfter(context.operation).previous, deps, context)
    case 'alias-champion':
      return point('champion', aliasesAfter(context.operation).champion, deps, context)
    case 'configure-back':
      // An endpoint that was there keeps its permissions, even when it served nothing.
      return context.operation.before === null && context.operation.hadEndpoint
        ? { detail: 'the endpoint served nothing before, and is left as it is' }
        : bringUp(context.operation.before?.config ?? null, deps, context)
    case 'wait-back':
      return context.operation.before
        ? settle(context.operation.before.config, deps, context)
        : { detail: 'nothing served before' }
    case 'alias-champion-back':
      return point('champion', context.operation.aliasesBefore.champion, deps, context)
    case 'alias-previous-back':
      return point('previous', context.operation.aliasesBefore.previous, deps, context)
  }
}

/** Longest time that a step may take, in milliseconds. */
export function deadlineOf(step: Step, environment: ReleaseEnvironment, operation: Operation): number {
  const { registerMs, updateMs, questionMs } = environment.timeouts
  switch (step.name) {
    case 'register':
      return registerMs
    case 'configure':
    case 'wait':
    case 'configure-back':
    case 'wait-back':
      // They end by themselves, and say more about it then.
      return updateMs + 120_000
    case 'smoke':
      // Each question may wait for a cold start, and is asked twice.
      return (environment.smokeQuestions.length + 2) * questionMs * 5
    case 'hold':
      return (operation.canary[step.stage]?.holdMs ?? 0) + updateMs
    case 'alias-previous':
    case 'alias-champion':
    case 'alias-champion-back':
    case 'alias-previous-back':
      return 120_000
  }
}

async function register({ registry }: StepDeps, { operation, signal, onProgress }: StepContext): Promise<StepOutcome> {
  const { folder, who } = operation
  if (!folder) return { detail: '' }
  const tags: Tags = { [versionTag.registeredBy]: who.name }
  const { version, isNew } = await registry.register(folder, tags, {
    signal,
    onProgress: (step) => onProgress(step.kind === 'uploading' ? `uploading ${step.fileCount} files` : step.kind),
  })
  if (version.status !== 'ready') {
    throw new ReleaseError('version-not-ready', `Version ${version.version} is ${version.status}, expected ready`)
  }
  const isAlone = !canShare(operation.before?.config, entityName(version.version))
  return {
    detail: isNew ? `version ${version.version}` : `known as version ${version.version}`,
    change: { version: version.version, ...(isAlone ? { canary: [] } : {}) },
  }
}

async function bringUp(
  wanted: EndpointConfig | null,
  deps: StepDeps,
  { operation, environment, signal, onProgress }: StepContext,
): Promise<StepOutcome> {
  const options = { signal, timeoutMs: environment.timeouts.updateMs, onWait: onProgress }
  await configure(deps, operation.endpointName, wanted, options)
  return { detail: wanted === null ? 'the endpoint is taken away again' : inWords(wanted) }
}

async function settle(
  wanted: EndpointConfig,
  { endpoints }: StepDeps,
  { operation, environment, signal, onProgress }: StepContext,
): Promise<StepOutcome> {
  const name = operation.endpointName
  let endpoint = await endpoints.find(name, signal)
  // An endpoint that has fallen back to what we want shows the failure of the other change for ever.
  if (!isSettledOn(endpoint, wanted)) {
    let said = ''
    const onLook = (seen: Endpoint): void => {
      const now = seen.deployments.map((each) => `${each.entityName} ${each.state}`).join(', ')
      if (now !== said) onProgress(now)
      said = now
    }
    const timeoutMs = environment.timeouts.updateMs
    endpoint = await endpoints.waitUntilReady(name, wanted, { signal, timeoutMs, onProgress: onLook })
  }
  return { detail: inWords(wanted), change: { shown: endpoint?.config ?? wanted } }
}

async function smoke(stage: number, deps: StepDeps, context: StepContext): Promise<StepOutcome> {
  const { operation, environment, signal, onProgress } = context
  const { endpointName } = operation
  const [entity] = goalOf(operation).entities
  const isAlone = stage === operation.canary.length
  const answers = await askSmokeQuestions(deps, environment, {
    signal,
    // A way back may lead to several entities; any of them is right then.
    ...(entity && !isAlone ? { entityName: entity.name } : {}),
    isShort: isAlone && operation.canary.length > 0,
    onAnswer: ({ question, problem, tookMs }) =>
      onProgress(`“${question}”: ${problem ?? `fine, ${durationInWords(tookMs)}`}`),
  })
  const [bad] = answers.filter(({ problem }) => problem !== undefined)
  if (!bad) return { detail: `${answers.length} of ${answers.length} questions answered well` }
  const why = `Asked “${bad.question}”, ${bad.problem}`
  if (operation.kind === 'rollback') {
    // Whoever rolls back does not want what is broken now. It stays, and they are told.
    return { detail: why, change: { warnings: [...operation.warnings, `The smoke test failed. ${why}.`] } }
  }
  const log = entity ? await deps.endpoints.logs(endpointName, entity.name, signal).catch(() => '') : ''
  throw new ReleaseError('smoke-failed', why, {
    userMessage: `The new version did not pass its smoke test. ${why}.`,
    logTail: deps.redact(log).slice(-logTailLength),
  })
}

async function hold(stage: number, { judge, clock }: StepDeps, context: StepContext): Promise<StepOutcome> {
  const { operation, environment, signal, onProgress } = context
  const step = operation.canary[stage]
  const [entity] = goalOf(operation).entities
  if (!step || !entity) return { detail: '' }
  const since = clock.now()
  const { trafficPercent } = step
  const canary = {
    environment: environment.name,
    endpointName: operation.endpointName,
    entityName: entity.name,
    trafficPercent,
    since,
  }
  let said = 'nobody judged it'
  for (;;) {
    const leftMs = since + step.holdMs - clock.now()
    if (leftMs <= 0) return { detail: `${trafficPercent} % of traffic for ${durationInWords(step.holdMs)}: ${said}` }
    await clock.sleep(Math.min(judgeEveryMs, leftMs), signal)
    if (!judge) continue
    try {
      const { isGood, why } = await judge.look(canary, signal)
      if (!isGood) throw new ReleaseError('canary-failed', `With ${trafficPercent} % of traffic, ${why}`)
      said = why
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ReleaseError) throw error
      said = `it could not be judged (${describeError(error)})`
    }
    onProgress(said)
  }
}

async function point(
  alias: keyof Aliases,
  version: string | null,
  { registry }: StepDeps,
  { signal }: StepContext,
): Promise<StepOutcome> {
  if (version === null) await registry.deleteAlias(alias, signal)
  else await registry.setAlias(alias, version, signal)
  return { detail: version === null ? `nothing is ${alias}` : `version ${version} is ${alias}` }
}

/** What the endpoint serves in one stage of a deploy. */
function stageConfig(operation: Operation, stage: number): EndpointConfig {
  return shared(operation.before?.config, goalOf(operation), stagesOf(operation)[stage] ?? 100)
}

/** Aliases once it is done. What served before becomes `previous`, unless it serves again. */
export function aliasesAfter(operation: Operation): Aliases {
  if (operation.goal) return { ...operation.goal.aliases, champion: operation.goal.version }
  const { aliasesBefore, before, version } = operation
  const served = before?.version ?? aliasesBefore.champion
  return { champion: version, previous: served === version ? aliasesBefore.previous : served }
}

function inWords({ entities }: EndpointConfig): string {
  return entities.map((entity) => `version ${entity.modelVersion} with ${entity.trafficPercent} %`).join(', ')
}
