import type { Clock } from '../lib/clock.ts'
import type { HttpClient } from '../lib/http.ts'
import type { Logger } from '../lib/log.ts'
import type { Backend } from './backend.ts'
import { createWorkspaceBackend, type WorkspaceAccess } from './databricks/backend.ts'
import { createServerBackend, type SpanFormat } from './server-backend.ts'
import { parseServerAddress, type Credentials } from './server-address.ts'

const requestTimeoutMs = 30_000

/**
 * The place that `trackingUri` names: an MLflow server by its address, or the workspace by the word `databricks`.
 * Undefined for anything else, and for `databricks` where there is no workspace.
 */
export function chooseBackend(
  settings: Credentials & { readonly trackingUri: string; readonly spanFormat: SpanFormat },
  deps: {
    readonly workspace?: WorkspaceAccess | undefined
    readonly http: HttpClient
    readonly clock: Clock
    readonly log: Logger
  },
): Backend | undefined {
  const { workspace } = deps
  if (settings.trackingUri === 'databricks') {
    return workspace && createWorkspaceBackend({ ...deps, workspace, timeoutMs: requestTimeoutMs })
  }
  const address = parseServerAddress(settings.trackingUri, settings)
  return address && createServerBackend({ ...deps, ...settings, address, timeoutMs: requestTimeoutMs })
}
