import type { ChatPort } from '../../src/bot/chat-port.ts'
import type { Reply } from '../../src/bot/reply.ts'
import type { RenderedFile } from '../../src/render/renderer.ts'

/** A platform in memory: messages with all states they had, pictures and files. */
export interface RecordingPort extends ChatPort {
  /** What each posted message showed, oldest state first, by its id. */
  readonly messages: ReadonlyMap<string, Reply[]>
  readonly pictures: readonly RenderedFile[]
  readonly files: readonly (readonly RenderedFile[])[]
  /** Runs before each call; what it throws is thrown, what it waits for delays. */
  before: (call: 'post' | 'find' | 'edit' | 'picture' | 'files', signal: AbortSignal) => Promise<void> | void
  /** Resolves when the newest state of any message satisfies `predicate`. */
  until(predicate: (reply: Reply) => boolean): Promise<Reply>
}

export function recordingPort(editIntervalMs = 0): RecordingPort {
  const messages = new Map<string, Reply[]>()
  const pictures: RenderedFile[] = []
  const files: (readonly RenderedFile[])[] = []
  const turns = new Map<string, string>()
  const looks = new Set<() => void>()
  const show = (id: string, reply: Reply): void => {
    messages.get(id)?.push(reply)
    for (const look of looks) look()
  }
  return {
    editIntervalMs,
    messages,
    pictures,
    files,
    before: () => undefined,
    async post(message, reply, signal) {
      await this.before('post', signal)
      const id = `p${messages.size + 1}`
      messages.set(id, [])
      turns.set(message.id, id)
      show(id, reply)
      return id
    },
    async find(message, signal) {
      await this.before('find', signal)
      return turns.get(message.id)
    },
    async edit(posted, _message, reply, signal) {
      await this.before('edit', signal)
      show(posted, reply)
    },
    async addPicture(_message, picture, _alt, signal) {
      await this.before('picture', signal)
      pictures.push(picture)
      return `picture-${pictures.length}`
    },
    async addFiles(_message, added, signal) {
      await this.before('files', signal)
      files.push(added)
      return added.map((file) => file.name)
    },
    until(predicate) {
      const { promise, resolve } = Promise.withResolvers<Reply>()
      const look = (): void => {
        const found = [...messages.values()].map((states) => states.at(-1)).find((reply) => reply && predicate(reply))
        if (!found) return
        looks.delete(look)
        resolve(found)
      }
      looks.add(look)
      look()
      return promise
    },
  }
}
