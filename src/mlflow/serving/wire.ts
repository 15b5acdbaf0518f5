import { z } from 'zod'
import { stableJson } from '../../lib/json.ts'
import type { Deployment, Endpoint, EndpointConfig, ServedEntity } from '../serving.ts'

/** What we read of a workspace's answers about endpoints; everything else in them is tolerated. */

const Route = z
  .object({
    served_entity_name: z.string().optional(),
    served_model_name: z.string().optional(),
    traffic_percentage: z.number().default(0),
  })
  .transform((route) => ({
    name: route.served_entity_name ?? route.served_model_name ?? '',
    percent: route.traffic_percentage,
  }))

const Entity = z.looseObject({
  name: z.string().default(''),
  entity_name: z.string().default(''),
  entity_version: z.coerce.string().default(''),
  state: z
    .object({ deployment: z.string().default(''), deployment_state_message: z.string().default('') })
    .optional()
    .catch(undefined),
})

const Config = z.object({
  config_version: z.coerce.number().catch(0),
  served_entities: z.array(Entity).default([]),
  traffic_config: z.object({ routes: z.array(Route).default([]) }).optional(),
})
type Config = z.infer<typeof Config>

export const EndpointAnswer = z.object({
  name: z.string(),
  state: z
    .object({
      ready: z.string().default(''),
      config_update: z.string().optional(),
      // Older answers, and samples in the documents, call it so
      update_state: z.string().optional(),
    })
    .default({ ready: '' }),
  config: Config.optional(),
  pending_config: Config.optional(),
})

export const LogsAnswer = z.object({ logs: z.string().default('') })
export const PredictionsAnswer = z.object({ predictions: z.array(z.unknown()) })
export const Anything = z.unknown()

/** What the workspace adds to an entity, or that we hold by other names. */
const notSettings = new Set([
  'name',
  'entity_name',
  'entity_version',
  'state',
  'creator',
  'creation_timestamp',
  'foundation_model',
])

export function toEndpoint(answer: z.infer<typeof EndpointAnswer>): Endpoint {
  const { name, state, config, pending_config: pending } = answer
  const entities = [...(pending?.served_entities ?? []), ...(config?.served_entities ?? [])]
  return {
    name,
    isReady: state.ready === 'READY',
    update: updateOf(state.config_update ?? state.update_state ?? ''),
    // An endpoint whose first version is not up may show an empty one.
    config: config && config.served_entities.length > 0 ? toConfig(config) : undefined,
    configVersion: config?.config_version ?? 0,
    pending: pending && toConfig(pending),
    deployments: entities.map((entity) => ({
      entityName: entity.name,
      state: deploymentStateOf(entity.state?.deployment ?? ''),
      message: entity.state?.deployment_state_message ?? '',
    })),
  }
}

function toConfig({ served_entities: entities, traffic_config: traffic }: Config): EndpointConfig {
  const percent = new Map(traffic?.routes.map((route) => [route.name, route.percent]))
  return {
    entities: entities.map((entity): ServedEntity => ({
      name: entity.name,
      modelName: entity.entity_name,
      modelVersion: entity.entity_version,
      // One entity without routes gets everything.
      trafficPercent: percent.get(entity.name) ?? (entities.length === 1 ? 100 : 0),
      settings: Object.fromEntries(Object.entries(entity).filter(([key]) => !notSettings.has(key))),
    })),
  }
}

/** The body that asks for it. */
export function toInput({ entities }: EndpointConfig): object {
  return {
    served_entities: entities.map(({ name, modelName, modelVersion, settings }) => ({
      ...settings,
      name,
      entity_name: modelName,
      entity_version: modelVersion,
    })),
    traffic_config: {
      routes: entities.map(({ name, trafficPercent }) => ({
        served_entity_name: name,
        traffic_percentage: trafficPercent,
      })),
    },
  }
}

/**
 * Whether an endpoint has what was asked for. Settings count as far as they were asked for: the workspace adds defaults,
 * and does not tell some back.
 */
export function serves(config: EndpointConfig | undefined, wanted: EndpointConfig): boolean {
  if (config?.entities.length !== wanted.entities.length) return false
  return wanted.entities.every((entity) => {
    const found = config.entities.find(({ name }) => name === entity.name)
    return (
      found?.modelName === entity.modelName &&
      found.modelVersion === entity.modelVersion &&
      found.trafficPercent === entity.trafficPercent &&
      Object.entries(entity.settings).every(
        ([key, value]) => !(key in found.settings) || stableJson(found.settings[key]) === stableJson(value),
      )
    )
  })
}

function updateOf(word: string): Endpoint['update'] {
  switch (word) {
    case 'IN_PROGRESS':
      return 'running'
    case 'UPDATE_FAILED':
      return 'failed'
    case 'UPDATE_CANCELED':
      return 'cancelled'
    default:
      return 'none'
  }
}

function deploymentStateOf(word: string): Deployment['state'] {
  switch (word) {
    case 'DEPLOYMENT_CREATING':
      return 'creating'
    case 'DEPLOYMENT_READY':
      return 'ready'
    case 'DEPLOYMENT_FAILED':
      return 'failed'
    case 'DEPLOYMENT_ABORTED':
      return 'aborted'
    case 'DEPLOYMENT_RECOVERING':
      return 'recovering'
    default:
      return 'unknown'
  }
}
