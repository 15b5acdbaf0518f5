import { z } from 'zod'

/** What we read of MLflow's answers; everything else in them is tolerated. */

/** MLflow's own errors have code and message, those of its OTLP route (FastAPI) a detail. */
export const ErrorBody = z.object({
  error_code: z.string().catch(''),
  message: z.string().catch(''),
  detail: z.string().catch(''),
})

const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((list): Record<string, string> => Object.fromEntries(list.map(({ key, value }) => [key, value])))

export const ExperimentAnswer = z.object({
  experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().default('active'), tags: pairs }),
})

export const CreateExperimentAnswer = z.object({ experiment_id: z.string() })

export const RunAnswer = z.object({
  run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string().default('') }) }),
})

export const SearchRunsAnswer = z.object({
  runs: z.array(z.object({ info: z.object({ run_id: z.string() }) })).default([]),
})

export const TraceAnswer = z.object({
  trace: z.object({ trace_info: z.object({ tags: z.record(z.string(), z.string()).default({}) }) }),
})
