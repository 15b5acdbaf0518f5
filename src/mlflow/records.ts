import { createAssessments, type Assessments } from './assessments.ts'
import type { Backend, Experiment, Links, Metric } from './backend.ts'
import { exceptInTables } from './databricks/no-tables.ts'
import { createDatasets, type Datasets } from './datasets.ts'
import { createEvaluationRuns, type EvaluationRuns } from './evaluation-runs.ts'
import { createExperiments } from './experiments.ts'
import { createRedactor, type Redact } from './redact.ts'
import { createTraceSearch, type TraceSearch } from './trace-search.ts'

/** What MLflow holds about turns that are over, and what may be added to it. Everything here rejects with MlflowError. */
export interface MlflowRecords {
  /** The experiment of this environment; made when missing. */
  experiment(signal: AbortSignal): Promise<Experiment>
  readonly assessments: Assessments
  readonly traces: TraceSearch
  readonly datasets: Datasets
  readonly evaluations: EvaluationRuns
  /** Adds to a run, also to one that is over. */
  addToRun(
    runId: string,
    data: { readonly metrics: readonly Metric[]; readonly tags: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<void>
  readonly links: Links
}

export function createMlflowRecords(deps: {
  readonly backend: Backend
  readonly experimentName: string
  /** Takes secrets out of what people write. */
  readonly redact?: Redact
}): MlflowRecords {
  const { backend, experimentName, redact = createRedactor([]) } = deps
  const client = backend.rest
  const experiments = createExperiments({ store: backend.experiments, onResolved: async () => {} })
  const experiment = (signal: AbortSignal): Promise<Experiment> => experiments.resolve(experimentName, signal)
  const aboutTraces = exceptInTables(client, experiment)
  return {
    experiment,
    assessments: createAssessments({ client: aboutTraces, redact }),
    traces: createTraceSearch({ client: aboutTraces }),
    datasets: createDatasets({ client }),
    evaluations: createEvaluationRuns({ client, runs: backend.runs }),
    addToRun: (runId, data, signal) => backend.runs.log(runId, { params: {}, ...data }, signal),
    links: backend.links,
  }
}
