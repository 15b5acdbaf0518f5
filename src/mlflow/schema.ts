import { z } from 'zod'

/** What we read of MLflow's answers; everything else in them is tolerated. */

/** MLflow's own errors have code and message, those of its OTLP route (FastAPI) a detail. */
export const ErrorBody = z.object({
  error_code: z.string().catch(''),
  message: z.string().catch(''),
  detail: z.string().catch(''),
})

export const ExperimentAnswer = z.object({
  experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().default('active') }),
})

export const CreateExperimentAnswer = z.object({ experiment_id: z.string() })

export const RunAnswer = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) })

export const SearchRunsAnswer = z.object({
  runs: z.array(z.object({ info: z.object({ run_id: z.string() }) })).default([]),
})

export const TraceAnswer = z.object({
  trace: z.object({ trace_info: z.object({ tags: z.record(z.string(), z.string()).default({}) }) }),
})
