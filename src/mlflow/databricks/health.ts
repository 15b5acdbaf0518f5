import type { Clock } from '../../lib/clock.ts'
import type { HttpClient } from '../../lib/http.ts'
import { createWorkspaceBackend, type WorkspaceAccess } from './backend.ts'

const timeoutMs = 3000

/**
 * Asks the workspace for the experiment of these settings, which takes access to its MLflow; that there is none yet is
 * no failure. The function rejects with MlflowError.
 */
export function checkWorkspaceMlflow(deps: {
  readonly workspace: WorkspaceAccess
  readonly experimentName: string
  readonly http: HttpClient
  readonly clock: Clock
}): (signal: AbortSignal) => Promise<void> {
  const { experiments } = createWorkspaceBackend({ ...deps, timeoutMs })
  return async (signal) => void (await experiments.find(deps.experimentName, signal))
}
