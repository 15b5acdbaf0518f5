import { PortError, type ChatPort } from '../../src/bot/chat-port.ts'
import type { Call } from './chat-server.ts'

type Note = { readonly what: 'recorded'; readonly question: string } | { readonly what: 'taken-over' }

/** The chat server of this folder as a platform. `note` tells it what no person sees. */
export function createHttpPort(url: string): ChatPort & { note(what: Note): Promise<void> } {
  async function call(body: Call, signal?: AbortSignal): Promise<string | undefined> {
    try {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), ...(signal ? { signal } : {}) })
      const answer = (await response.json()) as { id?: string }
      return answer.id
    } catch (cause) {
      throw new PortError('unavailable', 'The chat server does not answer', { userMessage: '', cause })
    }
  }
  return {
    editIntervalMs: 100,
    async post(message, reply, signal) {
      const id = await call({ method: 'post', turn: message.id, thread: message.thread, reply }, signal)
      if (id === undefined) throw new PortError('unavailable', 'The chat server gave no id', { userMessage: '' })
      return id
    },
    find: (message, signal) => call({ method: 'find', turn: message.id }, signal),
    async edit(id, _message, reply, signal) {
      await call({ method: 'edit', id, reply }, signal)
    },
    addPicture: () => Promise.resolve(undefined),
    addFiles: () => Promise.resolve([]),
    async note(what) {
      await call({ method: 'note', ...what })
    },
  }
}
