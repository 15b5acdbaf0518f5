import { userMessageOf } from '../../lib/errors.ts'
import { PortError, type ChatPort } from '../chat-port.ts'
import type { TurnStates } from './turn-states.ts'

/** Callers who stream see no more states than that. */
const editIntervalMs = 200

/**
 * Answers those who asked over HTTP: what other platforms post, this one keeps in Redis and calls out, for whichever
 * process the caller is connected to. Files are not sent: the answer has links to all of them.
 */
export function createApiPort({ states }: { readonly states: TurnStates }): ChatPort {
  async function reach<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      const message = 'Cannot show a turn to those who asked over HTTP: Redis does not answer'
      throw new PortError('unavailable', message, { userMessage: userMessageOf(error), cause: error })
    }
  }

  return {
    editIntervalMs,
    async post(message, reply, signal) {
      signal.throwIfAborted()
      await reach(() => states.show(reply))
      return message.id
    },
    async find(message, signal) {
      signal.throwIfAborted()
      return (await reach(() => states.find(message.id))) === 'unseen' ? undefined : message.id
    },
    async edit(_posted, _message, reply, signal) {
      signal.throwIfAborted()
      await reach(() => states.show(reply))
    },
    addPicture: () => Promise.resolve(undefined),
    addFiles: () => Promise.resolve([]),
  }
}
