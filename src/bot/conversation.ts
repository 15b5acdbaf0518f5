import type { ChainableCommander, Redis } from 'ioredis'
import { z } from 'zod'
import type { ThreadMemory } from '../agent/events.ts'
import type { Logger } from '../lib/log.ts'
import { packJson, unpackJson } from '../lib/packed-json.ts'
import type { Deck } from '../render/deck.ts'
import type { Decks } from './decks.ts'
import type { Write } from './mailbox.ts'
import type { Replies } from './replies.ts'
import type { ThreadId } from './thread.ts'

/** What threads remember, in Redis, so that any process can take up any thread. */
export interface Conversations {
  /** Empty memory for a thread never seen or long forgotten. */
  load(thread: ThreadId): Promise<ThreadMemory>
  /** Keeps the memory for the configured time from now. */
  save(thread: ThreadId, memory: ThreadMemory): Promise<void>
  /**
   * What keeping the memory takes, to happen together with the end of a turn. `turnId` names the turn whose reply is
   * stored with it: the thread's oldest replies make room.
   */
  toWrites(thread: ThreadId, memory: ThreadMemory, turnId?: string): Promise<readonly Write[]>
  /** A version of the thread's deck; undefined when it is not kept (any more). */
  deck(thread: ThreadId, version: number): Promise<Deck | undefined>
  /** Removes all that is kept of the thread: memory, every version of its deck, replies. */
  forget(thread: ThreadId): Promise<void>
}

export interface ConversationsDeps {
  readonly redis: Redis
  readonly ttlMs: number
  readonly decks: Decks
  readonly replies: Replies
  readonly log: Logger
}

/** A long thread costs what a short one does: of each turn the essence, of the turns the last. */
const limits = { turns: 20, question: 1000, answer: 1500, replies: 20 } as const

/** One small value per thread; the deck has a place of its own. */
const StoredThread = z.object({
  genieConversationId: z.string().optional(),
  spaceId: z.string().optional(),
  transcript: z.array(z.object({ question: z.string(), answer: z.string() })),
  deck: z.object({ key: z.string(), version: z.number().int() }).optional(),
  language: z.string().optional(),
  theme: z.string().optional(),
  /** Turns whose replies are stored, oldest first. */
  replies: z.array(z.string()).default([]),
})
type StoredThread = z.infer<typeof StoredThread>

export function createConversations(deps: ConversationsDeps): Conversations {
  const { redis, decks, replies, log } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (thread: ThreadId): string => `deckhand:thread:{${thread}}`

  async function find(thread: ThreadId): Promise<StoredThread | undefined> {
    const packed = await redis.getBuffer(keyOf(thread))
    if (packed === null) return undefined
    const stored = StoredThread.safeParse(unpackJson(packed))
    if (stored.success) return stored.data
    log.warn({ thread, problem: z.prettifyError(stored.error) }, 'Stored thread cannot be read, starting anew')
    return undefined
  }

  async function toWrites(thread: ThreadId, memory: ThreadMemory, turnId?: string): Promise<readonly Write[]> {
    const { deck, transcript, ...rest } = memory
    const before = (await find(thread))?.replies ?? []
    const known = turnId === undefined || before.includes(turnId) ? before : [...before, turnId]
    const stored: StoredThread = {
      ...rest,
      transcript: transcript.slice(-limits.turns).map(({ question, answer }) => ({
        question: clip(question, limits.question),
        answer: clip(answer, limits.answer),
      })),
      ...(deck ? { deck: { key: decks.keyOf(thread), version: deck.version } } : {}),
      replies: known.slice(-limits.replies),
    }
    return [
      { key: keyOf(thread), value: packJson(stored), ttlMs },
      ...(deck ? await decks.toWrites(thread, deck) : []),
      ...replies.toRemovals(known.slice(0, -limits.replies)),
    ]
  }

  return {
    async load(thread) {
      const stored = await find(thread)
      if (!stored) return { transcript: [] }
      const deck = stored.deck && (await decks.get(stored.deck.key, stored.deck.version))
      return {
        transcript: stored.transcript,
        ...(stored.genieConversationId === undefined ? {} : { genieConversationId: stored.genieConversationId }),
        ...(stored.spaceId === undefined ? {} : { spaceId: stored.spaceId }),
        ...(deck ? { deck } : {}),
        ...(stored.language === undefined ? {} : { language: stored.language }),
        ...(stored.theme === undefined ? {} : { theme: stored.theme }),
      }
    },
    async save(thread, memory) {
      await applyWrites(redis, await toWrites(thread, memory))
    },
    toWrites,
    deck: (thread, version) => decks.get(decks.keyOf(thread), version),
    async forget(thread) {
      const stored = await find(thread)
      const removals = replies.toRemovals(stored?.replies ?? [])
      await applyWrites(redis, [...removals, { key: keyOf(thread), value: null, ttlMs }])
      await decks.forget(decks.keyOf(thread))
      // The secret that keys are made with may have been another when the deck was stored.
      if (stored?.deck) await decks.forget(stored.deck.key)
    },
  }
}

/** All or nothing, for changes that are no turn's end. */
async function applyWrites(redis: Redis, writes: readonly Write[]): Promise<void> {
  const transaction = writes.reduce<ChainableCommander>((all, { key, field, value, ttlMs }) => {
    if (value === null) return field === undefined ? all.unlink(key) : all.hdel(key, field)
    if (field === undefined) return all.set(key, value, 'PX', ttlMs)
    return all.hset(key, field, value).pexpire(key, ttlMs)
  }, redis.multi())
  for (const [error] of (await transaction.exec()) ?? []) if (error) throw error
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`
}
