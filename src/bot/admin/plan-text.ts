import type { Plan } from '../../mlflow/release.ts'
import type { Json } from '../../mlflow/tracing.ts'

/** As much of a plan's hash as people are to read and to write. */
export function planId({ hash }: Pick<Plan, 'hash'>): string {
  return hash.slice(0, 8)
}

/** What a deploy would do, as lines of text. */
export function planToText(plan: Plan): string {
  const { facts, sources, scores, folder } = plan
  const version =
    facts.version === null ? `a new version (commit ${folder?.commit.slice(0, 9) ?? '?'})` : `version ${facts.version}`
  const lines = [
    `Plan ${planId(plan)} for ${facts.environment}: ${version} instead of ${plan.from === null ? 'nothing' : `version ${plan.from}`}`,
    ...facts.drift.map((change) => `Changed by hand: ${change}`),
    ...plan.changes.map((change) => `Endpoint: ${change}`),
    ...facts.canary.map(
      ({ trafficPercent, holdMs }) => `First ${trafficPercent} % of traffic for ${holdMs / 60_000} min`,
    ),
    ...scores.map(({ name, before, after }) => `${name}: ${score(before)} → ${score(after)}`),
    ...sourceLines(sources),
  ]
  if (plan.reason !== '') lines.push(`Reason: ${plan.reason}`)
  return lines.join('\n')
}

function score(value: number | null): string {
  return value === null ? 'not evaluated' : String(Math.round(value * 1000) / 1000)
}

function sourceLines({ commits, commitCount, configDiff, unknownBecause }: Plan['sources']): readonly string[] {
  const more = commitCount - commits.length
  return [
    ...(commitCount === 0 ? [] : [`${commitCount} ${commitCount === 1 ? 'commit' : 'commits'}:`]),
    ...commits.map((commit) => `  ${commit}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...(configDiff === '' ? [] : ['Configuration and prompts:', ...configDiff.split('\n').map((line) => `  ${line}`)]),
    ...(unknownBecause === '' ? [] : [`What changed in the sources cannot be said for sure: ${unknownBecause}`]),
  ]
}

export function planToJson(plan: Plan): Json {
  return {
    id: plan.hash,
    environment: plan.facts.environment,
    endpoint: plan.facts.endpointName,
    from: plan.from,
    version: plan.facts.version,
    needs_approval: plan.needsApproval,
    planned_by: plan.who.name,
    expires_at: new Date(plan.expiresAt).toISOString(),
    reason: plan.reason,
    drift: plan.facts.drift,
    changes: plan.changes,
    canary: plan.facts.canary.map(({ trafficPercent, holdMs }) => ({
      traffic_percent: trafficPercent,
      hold_ms: holdMs,
    })),
    scores: plan.scores,
    commits: plan.sources.commits,
    commit_count: plan.sources.commitCount,
    config_diff: plan.sources.configDiff,
  }
}
