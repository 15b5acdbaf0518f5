import { z } from 'zod'
import { badRequest } from '../http/reply.ts'
import { parse } from '../mlflow/body.ts'

/** A served entity as it was asked for, with everything else that was said about it. */
export interface EntityInput {
  readonly name: string
  readonly entity_name: string
  readonly entity_version: string
  readonly environment_vars: Readonly<Record<string, string>>
  readonly [more: string]: unknown
}

export interface ConfigInput {
  readonly entities: readonly EntityInput[]
  readonly traffic: readonly { readonly served_entity_name: string; readonly traffic_percentage: number }[]
}

const Entity = z.looseObject({
  name: z.string().regex(/^[\w-]{1,63}$/),
  entity_name: z.string().min(1),
  // A number here is refused by the workspace, too
  entity_version: z.string().regex(/^\d+$/),
  workload_size: z.enum(['Small', 'Medium', 'Large']).optional(),
  environment_vars: z.record(z.string(), z.string()).default({}),
  // Only the workspace says these
  state: z.undefined().optional(),
  creator: z.undefined().optional(),
  creation_timestamp: z.undefined().optional(),
})

const Config = z.object({
  served_entities: z.array(Entity).min(1).max(10),
  traffic_config: z
    .object({
      routes: z.array(z.object({ served_entity_name: z.string(), traffic_percentage: z.int().min(0).max(100) })),
    })
    .optional(),
})

/** @throws ApiError 400 for what the workspace refuses before it starts anything */
export function parseConfig(json: unknown): ConfigInput {
  const { served_entities: entities, traffic_config: given } = parse(Config, json)
  const names = entities.map(({ name }) => name)
  if (new Set(names).size < names.length) throw badRequest('Served entity names must be unique.')
  if (!given && names.length > 1) throw badRequest('traffic_config is required with more than one served entity.')
  const traffic = given?.routes ?? names.map((name) => ({ served_entity_name: name, traffic_percentage: 100 }))
  for (const { served_entity_name: name } of traffic) {
    if (!names.includes(name)) throw badRequest(`Route refers to unknown served entity '${name}'.`)
  }
  const total = traffic.reduce((sum, route) => sum + route.traffic_percentage, 0)
  if (total !== 100) throw badRequest(`Traffic percentages add up to ${total}, expected 100.`)
  return { entities, traffic }
}
