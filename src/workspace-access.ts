import type { Clock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import { createCredentials, type Credentials } from './lib/databricks/credentials.ts'
import type { HttpClient } from './lib/http.ts'
import { createLogger, type Logger } from './lib/log.ts'
import { redactSecretsOf } from './redact-secrets.ts'
import type { Settings } from './settings.ts'

/** The log as the configuration wants it, which no secret of the environment gets into. */
export function logOf(settings: Settings, env: Environment): Logger {
  return createLogger({ ...settings.log, redact: redactSecretsOf(env) })
}

/** How we sign in to the workspace of the configuration. @throws DatabricksError `misconfigured` */
export function credentialsOf(
  { databricks, credentials }: Settings,
  deps: { readonly http: HttpClient; readonly clock: Clock; readonly log: Logger },
): Credentials {
  return createCredentials({
    host: databricks.host,
    clientId: databricks.clientId,
    token: credentials.databricksToken,
    clientSecret: credentials.databricksClientSecret,
    ...deps,
  })
}
