import type { Environment } from './lib/config-file.ts'
import { Secret } from './lib/secret.ts'
import { createRedactor, type Redact } from './mlflow/redact.ts'
import { secretValues } from './settings.ts'

/** Hides every secret of this process's environment in what leaves it: the log, traces, runs, opinions. */
export function redactSecretsOf(env: Environment): Redact {
  return createRedactor(secretValues(env).map((value) => new Secret(value)))
}
