import type { Clock } from './lib/clock.ts'
import type { Credentials } from './lib/databricks/credentials.ts'
import type { HttpClient } from './lib/http.ts'
import { experimentNameOf } from './mlflow/experiment-name.ts'
import type { ModelRegistry } from './mlflow/registry.ts'
import { chooseRegistry } from './mlflow/registry/choose-registry.ts'
import { SettingsError, type Settings } from './settings.ts'

/** The registry of mlflow.yaml. @throws SettingsError when it names none; RegistryError when it does not take the model's name */
export function createModelRegistry(
  settings: Settings,
  deps: { readonly http: HttpClient; readonly credentials: Credentials; readonly clock: Clock },
): ModelRegistry {
  const { mlflow, databricks } = settings
  const registry = chooseRegistry(
    {
      registryUri: mlflow.registryUri,
      modelName: mlflow.modelName,
      experimentName: experimentNameOf(settings),
      username: settings.credentials.mlflowUsername,
      password: settings.credentials.mlflowPassword,
      token: settings.credentials.mlflowToken,
    },
    { ...deps, workspace: { host: databricks.host, credentials: deps.credentials } },
  )
  if (registry) return registry
  const should = 'should be databricks-uc or the address of an MLflow server'
  throw new SettingsError([`mlflow.yaml registry_uri: is "${mlflow.registryUri}", ${should}`])
}
