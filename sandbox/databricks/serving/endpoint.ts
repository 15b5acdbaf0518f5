import { randomUUID } from 'node:crypto'
import type { Fault } from '../faults.ts'
import { ApiError, notFound } from '../http/reply.ts'
import { bringUp, newDeployment, sameEntity, takeDown, type Deployment, type DeployDeps } from './deployment.ts'
import type { ConfigInput } from './config.ts'

interface DeployedConfig {
  readonly version: number
  readonly input: ConfigInput
  readonly deployments: readonly Deployment[]
  readonly startedAt: number
}

/** One endpoint that serves models: what it runs, and the change under way. */
export interface ServedEndpoint extends AsyncDisposable {
  readonly name: string
  /** Starts the change; it goes on behind the answer. @throws ApiError 409 while another one runs */
  change(input: ConfigInput, fault: Fault | undefined): void
  /** Sends the request to one of the models, by traffic. @throws ApiError 404 while none is up */
  /** `entityName`: this one answers, whatever its share; undefined: by traffic. */
  invoke(
    body: Uint8Array,
    entityName: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string; readonly servedBy: string }>
  /** Also of those that failed. @throws ApiError 404 */
  deployment(entityName: string): Deployment
  readonly deployments: readonly Deployment[]
  readonly isReady: boolean
  /** As `ServingEndpointDetailed`. */
  show(): object
  /** Lets a change that hangs fail. */
  giveUp(): void
  /** Resolves when no change is under way. */
  settled(): Promise<void>
}

export function createServedEndpoint(options: {
  readonly name: string
  readonly creator: string
  readonly tags: readonly { readonly key: string; readonly value?: string | undefined }[]
  readonly now: () => number
  readonly deps: Omit<DeployDeps, 'buildFault'>
}): ServedEndpoint {
  const { name, now, deps } = options
  const id = randomUUID().replaceAll('-', '')
  const createdAt = now()
  const closing = new AbortController()
  let update: 'NOT_UPDATING' | 'IN_PROGRESS' | 'UPDATE_FAILED' = 'NOT_UPDATING'
  let active: DeployedConfig | undefined
  let pending: DeployedConfig | undefined
  let versions = 0
  let asked = 0
  let working: Promise<void> = Promise.resolve()
  let hanging = Promise.withResolvers<void>()

  const running = (): readonly Deployment[] => active?.deployments ?? []

  async function apply(next: DeployedConfig, fault: Fault | undefined): Promise<void> {
    const fresh = next.deployments.filter((deployment) => !running().includes(deployment))
    const buildFault = fault?.kind === 'build-failed' ? fault.log : undefined
    await Promise.all(fresh.map((deployment) => bringUp(deployment, { ...deps, buildFault }, closing.signal)))
    if (fault?.kind === 'update-hangs') await hanging.promise
    if (fault?.kind === 'update-failed' || fault?.kind === 'update-hangs') {
      const message = fault.kind === 'update-failed' ? fault.message : 'The update was given up.'
      for (const deployment of fresh) Object.assign(deployment, { state: 'DEPLOYMENT_FAILED', message })
    }
    const isUp = !closing.signal.aborted && next.deployments.every(({ state }) => state === 'DEPLOYMENT_READY')
    const unused = isUp ? running().filter((deployment) => !next.deployments.includes(deployment)) : fresh
    if (isUp) [active, pending] = [next, undefined]
    update = isUp ? 'NOT_UPDATING' : 'UPDATE_FAILED'
    await Promise.all(unused.map(takeDown))
  }

  /** Each gets its share of requests in turn, without chance. */
  function choose({ input, deployments }: DeployedConfig): Deployment | undefined {
    const point = ((asked * 37) % 100) + 1 // 37 and 100 have no common factor: a hundred requests hit each point once
    asked += 1
    let upTo = 0
    for (const { served_entity_name: target, traffic_percentage: percent } of input.traffic) {
      upTo += percent
      if (point <= upTo) return deployments.find(({ entity }) => entity.name === target)
    }
    return undefined
  }

  function named({ deployments }: DeployedConfig, entityName: string): Deployment {
    const found = deployments.find(({ entity }) => entity.name === entityName)
    if (!found) throw notFound(`Served entity '${entityName}' of endpoint '${name}' does not exist.`)
    return found
  }

  return {
    name,
    get deployments() {
      return running()
    },
    get isReady() {
      return active !== undefined
    },
    change(input, fault) {
      if (update === 'IN_PROGRESS') {
        throw new ApiError(
          409,
          'RESOURCE_CONFLICT',
          `Endpoint '${name}' is being updated: another update can not be made until the update completes or fails.`,
        )
      }
      versions += 1
      const deployments = input.entities.map(
        (entity) => running().find((known) => sameEntity(known.entity, entity)) ?? newDeployment(entity),
      )
      const next = { version: versions, input, deployments, startedAt: now() }
      pending = next
      update = 'IN_PROGRESS'
      hanging = Promise.withResolvers<void>()
      working = apply(next, fault)
    },
    async invoke(body, entityName, signal) {
      const chosen = active && (entityName === undefined ? choose(active) : named(active, entityName))
      if (!chosen?.server) throw new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `Endpoint '${name}' is not ready.`)
      chosen.served.requests += 1
      const response = await fetch(`${chosen.server.url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new Uint8Array(body),
        signal,
      }).catch(() => undefined)
      if (!response) {
        chosen.served.errors5xx += 1
        throw new ApiError(
          503,
          'TEMPORARILY_UNAVAILABLE',
          `The model server of '${chosen.entity.name}' does not answer.`,
        )
      }
      if (response.status >= 400) chosen.served[response.status >= 500 ? 'errors5xx' : 'errors4xx'] += 1
      return { status: response.status, body: await response.text(), servedBy: chosen.entity.name }
    },
    deployment(entityName) {
      const all = [...(pending?.deployments ?? []), ...running()]
      const found = all.find(({ entity }) => entity.name === entityName)
      if (!found) throw notFound(`Served entity '${entityName}' of endpoint '${name}' does not exist.`)
      return found
    },
    show() {
      const { creator, tags } = options
      return {
        name,
        id,
        creator,
        tags,
        creation_timestamp: createdAt,
        last_updated_timestamp: (pending ?? active)?.startedAt ?? createdAt,
        permission_level: 'CAN_MANAGE',
        state: { ready: active ? 'READY' : 'NOT_READY', config_update: update },
        ...(active ? { config: showConfig(active, creator) } : {}),
        ...(pending ? { pending_config: { ...showConfig(pending, creator), start_time: pending.startedAt } } : {}),
      }
    },
    giveUp: () => hanging.resolve(),
    settled: () => working,
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The endpoint is deleted', 'AbortError'))
      hanging.resolve()
      await working
      await Promise.all(running().map(takeDown))
    },
  }
}

function showConfig({ version, input, deployments, startedAt }: DeployedConfig, creator: string): object {
  return {
    config_version: version,
    served_entities: deployments.map(({ entity, state, message }) => ({
      workload_type: 'CPU',
      ...entity,
      creator,
      creation_timestamp: startedAt,
      state: { deployment: state, deployment_state_message: message },
    })),
    traffic_config: {
      routes: input.traffic.map((route) => ({ ...route, served_model_name: route.served_entity_name })),
    },
  }
}
