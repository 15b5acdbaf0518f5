import type { Clock } from '../../src/lib/clock.ts'
import type { Warehouse } from '../data/warehouse.ts'
import type { ChatBrain } from './chat-brain.ts'
import type { Faults } from './faults.ts'
import type { Cloud, SandboxMlflow } from './mlflow/contract.ts'
import type { ServeModel } from './serving/deployment.ts'
import type { SandboxEndpoints } from './serving/endpoints.ts'
import type { StoredModel } from './unity-catalog/catalog.ts'

/** Settings of `createWorkspace` in `workspace.ts`. Only the brain is required. */
export interface WorkspaceOptions {
  /** Answers chat completions. */
  readonly brain: ChatBrain
  /** Rules statuses, delays, token lifetimes and limits (default: the system's). */
  readonly clock?: Clock
  /** Day up to which there is data, ISO 8601 (default: the clock's day in UTC). */
  readonly today?: string
  /** Port on 127.0.0.1 (default 0: any free one). */
  readonly port?: number
  /** Time from asking Genie to its finished answer, spread over the statuses (default 0: as fast as the SQL runs). */
  readonly genieDelayMs?: number
  /** Time one chat completion takes (default 0). */
  readonly llmDelayMs?: number
  /** Genie questions all spaces take in any 60 s; more get 429 with Retry-After (default: no limit). */
  readonly questionsPerMinute?: number
  /** How long rows stay readable before QUERY_RESULT_EXPIRED (default 1 hour). */
  readonly resultTtlMs?: number
  /** Lifetime of OAuth tokens (default 1 hour). */
  readonly tokenTtlMs?: number
  /** What the workspace accepts (default {@link sandboxCredentials}). */
  readonly credentials?: WorkspaceCredentials
  /** Whose storage keeps the files of runs and traces (default `aws`). */
  readonly cloud?: Cloud
  /** A data set to share between workspaces; the caller disposes it. Default: an own one, made when first needed. */
  readonly warehouse?: Warehouse
  /** What serving endpoints run (default: MLflow's own scoring server, which takes seconds to start). */
  readonly serveModel?: ServeModel
}

/** Who everybody is who signs in. */
export const sandboxUserName = 'analyst@sandbox.example'

export interface WorkspaceCredentials {
  readonly token: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Accepted when nothing else is set. Not secrets: the workspace is on loopback and its data is generated. */
export const sandboxCredentials: WorkspaceCredentials = {
  token: 'sandbox-token',
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
}

/** Genie spaces of the sandbox. The caller may not use `finance`, so that "no access" can be tried. */
export const sandboxSpaceIds = {
  sales: '01f0c0ffee5a1e5000000000000000a1',
  customers: '01f0c0ffeec0570000000000000000b2',
  finance: '01f0c0ffeef1a00000000000000000c3',
} as const

/** A request as it came in, without its credentials. */
export interface RecordedRequest {
  readonly method: string
  /** With the query string. */
  readonly path: string
  /** Milliseconds since the epoch, on the workspace's clock. */
  readonly at: number
  /** Lower-case names; `authorization` is left out. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON where it was JSON, else the text; undefined when there was none. */
  readonly body: unknown
}

/** A running workspace. Disposing it closes every connection, stops running SQL and frees the port. */
export interface Workspace extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string
  readonly faults: Faults
  /** Every request so far, oldest first. */
  readonly requests: readonly RecordedRequest[]
  readonly mlflow: SandboxMlflow
  readonly serving: SandboxEndpoints
  /** Registered models of Unity Catalog, by full name. */
  readonly models: ReadonlyMap<string, StoredModel>
  /** Resolves when the data set is ready; questions asked earlier wait for it. */
  ready(): Promise<void>
}
