import type { Settings } from '../settings.ts'

/** Whether there is anything to release to. */
export function hasEndpoint({ mlflow }: Pick<Settings, 'mlflow'>): boolean {
  return Object.values(mlflow.serving).some(({ endpoint_name: name }) => name !== '')
}
