import { dirname } from 'node:path/posix'
import type { ExperimentStore } from '../backend.ts'
import type { MlflowClient } from '../client.ts'
import { MlflowError } from '../mlflow-error.ts'
import { Anything, Me } from './schema.ts'

/**
 * Experiments by their path in the workspace. `{username}` in a name stands for who we are to the workspace: a person's
 * address, or a service principal's application id. A folder that is missing is made.
 */
export function createWorkspaceExperiments(client: MlflowClient): ExperimentStore {
  let userName: string | undefined

  async function toPath(name: string, signal: AbortSignal): Promise<string> {
    // The page shows paths below /Workspace, where experiments are made but not found again.
    const path = name.replace(/^\/Workspace(?=\/)/, '')
    if (!path.includes('{username}')) return path
    const who = { method: 'GET', path: '/api/2.0/preview/scim/v2/Me', schema: Me } as const
    userName ??= (await client.call(who, signal)).userName
    return path.replaceAll('{username}', userName)
  }

  return {
    find: async (name, signal) => client.experiments.find(await toPath(name, signal), signal),
    async create(name, signal) {
      const path = await toPath(name, signal)
      try {
        return await client.experiments.create(path, signal)
      } catch (error) {
        if (!(error instanceof MlflowError) || error.code !== 'not-found') throw error
      }
      const body = { path: dirname(path) }
      await client.call({ method: 'POST', path: '/api/2.0/workspace/mkdirs', body, schema: Anything }, signal)
      await client.experiments.create(path, signal)
    },
  }
}
