import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxCredentials, type Workspace, type WorkspaceOptions } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { createCredentials } from '../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../src/lib/databricks/rest.ts'
import { createHttpClient, type HttpClient } from '../../src/lib/http.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { ModelRegistry, Registered } from '../../src/mlflow/registry.ts'
import { chooseRegistry } from '../../src/mlflow/registry/choose-registry.ts'
import type { EndpointConfig, ServingEndpoints } from '../../src/mlflow/serving.ts'
import { createServing } from '../../src/mlflow/serving/create-serving.ts'
import { createManualClock } from './manual-clock.ts'
import { writeModelFolder } from './model-folder.ts'
import { createSmallServers, type SmallServers } from './model-server.ts'
import { noData } from './no-data.ts'

export const sandboxModelName = 'main.deckhand.slide_agent'

/** A sandbox workspace with models and endpoints, and our clients for them on a clock that does not wait. */
export interface SandboxModels extends AsyncDisposable {
  readonly workspace: Workspace
  readonly registry: ModelRegistry
  readonly endpoints: ServingEndpoints
  readonly servers: SmallServers
  readonly http: HttpClient
  /** A registry for another name, or over another client. */
  registryOf(modelName: string, http?: HttpClient): ModelRegistry
  /** Registers a small model that answers with `says`. */
  register(says: string): Promise<Registered>
  /** A folder of this instance, removed at the end. */
  readonly dir: string
}

export async function startSandboxModels(options: Partial<WorkspaceOptions> = {}): Promise<SandboxModels> {
  await using parts = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'deckhand-models-'))
  parts.defer(() => rm(dir, { recursive: true, force: true }))
  const servers = createSmallServers()
  const workspace = parts.use(
    await createWorkspace({
      brain: async () => ({ content: '' }),
      warehouse: noData,
      serveModel: servers.serve,
      ...options,
    }),
  )
  const http = parts.use(createHttpClient())
  const clock = patientClock(workspace)
  const host = workspace.url
  const credentials = createCredentials({ host, http, clock, token: new Secret(sandboxCredentials.token) })
  const registryOf = (modelName: string, client = http): ModelRegistry => {
    const settings = { registryUri: 'databricks-uc', modelName, experimentName: '' }
    const registry = chooseRegistry(settings, { workspace: { host, credentials }, http: client, clock })
    if (!registry) throw new Error('no registry')
    return registry
  }
  const registry = registryOf(sandboxModelName)
  const rest = createDatabricksRest({ host, credentials, http, clock, random: () => 0 })
  const endpoints = createServing({ host, rest, credentials, http, clock })
  const owned = parts.move()
  return {
    workspace,
    registry,
    endpoints,
    servers,
    http,
    registryOf,
    dir,
    register: async (says) =>
      registry.register(await writeModelFolder(join(dir, says), says), {}, { signal: new AbortController().signal }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Moves by itself, but lets the sandbox's own work go on between two looks at it. */
function patientClock(workspace: Workspace): Clock {
  const clock = createManualClock(Date.now(), { autoAdvance: true })
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      await clock.sleep(ms, signal)
      await fetch(`${workspace.url}/.well-known/databricks-config`).then((response) => response.arrayBuffer())
    },
  }
}

/** One version of the sandbox's model with all traffic, or two with a share for the second. */
export function configOf(
  versions: readonly string[],
  options: { readonly percent?: number; readonly env?: Readonly<Record<string, string>> } = {},
): EndpointConfig {
  const { percent = 100, env = {} } = options
  return {
    entities: versions.map((version, at) => ({
      name: `slide_agent-${version}`,
      modelName: sandboxModelName,
      modelVersion: version,
      trafficPercent: versions.length === 1 ? 100 : at === versions.length - 1 ? percent : 100 - percent,
      settings: { workload_size: 'Small', scale_to_zero_enabled: true, environment_vars: env },
    })),
  }
}
