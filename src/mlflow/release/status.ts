import type { EnvironmentStatus } from '../release.ts'
import type { ReleaseEnvironment } from './environment.ts'
import { lookAt, type WorldDeps } from './world.ts'

const lastCount = 5

/** How an environment is, and what happens there. */
export async function statusOf(
  deps: WorldDeps,
  environment: ReleaseEnvironment,
  signal: AbortSignal,
): Promise<EnvironmentStatus> {
  const { store, registry } = deps
  const { name, endpointName } = environment
  const [{ endpoint, aliases, drift }, lock, operation, isHeld, plans, last] = await Promise.all([
    lookAt(deps, environment, signal),
    store.findLock(name),
    store.findOperation(name),
    store.isHeld(name),
    store.listPlans(name),
    store.history(name, lastCount),
  ])
  const serving = (endpoint?.config?.entities ?? [])
    .filter((entity) => entity.modelName === registry.modelName)
    .map(({ modelVersion, trafficPercent }) => ({ version: modelVersion, trafficPercent }))
    .toSorted((a, b) => b.trafficPercent - a.trafficPercent)
  return {
    environment: name,
    endpointName,
    endpointLink: deps.endpoints.link(endpointName),
    endpoint: endpoint && { isReady: endpoint.isReady, update: endpoint.update },
    serving,
    champion: aliases.champion ?? undefined,
    previous: aliases.previous ?? undefined,
    // A release at work changes the endpoint itself.
    drift: operation ? [] : drift,
    lock,
    running: operation && {
      releaseId: operation.id,
      kind: operation.kind,
      who: operation.who,
      startedAt: operation.startedAt,
      direction: operation.direction,
      isHeld,
    },
    plans: await Promise.all(
      plans.map(async (plan) => ({ plan, approval: await store.findApproval(name, plan.hash) })),
    ),
    last,
  }
}
