import { z } from 'zod'
import { flag, name, number, text, whole } from './checks.ts'
import { evaluationSection } from './evaluation-section.ts'

const Serving = z.strictObject({
  endpoint_name: text,
  workload_size: z.enum(['Small', 'Medium', 'Large'], 'Small, Medium or Large'),
  scale_to_zero_enabled: flag,
  min_scale: whole('a whole number from 0 to 100', 0, 100),
  max_scale: whole('a whole number from 1 to 100', 1, 100),
  needs_approval: flag,
  moves_aliases: flag,
  canary: z.array(
    z.strictObject({
      traffic_percent: whole('a whole number from 0 to 99', 0, 99),
      hold_minutes: number('minutes from 0 to 1440', 0, 1440),
    }),
  ),
  smoke_questions: z.array(name, 'a list of questions'),
  update_minutes: number('minutes from 1 to 240', 1, 240),
  question_seconds: number('seconds from 5 to 3600', 5, 3600),
})

/** Aliases belong to the model, not to an environment: two that move them would take them from each other. */
const Environments = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a short name'), Serving)
  .superRefine((all, context) => {
    const [, second] = Object.keys(all).filter((environment) => all[environment]?.moves_aliases)
    if (second !== undefined) {
      context.addIssue({
        code: 'custom',
        path: [second, 'moves_aliases'],
        message: 'false: only one environment moves aliases',
      })
    }
    const owners = new Map<string, string>()
    for (const [environment, { endpoint_name: endpoint }] of Object.entries(all)) {
      const owner = owners.get(endpoint)
      if (endpoint !== '' && owner !== undefined) {
        context.addIssue({
          code: 'custom',
          path: [environment, 'endpoint_name'],
          message: `another one than that of ${owner}`,
        })
      }
      owners.set(endpoint, environment)
    }
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
    served_agent: z.strictObject({ environment_vars: z.record(z.string(), text) }),
    serving: Environments,
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
    servedAgent: { environmentVars: file.served_agent.environment_vars },
    serving: file.serving,
    logging: {
      systemMetrics: file.logging.log_system_metrics,
      registerPrompts: file.logging.register_prompts,
    },
    evaluation: file.evaluation,
  }))
