import type { Check } from './bot/http/readiness.ts'
import { checkWorkspaceMlflow } from './mlflow/databricks/health.ts'
import { experimentNameOf } from './mlflow/experiment-name.ts'
import { checkMlflow } from './mlflow/health.ts'
import { isTransient } from './lib/databricks/error.ts'
import { GenieError } from './agent/genie/genie.ts'
import type { Parts } from './parts.ts'
import type { Settings } from './settings.ts'

/** What a process of the service needs to be of use. */
export function readinessChecks(parts: Parts, settings: Settings, spaceId: string): readonly Check[] {
  const { redis, renderer } = parts
  return [
    { name: 'redis', isRequired: true, freshMs: 1000, run: async () => void (await redis.ping()) },
    { name: 'browser', isRequired: true, freshMs: 10_000, run: (signal) => renderer.warm(signal) },
    { name: 'genie', isRequired: true, freshMs: 15_000, run: genieCheck(parts, spaceId) },
    ...(settings.mlflow.tracing.enabled ? [mlflowCheck(parts, settings)] : []),
  ]
}

/** A workspace is asked less often than a server of one's own: its calls are counted. */
function mlflowCheck({ http, clock, credentials: workspaceCredentials }: Parts, settings: Settings): Check {
  const { mlflow, credentials, databricks } = settings
  const check = { name: 'mlflow', isRequired: false } as const
  if (mlflow.trackingUri === 'databricks') {
    const workspace = { host: databricks.host, credentials: workspaceCredentials }
    const experimentName = experimentNameOf(settings)
    return { ...check, freshMs: 60_000, run: checkWorkspaceMlflow({ workspace, experimentName, http, clock }) }
  }
  const address = {
    trackingUri: mlflow.trackingUri,
    username: credentials.mlflowUsername,
    password: credentials.mlflowPassword,
    token: credentials.mlflowToken,
  }
  return { ...check, freshMs: 5000, run: checkMlflow(address, http) }
}

/**
 * Fails while the credentials or the space are not accepted. A workspace that worked and is away for a while is no reason
 * to take no more questions: people are told, and their turns wait.
 */
function genieCheck({ genie, credentials }: Parts, spaceId: string): Check['run'] {
  let hasWorked = false
  return async (signal) => {
    try {
      if (spaceId === '') await credentials.authorization(signal)
      else await genie.getSpace(spaceId, signal)
      hasWorked = true
    } catch (error) {
      if (!hasWorked || !isAway(error)) throw error
    }
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof GenieError) {
    return error.code === 'unavailable' || error.code === 'timeout' || error.code === 'rate-limited'
  }
  return isTransient(error)
}
