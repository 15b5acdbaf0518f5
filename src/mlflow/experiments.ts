import type { MlflowClient } from './client.ts'
import { MlflowError } from './mlflow-error.ts'

/** Ids of experiments by name, asked for once. */
export interface Experiments {
  /** Finds the experiment, creates it when missing. Several processes may do so at once. @throws MlflowError */
  resolve(name: string, signal: AbortSignal): Promise<string>
  /** What is known without asking. */
  known(name: string): string | undefined
  /** The server says the experiment is gone: the next `resolve` asks again. */
  forget(name: string): void
}

export function createExperiments(deps: {
  readonly client: MlflowClient
  /** Called with each id the server gave. */
  readonly onResolved: (name: string, id: string) => Promise<void>
}): Experiments {
  const { client } = deps
  const ids = new Map<string, string>()

  async function findOrCreate(name: string, signal: AbortSignal): Promise<string> {
    const found = await client.findExperiment(name, signal)
    if (found !== undefined) return found
    try {
      return await client.createExperiment(name, signal)
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof MlflowError) || error.code !== 'already-exists') throw error
      const theirs = await client.findExperiment(name, signal)
      if (theirs === undefined) throw error
      return theirs
    }
  }

  return {
    async resolve(name, signal) {
      const known = ids.get(name)
      if (known !== undefined) return known
      const id = await findOrCreate(name, signal)
      ids.set(name, id)
      await deps.onResolved(name, id)
      return id
    },
    known: (name) => ids.get(name),
    forget: (name) => void ids.delete(name),
  }
}
