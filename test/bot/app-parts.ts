import type { Redis } from 'ioredis'
import type { ChatPort } from '../../src/bot/chat-port.ts'
import { createConversations } from '../../src/bot/conversation.ts'
import type { Feedback } from '../../src/bot/feedback.ts'
import type { Links } from '../../src/bot/links.ts'
import type { Mailbox } from '../../src/bot/mailbox.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { PlatformDeps } from '../../src/platforms.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { openMailbox } from '../support/mailbox.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { scriptedAgent, type ScriptedAgent } from '../support/scripted-agent.ts'

/** What a test may say about the app of any platform. */
export interface AppOptions {
  readonly agent?: ScriptedAgent
  readonly redisUrl?: string
  /** Stands in for the real one, wholly or in part. */
  readonly mailbox?: (real: Mailbox) => Mailbox
  /** False: no worker runs, accepted messages wait. */
  readonly works?: boolean
}

/** What a test sees of the app of any platform. */
export interface AppSeen {
  readonly mailbox: Mailbox
  readonly redis: Redis
  /** What the mailbox took in, once each, oldest first. A delivery is answered after that: who waited for it sees it. */
  readonly accepted: readonly IncomingMessage[]
  /** The text of those. */
  readonly questions: () => readonly string[]
  readonly feedback: readonly Feedback[]
}

/** Our side without a platform, on a real Redis. */
export interface AppParts extends AsyncDisposable {
  readonly seen: AppSeen
  /** What a platform is made of. */
  readonly deps: Pick<
    PlatformDeps,
    'redis' | 'mailbox' | 'conversations' | 'decks' | 'replies' | 'posted' | 'links' | 'clock' | 'log'
  > & { readonly feedback: (given: Feedback) => void }
  /** Begins to answer what was accepted, unless the test wants it to wait. */
  readonly work: (platform: 'slack' | 'teams', port: ChatPort) => void
}

/** How long threads are remembered. */
export const ttlMs = 60_000

/** The mailbox, the stores and, once there is a port, a worker with an agent that does as the test says. */
export async function startAppParts(options: AppOptions): Promise<AppParts> {
  await using parts = new AsyncDisposableStack()
  const redisUrl = options.redisUrl ?? (await isolatedRedisUrl())
  const log = silentLogger
  const clock = systemClock
  const redis = parts.use(await connectRedis(redisUrl, { log }))
  const real = parts.use(await openMailbox(redisUrl))
  const accepted: IncomingMessage[] = []
  const recording: Mailbox = {
    async accept(message) {
      const result = await real.accept(message)
      if (result.isNew) accepted.push(message)
      return result
    },
    stop: (thread, turnId) => real.stop(thread, turnId),
    work: (handler) => real.work(handler),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  }
  const links: Links = {
    to: (key, version, file) => `https://deckhand.example/d/${key}/${version}/${file}`,
    verify: () => Promise.resolve(undefined),
    revoke: () => Promise.resolve(),
  }
  const decks = createDecks({ redis, ttlMs, secret: new Secret('test'), log })
  const replies = createReplies({ redis, ttlMs })
  const conversations = createConversations({ redis, ttlMs, decks, replies, log })
  const posted = createPostedReplies({ redis })
  const feedback: Feedback[] = []
  const shared = { conversations, decks, replies, posted, links, clock, log }
  const owned = parts.move()
  return {
    seen: { mailbox: real, redis, accepted, questions: () => accepted.map(({ text }) => text), feedback },
    deps: {
      ...shared,
      redis,
      mailbox: options.mailbox?.(recording) ?? recording,
      feedback: (given) => void feedback.push(given),
    },
    work(platform, port) {
      if (options.works === false) return
      real.work(
        createTurnRunner({
          ...shared,
          agent: options.agent ?? deckAgent(),
          ports: new Map([[platform, port]]),
          defaults: { spaceId: 'space-1', spaces: {}, maxSlides: 8, formats: ['html'], language: 'en' },
        }),
      )
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Answers every question with the deck of a year of sales. */
function deckAgent(): ScriptedAgent {
  return scriptedAgent((turn, emit) => {
    const version = (turn.memory.deck?.version ?? 0) + 1
    const deck = salesDeck({ version })
    emit({ type: 'deck', deck })
    const answer = `Answer to: ${turn.question}`
    return {
      status: 'answered',
      answer,
      deck,
      traceId: 'tr-1',
      sql: ['SELECT region, sum(revenue) FROM sales GROUP BY region'],
      suggestions: ['Only EMEA?', 'By month?'],
      memory: {
        ...turn.memory,
        deck,
        transcript: [...turn.memory.transcript, { question: turn.question, answer }],
      },
    }
  })
}
