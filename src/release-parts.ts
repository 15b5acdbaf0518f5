import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { type AdminDesk, createAdminDesk } from './bot/admin/admin-desk.ts'
import { createAdmins } from './bot/admin/admins.ts'
import { createAuditLog } from './bot/admin/audit-log.ts'
import { createCarryOut } from './bot/admin/carry-out.ts'
import type { Clock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import type { Credentials } from './lib/databricks/credentials.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import type { HttpClient } from './lib/http.ts'
import type { Logger } from './lib/log.ts'
import { Secret } from './lib/secret.ts'
import { createRedactor } from './mlflow/redact.ts'
import type { Releases } from './mlflow/release.ts'
import { createReleases } from './mlflow/release/create-releases.ts'
import type { ReleaseEnvironment } from './mlflow/release/environment.ts'
import { createJudge, type Judge } from './mlflow/release/judge.ts'
import { createRedisReleaseStore } from './mlflow/release/redis-store.ts'
import { createSourceChanges } from './mlflow/release/source-changes.ts'
import { createEndpointReadings, type EndpointReadings } from './mlflow/serving/endpoint-readings.ts'
import { createServing } from './mlflow/serving/create-serving.ts'
import { createModelRegistry } from './model-registry.ts'
import { secretValues, type Settings } from './settings.ts'

/** Releases of the agent, and the desk where people command them. */
export interface ReleaseParts {
  readonly releases: Releases
  readonly desk: AdminDesk
}

export interface ReleaseSurroundings {
  readonly redis: Redis
  readonly http: HttpClient
  readonly credentials: Credentials
  readonly clock: Clock
  readonly log: Logger
}

const root = join(import.meta.dirname, '..')
/** How long a plan may be approved, and how long a release that lost its process is gone on with. */
const planMs = 3_600_000
const resumeMs = 4 * 3_600_000
const registerMs = 15 * 60_000
/** A canary is not judged by fewer requests. */
const fewestJudged = 20
/** Requests at once that one copy takes, by the size of its machine. */
const concurrency = { Small: 4, Medium: 8, Large: 16 } as const

/** @throws SettingsError when mlflow.yaml names no registry; RegistryError when it does not take the model's name */
export function createReleaseParts(settings: Settings, env: Environment, deps: ReleaseSurroundings): ReleaseParts {
  const { redis, http, credentials, clock, log } = deps
  const { databricks } = settings
  const registry = createModelRegistry(settings, deps)
  const rest = createDatabricksRest({ host: databricks.host, credentials, http, clock, log })
  const environments = releaseEnvironments(settings)
  const releases = createReleases({
    registry,
    endpoints: createServing({ host: databricks.host, rest, credentials, http, clock }),
    store: createRedisReleaseStore(redis),
    environments,
    judge: judgeOf(settings, createEndpointReadings({ host: databricks.host, rest, credentials, http })),
    findSourceChange: createSourceChanges(root),
    clock,
    log,
    redact: createRedactor(secretValues(env).map((value) => new Secret(value))),
  })
  const audit = createAuditLog({ redis })
  const desk = createAdminDesk({
    environments: environments.map(({ name }) => name),
    admins: createAdmins(settings.admins),
    audit,
    carryOut: createCarryOut({ releases, registry, audit, clock, log }),
    clock,
    log,
  })
  return { releases, desk }
}

/**
 * Judges a canary by how its endpoint's requests went in the last minute, those to the earlier version among them: the
 * workspace tells no more. The limit is that of the alert on failing turns.
 */
function judgeOf({ alerts }: Settings, readings: EndpointReadings): Judge {
  const limit = alerts.limits['error-rate']
  return createJudge(
    async ({ endpointName }, signal) => {
      const { requests, errors5xx } = await readings.utilisation(endpointName, signal)
      return { requests, errors: errors5xx, p95Ms: undefined, thumbsUp: 0, thumbsDown: 0 }
    },
    // An alert that is off says nothing of canaries.
    { errorShare: limit > 0 ? limit : 1, p95Ms: Infinity, thumbsDownShare: 1, fewest: fewestJudged },
  )
}

/** The environments of mlflow.yaml, also those that have no endpoint yet: commands say so. */
function releaseEnvironments({ mlflow }: Settings): readonly ReleaseEnvironment[] {
  return Object.entries(mlflow.serving).map(([name, serving]) => {
    const copy = concurrency[serving.workload_size]
    const fewest = Math.max(serving.min_scale, 1)
    const vars = { ...mlflow.servedAgent.environmentVars, DECKHAND_ENVIRONMENT: name }
    return {
      name,
      endpointName: serving.endpoint_name,
      entitySettings: {
        // Below the fewest it goes to zero, or not at all.
        min_provisioned_concurrency: fewest * copy,
        max_provisioned_concurrency: Math.max(serving.max_scale, fewest) * copy,
        scale_to_zero_enabled: serving.scale_to_zero_enabled,
        environment_vars: Object.fromEntries(Object.entries(vars).filter(([, value]) => value !== '')),
      },
      movesAliases: serving.moves_aliases,
      needsApproval: serving.needs_approval,
      canary: serving.canary
        .map((step) => ({ trafficPercent: step.traffic_percent, holdMs: step.hold_minutes * 60_000 }))
        .toSorted((a, b) => a.trafficPercent - b.trafficPercent),
      smokeQuestions: serving.smoke_questions,
      expectsTrace: mlflow.tracing.enabled && mlflow.tracing.sampleRate === 1,
      timeouts: {
        registerMs,
        updateMs: serving.update_minutes * 60_000,
        questionMs: serving.question_seconds * 1000,
        planMs,
        resumeMs,
      },
    }
  })
}
