import type { EnvironmentStatus, HistoryEntry, ReleaseResult, SmokeAnswer } from '../../mlflow/release.ts'
import type { ModelVersion } from '../../mlflow/registry.ts'
import type { Json } from '../../mlflow/tracing.ts'
import type { AuditRecord } from './audit-log.ts'
import { planToJson } from './plan-text.ts'

/** What releases tell, for `--json`: names with underscores, instants ISO 8601, null for what there is not. */

export function resultToJson(result: ReleaseResult): Json {
  const { releaseId, kind, environment, version = null, outcome } = result
  const shared = { release_id: releaseId, kind, environment, version, outcome }
  if (result.outcome === 'released') return { ...shared, warnings: result.warnings }
  const { failedStep, reason, logTail } = result
  return { ...shared, failed_step: failedStep, reason, log_tail: logTail }
}

export function statusToJson(status: EnvironmentStatus): Json {
  const { lock, running } = status
  return {
    environment: status.environment,
    endpoint: status.endpointName,
    endpoint_url: status.endpointLink,
    is_ready: status.endpoint?.isReady ?? false,
    update: status.endpoint?.update ?? null,
    serving: status.serving.map(({ version, trafficPercent }) => ({ version, traffic_percent: trafficPercent })),
    champion: status.champion ?? null,
    previous: status.previous ?? null,
    drift: status.drift,
    lock: lock ? { by: lock.who.name, reason: lock.reason, at: iso(lock.at) } : null,
    running: running
      ? {
          release_id: running.releaseId,
          kind: running.kind,
          by: running.who.name,
          started_at: iso(running.startedAt),
          direction: running.direction,
          is_held: running.isHeld,
        }
      : null,
    plans: status.plans.map(({ plan, approval }) => ({
      plan: planToJson(plan),
      approved_by: approval?.who.name ?? null,
    })),
    last: status.last.map(historyToJson),
  }
}

export function historyToJson(entry: HistoryEntry): Json {
  return {
    release_id: entry.id,
    kind: entry.kind,
    environment: entry.environment,
    outcome: entry.outcome,
    from: entry.from,
    version: entry.version,
    by: entry.who.name,
    approved_by: entry.approvedBy?.name ?? null,
    reason: entry.reason,
    started_at: iso(entry.startedAt),
    ended_at: iso(entry.endedAt),
    failed_step: entry.failure?.failedStep ?? null,
    failure: entry.failure?.reason ?? null,
    warnings: entry.warnings,
  }
}

export function attemptToJson({ at, identity, person, command, why }: AuditRecord): Json {
  return { at: iso(at), identity, person: person === '' ? null : person, command, why }
}

export function versionToJson({ version, status, createdAt, tags, aliases, link }: ModelVersion): Json {
  return { version, status, created_at: createdAt === 0 ? null : iso(createdAt), tags, aliases, url: link }
}

export function smokeToJson({ question, problem, slideCount, traceUrl, tookMs }: SmokeAnswer): Json {
  return {
    question,
    problem: problem ?? null,
    slide_count: slideCount,
    trace_url: traceUrl,
    took_ms: Math.round(tookMs),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
