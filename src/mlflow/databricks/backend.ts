import type { Clock } from '../../lib/clock.ts'
import type { Credentials } from '../../lib/databricks/credentials.ts'
import type { HttpClient } from '../../lib/http.ts'
import { silentLogger, type Logger } from '../../lib/log.ts'
import type { Backend, Experiment } from '../backend.ts'
import { createMlflowClient } from '../client.ts'
import { createArtifactStore } from './artifacts.ts'
import { createWorkspaceExperiments } from './experiments.ts'
import { createSignedUpload } from './signed-upload.ts'
import { readExperiment, tableTraceId } from './trace-tables.ts'
import { createWorkspaceTraces } from './traces.ts'
import { createWorkspaceTransport } from './transport.ts'

/** A Databricks workspace and who we are to it. */
export interface WorkspaceAccess {
  readonly host: string
  readonly credentials: Credentials
}

/** Deadline of one upload: two of them with a call between take less than a spool's claim may go without a sign of life. */
const uploadTimeoutMs = 40_000

/**
 * The MLflow of a Databricks workspace. `timeoutMs`: deadline of one request.
 * @throws DatabricksError `misconfigured` when the host is no address
 */
export function createWorkspaceBackend(deps: {
  readonly workspace: WorkspaceAccess
  readonly http: HttpClient
  readonly clock: Clock
  readonly timeoutMs: number
  readonly log?: Logger
}): Backend {
  const { http, clock, timeoutMs } = deps
  const transport = createWorkspaceTransport({ ...deps.workspace, http, clock, timeoutMs })
  const client = createMlflowClient({ transport, readExperiment })
  const { baseUrl } = transport
  const upload = createSignedUpload({ http, clock, timeoutMs: uploadTimeoutMs, workspaceUrl: baseUrl })
  const page = ({ id }: Experiment): string => `${baseUrl}/ml/experiments/${encodeURIComponent(id)}`
  return {
    place: `${baseUrl} (Databricks)`,
    experiments: createWorkspaceExperiments(client),
    runs: { ...client.runs, putArtifacts: createArtifactStore({ transport, client, upload }) },
    traces: createWorkspaceTraces({ transport, client, upload, log: deps.log ?? silentLogger }),
    links: {
      trace(experiment, traceId) {
        const { traceTables } = experiment
        const id = encodeURIComponent(traceTables ? tableTraceId(traceTables, traceId) : traceId)
        return `${page(experiment)}/traces?selectedEvaluationId=${id}&traceId=${id}`
      },
      run: (experiment, runId) => `${page(experiment)}/runs/${encodeURIComponent(runId)}`,
    },
    rest: client,
  }
}
