import type { Clock } from '../../lib/clock.ts'
import type { HttpClient } from '../../lib/http.ts'
import { createMlflowClient } from '../client.ts'
import type { WorkspaceAccess } from '../databricks/backend.ts'
import { createWorkspaceTransport } from '../databricks/transport.ts'
import type { ModelRegistry } from '../registry.ts'
import { parseServerAddress, type Credentials } from '../server-address.ts'
import { createServerTransport } from '../transport.ts'
import { createServerRegistry } from './server-registry.ts'
import { createUnityCatalogRegistry } from './unity-catalog.ts'

/** Of one request; the agent's bundle is one file of some megabytes. */
const requestTimeoutMs = 120_000

/**
 * The registry that `registryUri` names: an MLflow server by its address, or the workspace's Unity Catalog by the word
 * `databricks-uc`. Undefined for anything else, and for `databricks-uc` where there is no workspace.
 * @throws RegistryError `rejected` for a model name that the registry does not take; DatabricksError `misconfigured`
 */
export function chooseRegistry(
  settings: Credentials & {
    readonly registryUri: string
    readonly modelName: string
    /** MLflow servers keep a model's files with it. */
    readonly experimentName: string
  },
  deps: {
    readonly workspace?: WorkspaceAccess | undefined
    readonly http: HttpClient
    readonly clock: Clock
  },
): ModelRegistry | undefined {
  const { workspace, clock } = deps
  const timeoutMs = requestTimeoutMs
  if (settings.registryUri === 'databricks-uc') {
    if (!workspace) return undefined
    const transport = createWorkspaceTransport({ ...workspace, http: deps.http, clock, timeoutMs })
    return createUnityCatalogRegistry({ transport, clock, modelName: settings.modelName })
  }
  const address = parseServerAddress(settings.registryUri, settings)
  if (!address) return undefined
  const transport = createServerTransport({ address, http: deps.http, timeoutMs })
  const { experiments } = createMlflowClient({ transport })
  return createServerRegistry({ ...settings, transport, experiments, clock })
}
