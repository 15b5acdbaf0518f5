import { collectTurn, type Collected } from './eval/collect.ts'
import { findTrace, type TraceReport } from './bot/shell/find-trace.ts'
import { systemClock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import { createHttpClient } from './lib/http.ts'
import { createRecords } from './quality.ts'
import { SettingsError, type Settings } from './settings.ts'
import { credentialsOf, logOf } from './workspace-access.ts'

/** Looking at what MLflow knows about turns; needs nothing but MLflow. */
export interface RecordsApp extends AsyncDisposable {
  /** See {@link findTrace}. */
  find(text: string, signal: AbortSignal): Promise<TraceReport>
  /** Finds a turn and puts its question into an evaluation dataset. See {@link collectTurn}. */
  collect(text: string, set: string | undefined, signal: AbortSignal): Promise<Collected & { readonly set: string }>
}

const noMlflow =
  'mlflow.yaml tracking_uri: names no MLflow server, should be http(s)://host:port or databricks (set MLFLOW_TRACKING_URI)'

/** @throws SettingsError when there is no MLflow to ask */
export function createRecordsApp(settings: Settings, env: Environment): RecordsApp {
  const log = logOf(settings, env)
  const http = createHttpClient()
  const credentials = credentialsOf(settings, { http, clock: systemClock, log })
  const records = createRecords(settings, env, { http, credentials, clock: systemClock, log })
  if (!records) throw new SettingsError([noMlflow])
  return {
    find: (text, signal) => findTrace(text, records, signal),
    async collect(text, set = settings.mlflow.evaluation.collectedSet, signal) {
      const { trace_id: traceId } = await findTrace(text, records, signal)
      return { ...(await collectTurn(traceId, set, records, signal)), set }
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}
