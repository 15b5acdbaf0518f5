import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { Reply } from '../../src/bot/reply.ts'

/** Calls of the chat platform that the workers speak to. */
export const Call = z.union([
  z.object({ method: z.literal('post'), turn: z.string(), thread: z.string(), reply: Reply }),
  z.object({ method: z.literal('edit'), id: z.string(), reply: Reply }),
  z.object({ method: z.literal('find'), turn: z.string() }),
  /** Notes of the workers that no person sees: a question's answer is safe in the journal. */
  z.object({ method: z.literal('note'), what: z.literal('recorded'), question: z.string() }),
  /** A turn goes on that another process had begun. */
  z.object({ method: z.literal('note'), what: z.literal('taken-over') }),
])
export type Call = z.infer<typeof Call>

export interface PostedReply {
  readonly turn: string
  readonly thread: string
  readonly states: readonly Reply[]
}

/** A chat platform of one loopback server, which outlives the workers and remembers everything. */
export interface ChatServer extends AsyncDisposable {
  readonly url: string
  readonly replies: ReadonlyMap<string, PostedReply>
  /** Turn ids in the order in which their replies ended first. */
  readonly ends: readonly string[]
  /** When each question of Genie was first noted as recorded, ms since the epoch. */
  readonly recorded: ReadonlyMap<string, number>
  /** How often a turn went on that another process had begun. */
  takenOver(): number
  /** Resolves when that many turns have ended. */
  untilEnded(count: number, signal: AbortSignal): Promise<void>
}

export async function startChatServer(): Promise<ChatServer> {
  const replies = new Map<string, { turn: string; thread: string; states: Reply[] }>()
  const ends: string[] = []
  const recorded = new Map<string, number>()
  let takenOver = 0
  let onEnd = (): void => undefined

  function show(id: string, reply: Reply): void {
    const posted = replies.get(id)
    posted?.states.push(reply)
    if (reply.phase !== 'ended' || ends.includes(reply.turnId)) return
    ends.push(reply.turnId)
    onEnd()
  }

  function answer(call: Call): { id?: string | undefined } {
    switch (call.method) {
      case 'post': {
        const id = `r${replies.size + 1}`
        replies.set(id, { turn: call.turn, thread: call.thread, states: [] })
        show(id, call.reply)
        return { id }
      }
      case 'edit':
        show(call.id, call.reply)
        return {}
      case 'find':
        return { id: [...replies].find(([, reply]) => reply.turn === call.turn)?.[0] }
      case 'note':
        if (call.what === 'taken-over') takenOver += 1
        else if (!recorded.has(call.question)) recorded.set(call.question, Date.now())
        return {}
    }
  }

  const server = createServer((request, response) => {
    void text(request).then(
      (body) => response.end(JSON.stringify(answer(Call.parse(JSON.parse(body))))),
      () => response.destroy(), // the caller was killed while it wrote
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    replies,
    ends,
    recorded,
    takenOver: () => takenOver,
    untilEnded(count, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      onEnd = () => {
        if (ends.length >= count) resolve()
      }
      onEnd()
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      return promise
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
