import { userInfo } from 'node:os'

/**
 * The experiment's name from its template in the settings. `{username}` is who runs this process; where MLflow is a
 * workspace it stays, as only the workspace knows who we are there (`databricks/experiments.ts`).
 */
export function experimentNameOf(settings: {
  readonly environment: string
  readonly mlflow: { readonly experimentName: string; readonly trackingUri: string }
}): string {
  const { experimentName, trackingUri } = settings.mlflow
  const name = experimentName.replaceAll('{environment}', settings.environment)
  return trackingUri === 'databricks' ? name : name.replaceAll('{username}', userInfo().username)
}
