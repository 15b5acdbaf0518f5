import { createHash } from 'node:crypto'
import { z } from 'zod'
import { EndpointConfig } from '../serving.ts'
import { stableJson } from '../../lib/json.ts'
import { describeChanges } from './configs.ts'
import { Aliases, Person } from './operation.ts'
import { SourceChange } from './source-changes.ts'

/** What a plan rests on, and what it leads to. A deploy begins only while all of it still holds. */
const PlanFacts = z.object({
  environment: z.string(),
  endpointName: z.string(),
  /** What serves now; null: there is no endpoint, or nothing on it yet. */
  config: EndpointConfig.nullable(),
  aliases: Aliases,
  modelName: z.string(),
  /** Null: `folder` is to be registered. */
  version: z.string().nullable(),
  /** Of the model that is to be served; '' when its version does not tell. */
  contentHash: z.string(),
  entitySettings: z.record(z.string(), z.unknown()),
  canary: z.array(z.object({ trafficPercent: z.number(), holdMs: z.number() })),
  movesAliases: z.boolean(),
  drift: z.array(z.string()),
})
export type PlanFacts = z.infer<typeof PlanFacts>

/** What a deploy would do: read by people, approved, then done. */
export const Plan = z.object({
  /** Of everything in it, who and when included: each plan has its own. */
  hash: z.string(),
  who: Person,
  at: z.number(),
  expiresAt: z.number(),
  reason: z.string(),
  needsApproval: z.boolean(),
  acceptsDrift: z.boolean(),
  facts: PlanFacts,
  folder: z.object({ dir: z.string(), version: z.string(), commit: z.string(), contentHash: z.string() }).nullable(),
  /** The version that serves now, if one of ours does. */
  from: z.string().nullable(),
  /** Of the endpoint, one line each. */
  changes: z.array(z.string()),
  sources: SourceChange,
  /** Scores of evaluations: null where a version was not evaluated. */
  scores: z.array(z.object({ name: z.string(), before: z.number().nullable(), after: z.number().nullable() })),
})
export type Plan = z.infer<typeof Plan>

/** Puts the hash to a plan. */
export function sealPlan(plan: Omit<Plan, 'hash'>): Plan {
  return { ...plan, hash: createHash('sha256').update(stableJson(plan)).digest('hex').slice(0, 16) }
}

/** Which facts are not as they were planned, in words; none: all hold. */
export function changedFacts(planned: PlanFacts, now: PlanFacts): readonly string[] {
  const changes: string[] = []
  for (const change of describeChanges(planned.config, now.config)) changes.push(`endpoint ${change}`)
  for (const alias of ['champion', 'previous'] as const) {
    if (planned.aliases[alias] !== now.aliases[alias]) changes.push(`${alias} is ${now.aliases[alias] ?? 'nothing'}`)
  }
  if (planned.version !== now.version || planned.contentHash !== now.contentHash) changes.push('the model')
  const rest = (facts: PlanFacts): string => {
    const { endpointName, entitySettings, canary, movesAliases, modelName } = facts
    return stableJson({ endpointName, entitySettings, canary, movesAliases, modelName })
  }
  if (rest(planned) !== rest(now)) changes.push('the settings of the release')
  return changes
}
