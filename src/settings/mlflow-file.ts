import { z } from 'zod'
import { flag, name, number, text, whole } from './checks.ts'
import { evaluationSection } from './evaluation-section.ts'

const Serving = z.strictObject({
  endpoint_name: text,
  workload_size: z.enum(['Small', 'Medium', 'Large'], 'Small, Medium or Large'),
  scale_to_zero_enabled: flag,
  min_scale: whole('a whole number from 0 to 100', 0, 100),
  max_scale: whole('a whole number from 1 to 100', 1, 100),
})

/** What `mlflow.yaml` holds. */
export const MlflowFile = z
  .strictObject({
    tracking_uri: z
      .string()
      .refine((value) => value === 'databricks' || /^https?:\/\/./.test(value), 'http(s)://host:port or databricks'),
    experiment_name: name,
    tracing: z.strictObject({
      enabled: flag,
      backend: z.enum(['auto', 'otlp', 'artifact'], 'auto, otlp or artifact'),
      sample_rate: number('a number from 0 to 1', 0, 1),
      capture_input_output: flag,
      capture_model_config: flag,
      spool_dir: name,
    }),
    registry_uri: name,
    model_name: name,
    serving: z.record(z.string(), Serving),
    logging: z.strictObject({ log_system_metrics: flag, register_prompts: flag }),
    evaluation: evaluationSection,
  })
  .transform((file) => ({
    trackingUri: file.tracking_uri.replace(/\/+$/, ''),
    experimentName: file.experiment_name,
    tracing: {
      enabled: file.tracing.enabled,
      backend: file.tracing.backend,
      sampleRate: file.tracing.sample_rate,
      captureInputOutput: file.tracing.capture_input_output,
      captureModelConfig: file.tracing.capture_model_config,
      spoolDir: file.tracing.spool_dir,
    },
    registryUri: file.registry_uri,
    modelName: file.model_name,
    serving: file.serving,
    logging: {
      systemMetrics: file.logging.log_system_metrics,
      registerPrompts: file.logging.register_prompts,
    },
    evaluation: file.evaluation,
  }))
