import type { Redis } from 'ioredis'
import {
  type Delivery,
  type Message,
  sandboxTeamsApp,
  type TeamsService,
  type TeamsServiceOptions,
} from '../../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../../sandbox/teams/service.ts'
import type { AdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { createConversations } from '../../../src/bot/conversation.ts'
import type { Feedback } from '../../../src/bot/feedback.ts'
import type { Links } from '../../../src/bot/links.ts'
import type { Mailbox } from '../../../src/bot/mailbox.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { noMetrics } from '../../../src/bot/metrics.ts'
import { createPostedReplies } from '../../../src/bot/posted-replies.ts'
import { createReplies } from '../../../src/bot/replies.ts'
import { createDecks } from '../../../src/bot/stored-decks.ts'
import { createTeamsPlatform, type TeamsPlatformDeps } from '../../../src/bot/teams/teams-platform.ts'
import { trustsLoopback } from '../../../src/bot/teams/trust.ts'
import { createTurnRunner } from '../../../src/bot/turn-runner.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis } from '../../../src/lib/redis.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { scriptedAgent } from '../../support/scripted-agent.ts'
import { openServer } from '../../support/server.ts'
import { sandboxCredentials } from '../../support/teams-side.ts'

/** Teams' side, our side and an agent that does as the test says, connected by signed HTTP deliveries and Redis. */
export interface TeamsApp extends AsyncDisposable {
  readonly teams: TeamsService
  readonly mailbox: Mailbox
  readonly redis: Redis
  /** What the mailbox took in, once each, oldest first. A delivery is answered after that: who waited for it sees it. */
  readonly accepted: readonly IncomingMessage[]
  /** The text of those. */
  readonly questions: () => readonly string[]
  readonly feedback: readonly Feedback[]
}

export interface TeamsAppOptions {
  readonly settings?: Partial<TeamsPlatformDeps['settings']>
  readonly teams?: TeamsServiceOptions
  readonly agent?: ReturnType<typeof scriptedAgent>
  readonly redisUrl?: string
  /** Stands in for the real one, wholly or in part. */
  readonly mailbox?: (real: Mailbox) => Mailbox
  /** Where admins command releases. */
  readonly desk?: (parts: { readonly redis: Redis; readonly teams: TeamsService }) => AdminDesk
  /** False: no worker runs, accepted messages wait. */
  readonly works?: boolean
}

/** Answers every question with the deck of a year of sales. */
function deckAgent(): ReturnType<typeof scriptedAgent> {
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

export async function startTeamsApp(options: TeamsAppOptions = {}): Promise<TeamsApp> {
  await using parts = new AsyncDisposableStack()
  const teams = parts.use(await createTeamsService(options.teams))
  const redisUrl = options.redisUrl ?? (await isolatedRedisUrl())
  const redis = parts.use(await connectRedis(redisUrl, { log: silentLogger }))
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
  const mailbox = options.mailbox?.(recording) ?? recording
  const log = silentLogger
  const ttlMs = 60_000
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
  const platform = parts.use(
    createTeamsPlatform(
      {
        settings: {
          mode: 'on',
          appId: sandboxTeamsApp.appId,
          appType: 'single_tenant',
          tenantId: teams.ids.tenant,
          allowedTenants: [],
          answerIn: 'thread',
          followUp: 'auto',
          threadTtlMs: ttlMs,
          ...options.settings,
        },
        cloud: {
          issuer: { tokenIssuer: teams.tokenIssuer, metadataUrl: teams.openIdMetadataUrl },
          credentials: sandboxCredentials(teams.tokenUrl),
          trusts: trustsLoopback,
        },
        redis,
        mailbox,
        conversations,
        decks,
        replies,
        links,
        posted,
        http: createHttpClient(),
        metrics: noMetrics,
        baseUrl: () => 'https://deckhand.example',
        clock: systemClock,
        log,
        feedback: (given) => void feedback.push(given),
        desk: options.desk?.({ redis, teams }),
      },
      true,
    ),
  )
  if (options.works !== false) {
    real.work(
      createTurnRunner({
        agent: options.agent ?? deckAgent(),
        ports: new Map([['teams', platform.port]]),
        conversations,
        decks,
        replies,
        posted,
        links,
        defaults: { spaceId: 'space-1', spaces: {}, maxSlides: 8, formats: ['html'], language: 'en' },
        clock: systemClock,
        log,
      }),
    )
  }
  const { routes } = platform
  const server = parts.use(await openServer({ routes: routes ? [routes] : [] }))
  teams.connect(`${server.url}/api/messages`)
  const owned = parts.move()
  return {
    teams,
    mailbox: real,
    redis,
    accepted,
    questions: () => accepted.map(({ text }) => text),
    feedback,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Everything a message shows, as one text. */
export function shownBy(message: Message): string {
  return JSON.stringify([message.text, message.attachments])
}

/** What the data of a card's buttons is, in the order in which they stand. */
export function buttonsOf(message: Message): readonly Readonly<Record<string, unknown>>[] {
  const found: Readonly<Record<string, unknown>>[] = []
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, data } = value as { readonly type?: unknown; readonly data?: unknown }
    if ((type === 'Action.Execute' || type === 'Action.Submit') && typeof data === 'object' && data !== null) {
      found.push(data as Readonly<Record<string, unknown>>)
    }
    Object.values(value).forEach(look)
  }
  look(message.attachments)
  return found
}

/** The data of the one button with this action. */
export function buttonOf(
  message: Message,
  action: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const found = buttonsOf(message).find(({ deckhand }) =>
    Object.entries(action).every(
      ([name, value]) => (deckhand as Record<string, unknown> | undefined)?.[name] === value,
    ),
  )
  if (!found) throw new Error(`The message has no button ${JSON.stringify(action)}: ${shownBy(message)}`)
  return found
}

/** What a dialog, or a moment's line, answers to a press. */
export function answerOf({ answer }: Delivery): string {
  return JSON.stringify(answer)
}
