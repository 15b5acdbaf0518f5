import { z } from 'zod'
import { EndpointConfig } from '../serving.ts'
import type { StepName } from '../release.ts'

export const Person = z.object({
  /** Of the platform, such as `slack:T1:U1`. */
  id: z.string(),
  name: z.string(),
})
export type Person = z.infer<typeof Person>

/** Version by alias; null: nothing has the alias. */
export const Aliases = z.object({ champion: z.string().nullable(), previous: z.string().nullable() })
export type Aliases = z.infer<typeof Aliases>

/** What an environment serves, as it can be put back. */
export const ServedState = z.object({
  /** Of our model, the one with most traffic; null: none of ours. */
  version: z.string().nullable(),
  config: EndpointConfig,
  aliases: Aliases,
})
export type ServedState = z.infer<typeof ServedState>

/** What we know of an environment between releases. */
export const EnvironmentRecord = z.object({
  /** As the endpoint showed it when our last release was done. */
  expected: EndpointConfig.nullable(),
  /** What served before, and before that. */
  wayBack: z.array(ServedState),
})
export type EnvironmentRecord = z.infer<typeof EnvironmentRecord>

const Failure = z.object({
  failedStep: z.string().transform((step) => step as StepName),
  reason: z.string(),
  userMessage: z.string(),
  logTail: z.string(),
})

/** One release with everything that another process needs to go on with it, or back. */
export const Operation = z.object({
  id: z.string(),
  kind: z.enum(['deploy', 'rollback']),
  environment: z.string(),
  endpointName: z.string(),
  who: Person,
  approvedBy: Person.nullable(),
  reason: z.string(),
  planHash: z.string().nullable(),
  /** Milliseconds since the epoch, like all instants here. */
  startedAt: z.number(),
  /** Null: nothing served. */
  before: ServedState.nullable(),
  /** False: a way back takes the endpoint away. */
  hadEndpoint: z.boolean(),
  aliasesBefore: Aliases,
  movesAliases: z.boolean(),
  /** To be registered first. */
  folder: z.object({ dir: z.string(), version: z.string(), commit: z.string(), contentHash: z.string() }).nullable(),
  /** Null until it is registered. */
  version: z.string().nullable(),
  modelName: z.string(),
  entitySettings: z.record(z.string(), z.unknown()),
  canary: z.array(z.object({ trafficPercent: z.number(), holdMs: z.number() })),
  /** A rollback's goal; null in a deploy, which makes its own from the above. */
  goal: ServedState.nullable(),
  /** The way back once this is done. */
  wayBackAfter: z.array(ServedState),
  direction: z.enum(['forward', 'back']),
  /** Index of the step that is next, in this direction. */
  next: z.number(),
  /** What was done, and tried. */
  log: z.array(
    z.object({
      step: z.string(),
      state: z.enum(['started', 'done', 'failed']),
      at: z.number(),
      detail: z.string(),
    }),
  ),
  warnings: z.array(z.string()),
  /** As the endpoint showed it when it was ready. */
  shown: EndpointConfig.nullable(),
  failure: Failure.nullable(),
})
export type Operation = z.infer<typeof Operation>

/** A release that is over. */
export const HistoryEntry = z.object({
  id: z.string(),
  kind: z.enum(['deploy', 'rollback']),
  environment: z.string(),
  who: Person,
  approvedBy: Person.nullable(),
  reason: z.string(),
  planHash: z.string().nullable(),
  startedAt: z.number(),
  endedAt: z.number(),
  outcome: z.enum(['released', 'returned']),
  from: z.string().nullable(),
  version: z.string().nullable(),
  /** What serves since; null: nothing. */
  served: ServedState.nullable(),
  failure: Failure.nullable(),
  warnings: z.array(z.string()),
  log: Operation.shape.log,
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** A step with what tells it from others of its name. */
export interface Step {
  readonly name: StepName
  /** Which share of traffic it is about, from 0. */
  readonly stage: number
}

/** Traffic percent of the new version, stage by stage; the last is 100. */
export function stagesOf(operation: Operation): readonly number[] {
  return [...operation.canary.map(({ trafficPercent }) => trafficPercent), 100]
}

/** All steps of a direction, in order. The same operation always has the same steps. */
export function stepsOf(operation: Operation): readonly Step[] {
  return operation.direction === 'forward' ? forward(operation) : back(operation)
}

function forward(operation: Operation): readonly Step[] {
  const steps: Step[] = operation.folder ? [{ name: 'register', stage: 0 }] : []
  const last = operation.canary.length
  for (let stage = 0; stage <= last; stage += 1) {
    steps.push({ name: 'configure', stage }, { name: 'wait', stage })
    // What has passed is asked once more when it stands alone.
    if (stage === 0 || stage === last) steps.push({ name: 'smoke', stage })
    if ((operation.canary[stage]?.holdMs ?? 0) > 0) steps.push({ name: 'hold', stage })
  }
  if (operation.movesAliases)
    steps.push({ name: 'alias-previous', stage: last }, { name: 'alias-champion', stage: last })
  return steps
}

function back(operation: Operation): readonly Step[] {
  const steps: Step[] = [
    { name: 'configure-back', stage: 0 },
    { name: 'wait-back', stage: 0 },
  ]
  if (operation.movesAliases) {
    steps.push({ name: 'alias-champion-back', stage: 0 }, { name: 'alias-previous-back', stage: 0 })
  }
  return steps
}
