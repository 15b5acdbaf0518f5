import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import type { AskDeps } from './bot/shell/ask.ts'
import type { Environment } from './lib/config-file.ts'
import { createParts, turnDefaults } from './parts.ts'
import type { Settings } from './settings.ts'

/** Deckhand at a shell. Disposing it sends or spools what is left and closes everything. */
export interface App extends AsyncDisposable {
  /** What `deckhand ask` works with. */
  readonly shell: AskDeps
  /** Waits until MLflow has every finished trace. */
  flush(signal: AbortSignal): Promise<void>
}

/** @throws DeckhandError when a needed part is not there */
export async function createApp(settings: Settings, env: Environment): Promise<App> {
  const parts = await createParts(settings, env)
  return {
    shell: {
      agent: parts.agent,
      conversations: parts.conversations,
      user: userInfo().username,
      now: () => new Date(parts.clock.now()),
      newId: randomUUID,
      defaults: turnDefaults(settings),
    },
    flush: (signal) => parts.tracing.flush(signal),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}
