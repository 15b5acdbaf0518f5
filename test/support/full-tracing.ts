import type { TracingSettings } from '../../src/mlflow/create-tracing.ts'

/** Every turn with all that was said and found, as the configuration has it when it is not changed. */
export function fullTracing(spoolDir: string): TracingSettings['tracing'] {
  return {
    enabled: true,
    backend: 'auto',
    sampleRate: 1,
    captureInputOutput: true,
    captureModelConfig: true,
    spoolDir,
  }
}
