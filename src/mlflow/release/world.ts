import type { ModelRegistry, ModelVersion } from '../registry.ts'
import type { Endpoint, ServingEndpoints } from '../serving.ts'
import { mainVersion } from './configs.ts'
import { findDrift, type Drift } from './drift.ts'
import type { ReleaseEnvironment } from './environment.ts'
import type { Aliases, EnvironmentRecord, ServedState } from './operation.ts'
import type { ReleaseStore } from './store.ts'

/** How an environment is right now. */
export interface World {
  readonly endpoint: Endpoint | undefined
  readonly record: EnvironmentRecord | undefined
  readonly drift: Drift
  readonly aliases: Aliases
  /** The version with most traffic. */
  readonly version: string | undefined
  /** As it can be put back; null when nothing serves. */
  readonly served: ServedState | null
}

export interface WorldDeps {
  readonly registry: ModelRegistry
  readonly endpoints: ServingEndpoints
  readonly store: ReleaseStore
}

export async function lookAt(
  { registry, endpoints, store }: WorldDeps,
  environment: ReleaseEnvironment,
  signal: AbortSignal,
): Promise<World> {
  const [endpoint, record, champion, previous] = await Promise.all([
    endpoints.find(environment.endpointName, signal),
    store.findRecord(environment.name),
    registry.findByAlias('champion', signal),
    registry.findByAlias('previous', signal),
  ])
  const aliases = { champion: numberOf(champion), previous: numberOf(previous) }
  const version = mainVersion(endpoint?.config, registry.modelName)
  const served = endpoint?.config ? { version: version ?? null, config: endpoint.config, aliases } : null
  return { endpoint, record, drift: findDrift(record, endpoint), aliases, version, served }
}

function numberOf(version: ModelVersion | undefined): string | null {
  return version?.version ?? null
}

const lookMs = 60_000

/** A look at an environment ends its wait by then, or with the signal. */
export function lookWithin(signal: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(lookMs)
  return signal ? AbortSignal.any([signal, deadline]) : deadline
}
