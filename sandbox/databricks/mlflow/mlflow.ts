import type { Clock } from '../../../src/lib/clock.ts'
import type { Faults } from '../faults.ts'
import type { Route } from '../http/router.ts'
import type { Cloud, SandboxMlflow } from './contract.ts'
import { experimentRoutes } from './experiments.ts'
import { opinionRoutes } from './opinions.ts'
import { runRoutes } from './runs.ts'
import { startStorage } from './storage.ts'
import { createStore, viewOf } from './store.ts'
import { traceRoutes } from './traces.ts'

export interface RunningMlflow extends AsyncDisposable {
  readonly view: SandboxMlflow
  readonly routes: readonly Route[]
}

/**
 * The workspace's own MLflow, as far as a writer of traces and runs sees it. It does what the documents say; where they
 * are silent, a comment marked [U] says what was chosen.
 */
export async function startMlflow(options: {
  readonly userName: string
  readonly cloud: Cloud
  readonly clock: Clock
  readonly faults: Faults
}): Promise<RunningMlflow> {
  const { clock } = options
  const storage = await startStorage(options)
  const store = createStore(options.userName)
  return {
    view: viewOf(store, storage),
    routes: [
      ...experimentRoutes(store),
      ...runRoutes({ store, storage, clock }),
      ...opinionRoutes({ store, clock }),
      ...traceRoutes({ store, storage }),
    ],
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}
