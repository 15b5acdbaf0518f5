import type { ChatPort } from './chat-port.ts'
import type { Announcer } from './monitoring/alerts/announcer.ts'
import type { Routes } from './server.ts'
import type { Thread } from './thread.ts'

/** A way people reach us, as far as this process serves it. Disposing it takes no more messages. */
export interface Platform extends AsyncDisposable {
  readonly name: Thread['platform']
  /** How its people are answered. */
  readonly port: ChatPort
  /** Where its operators read, if the settings say so. */
  readonly announcer?: Announcer
  /** Where its deliveries come in; absent where they do not come over our server, and in workers. */
  readonly routes?: Routes
  /**
   * Opens connections of its own. Called once, when the server listens; resolves when messages can come. Waits for a
   * platform that is away; rejects when it will never let us in, or with the signal's reason.
   */
  start?(signal: AbortSignal): Promise<void>
  /** Waits, for seconds, for what is still on its way to people. Called when no turn runs any more. */
  settle?(): Promise<void>
}
