import { untilAborted } from '../../lib/abort.ts'
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
  async function reach<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    try {
      return await untilAborted(run(), signal)
    } catch (error) {
      signal.throwIfAborted()
      const message = 'Cannot show a turn to those who asked over HTTP: Redis does not answer'
      throw new PortError('unavailable', message, { userMessage: userMessageOf(error), cause: error })
    }
  }

  return {
    editIntervalMs,
    async post(message, reply, signal) {
      await reach(() => states.show(reply), signal)
      return message.id
    },
    async find(message, signal) {
      return (await reach(() => states.find(message.id), signal)) === 'unseen' ? undefined : message.id
    },
    async edit(_posted, _message, reply, signal) {
      await reach(() => states.show(reply), signal)
    },
    addPicture: () => Promise.resolve(undefined),
    addFiles: () => Promise.resolve([]),
  }
}
