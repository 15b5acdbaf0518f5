import { z } from 'zod'
import type { Redis } from 'ioredis'
import type { ThreadMemory } from '../agent/events.ts'
import type { Logger } from '../lib/log.ts'
import { Deck } from '../render/deck.ts'
import type { ThreadId } from './thread.ts'

/** What threads remember, in Redis, so that any process can take up any thread. */
export interface Conversations {
  /** Empty memory for a thread never seen or long forgotten. */
  load(thread: ThreadId): Promise<ThreadMemory>
  /** Keeps the memory for the configured time from now. */
  save(thread: ThreadId, memory: ThreadMemory): Promise<void>
}

const StoredMemory = z.object({
  genieConversationId: z.string().optional(),
  spaceId: z.string().optional(),
  transcript: z.array(z.object({ question: z.string(), answer: z.string() })),
  deck: Deck.optional(),
})

const emptyMemory: ThreadMemory = { transcript: [] }

export function createConversations(deps: {
  readonly redis: Redis
  readonly ttlMs: number
  readonly log: Logger
}): Conversations {
  const keyOf = (thread: ThreadId): string => `deckhand:thread:{${thread}}`
  return {
    async load(thread) {
      const text = await deps.redis.get(keyOf(thread))
      if (text === null) return emptyMemory
      const stored = StoredMemory.safeParse(parseJson(text))
      if (stored.success) return withoutUndefined(stored.data)
      deps.log.warn({ thread, problem: z.prettifyError(stored.error) }, 'Stored thread cannot be read, starting anew')
      return emptyMemory
    },
    async save(thread, memory) {
      await deps.redis.set(keyOf(thread), JSON.stringify(memory), 'PX', Math.round(deps.ttlMs))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function withoutUndefined(stored: z.infer<typeof StoredMemory>): ThreadMemory {
  return {
    transcript: stored.transcript,
    ...(stored.genieConversationId === undefined ? {} : { genieConversationId: stored.genieConversationId }),
    ...(stored.spaceId === undefined ? {} : { spaceId: stored.spaceId }),
    ...(stored.deck === undefined ? {} : { deck: stored.deck }),
  }
}
