import { stableJson } from '../../lib/json.ts'
import type { EndpointConfig, ServedEntity } from '../serving.ts'
import type { Operation } from './operation.ts'

/** What is different in `now`, in words, one line each; none when it is the same. */
export function describeChanges(before: EndpointConfig | null, now: EndpointConfig | null): readonly string[] {
  const names = new Set([...(before?.entities ?? []), ...(now?.entities ?? [])].map(({ name }) => name))
  return [...names].flatMap((name) => {
    const was = before?.entities.find((entity) => entity.name === name)
    const is = now?.entities.find((entity) => entity.name === name)
    if (!was) return is ? [`${name} is new: version ${is.modelVersion} with ${is.trafficPercent} % of traffic`] : []
    if (!is) return [`${name} is gone: version ${was.modelVersion} with ${was.trafficPercent} % of traffic`]
    const settings = new Set([...Object.keys(was.settings), ...Object.keys(is.settings)])
    return differences(was, is, [...settings]).map((what) => `${name}: ${what}`)
  })
}

function differences(was: ServedEntity, is: ServedEntity, settings: readonly string[]): readonly string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['model', was.modelName, is.modelName],
    ['version', was.modelVersion, is.modelVersion],
    ['traffic percent', was.trafficPercent, is.trafficPercent],
    ...settings.map((name) => [name, was.settings[name], is.settings[name]] as const),
  ]
  return pairs
    .filter(([, a, b]) => !isSame(a, b))
    .map(([what, a, b]) => (what === 'environment_vars' ? `${what} differ` : `${what} was ${said(a)}, is ${said(b)}`))
}

/** Workspaces leave empty things out, or show them: that makes no difference. */
function isSame(a: unknown, b: unknown): boolean {
  return stableJson(emptied(a)) === stableJson(emptied(b))
}

function emptied(value: unknown): unknown {
  if (value === undefined || value === '') return null
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? null : value
}

function said(value: unknown): string {
  return value === undefined || value === '' ? 'not set' : typeof value === 'string' ? value : stableJson(value)
}

/** The version of our model that gets most requests. */
export function mainVersion(config: EndpointConfig | null | undefined, modelName: string): string | undefined {
  return config?.entities
    .filter((entity) => entity.modelName === modelName)
    .toSorted((a, b) => b.trafficPercent - a.trafficPercent)[0]?.modelVersion
}

/** Name of a version's served entity. */
export function entityName(version: string): string {
  return `v${version}`
}

/** The version alone, with all traffic. */
export function configFor(
  version: string,
  modelName: string,
  settings: Readonly<Record<string, unknown>>,
): EndpointConfig {
  const name = entityName(version)
  return { entities: [{ name, modelName, modelVersion: version, trafficPercent: 100, settings }] }
}

/** What the operation wants served in the end. It needs its version. */
export function goalOf(operation: Operation): EndpointConfig {
  if (operation.goal) return operation.goal.config
  if (operation.version === null) throw new TypeError(`Release ${operation.id} has no version yet`)
  return configFor(operation.version, operation.modelName, operation.entitySettings)
}

/**
 * The new version with `percent` of the traffic, what served before with the rest of it. All at once where nothing
 * serves to share with, or where the new version would stand beside itself.
 */
export function shared(before: EndpointConfig | undefined, goal: EndpointConfig, percent: number): EndpointConfig {
  const [next] = goal.entities
  const others = before?.entities.filter(({ trafficPercent }) => trafficPercent > 0) ?? []
  if (percent === 100 || !next || others.length === 0) return goal
  const rest = 100 - percent
  const scaled = others.map((entity) => ({
    ...entity,
    trafficPercent: Math.floor((entity.trafficPercent * rest) / 100),
  }))
  const left = rest - scaled.reduce((sum, { trafficPercent }) => sum + trafficPercent, 0)
  return {
    entities: [
      ...scaled.map((entity, index) =>
        index === 0 ? { ...entity, trafficPercent: entity.trafficPercent + left } : entity,
      ),
      { ...next, trafficPercent: percent },
    ],
  }
}

/** Whether a new version can stand beside what serves now. */
export function canShare(before: EndpointConfig | undefined, newEntity: string | undefined): boolean {
  const others = before?.entities.filter(({ trafficPercent }) => trafficPercent > 0) ?? []
  return others.length > 0 && !others.some(({ name }) => name === newEntity)
}
