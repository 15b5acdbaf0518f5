import type { Experiment, ExperimentStore } from './backend.ts'
import { MlflowError } from './mlflow-error.ts'

/** Experiments by name, asked for once. */
export interface Experiments {
  /** Finds the experiment, creates it when missing. Several processes may do so at once. @throws MlflowError */
  resolve(name: string, signal: AbortSignal): Promise<Experiment>
  /** What is known without asking. */
  known(name: string): Experiment | undefined
  /** The server says the experiment is gone, or another one than we knew: the next `resolve` asks again. */
  forget(name: string): void
}

export function createExperiments(deps: {
  readonly store: ExperimentStore
  /** Called with each experiment the server told. */
  readonly onResolved: (name: string, experiment: Experiment) => Promise<void>
}): Experiments {
  const { store } = deps
  const found = new Map<string, Experiment>()

  async function findOrCreate(name: string, signal: AbortSignal): Promise<Experiment> {
    const theirs = await store.find(name, signal)
    if (theirs !== undefined) return theirs
    try {
      await store.create(name, signal)
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof MlflowError) || error.code !== 'already-exists') throw error
    }
    // Asked for rather than put together: only the server knows what it made of it.
    const created = await store.find(name, signal)
    if (created !== undefined) return created
    throw new MlflowError('server-error', `Experiment "${name}" was created, but MLflow does not find it`)
  }

  return {
    async resolve(name, signal) {
      const known = found.get(name)
      if (known !== undefined) return known
      const experiment = await findOrCreate(name, signal)
      found.set(name, experiment)
      await deps.onResolved(name, experiment)
      return experiment
    },
    known: (name) => found.get(name),
    forget: (name) => void found.delete(name),
  }
}
