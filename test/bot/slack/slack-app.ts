import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Redis } from 'ioredis'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../../sandbox/slack/contract.ts'
import { sandboxSlackCredentials as credentials } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import type { AdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { acknowledge } from '../../../src/bot/acknowledge.ts'
import { createConversations } from '../../../src/bot/conversation.ts'
import type { Feedback } from '../../../src/bot/feedback.ts'
import type { Links } from '../../../src/bot/links.ts'
import type { Mailbox } from '../../../src/bot/mailbox.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { createPostedReplies } from '../../../src/bot/posted-replies.ts'
import { createReplies } from '../../../src/bot/replies.ts'
import type { SlackSettings } from '../../../src/bot/slack/settings.ts'
import { createSlack, type Slack } from '../../../src/bot/slack/slack.ts'
import { createSlackApi } from '../../../src/bot/slack/slack-api.ts'
import { createSlackPort } from '../../../src/bot/slack/slack-port.ts'
import { createSlackTokens, type SlackTokens } from '../../../src/bot/slack/tokens.ts'
import { createDecks } from '../../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../../src/bot/turn-runner.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis } from '../../../src/lib/redis.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { scriptedAgent } from '../../support/scripted-agent.ts'

/** Slack's side, our side and an agent that does as the test says, connected by real HTTP, Redis and Bolt. */
export interface SlackApp extends AsyncDisposable {
  readonly slack: SlackWorkspace
  readonly mailbox: Mailbox
  readonly app: Slack
  readonly redis: Redis
  readonly tokens: SlackTokens
  readonly url: string
  /** What the mailbox took in, once each, oldest first. A delivery is acknowledged after that: who waited for it sees it. */
  readonly accepted: readonly IncomingMessage[]
  /** The text of those. */
  readonly questions: () => readonly string[]
  readonly feedback: readonly Feedback[]
}

export interface SlackAppOptions {
  readonly settings?: Partial<SlackSettings>
  readonly slack?: SlackWorkspaceOptions
  readonly agent?: ReturnType<typeof scriptedAgent>
  readonly redisUrl?: string
  /** Stands in for the real one, wholly or in part. */
  readonly mailbox?: (real: Mailbox) => Mailbox
  /** Where admins command releases. */
  readonly desk?: (parts: { readonly redis: Redis; readonly slack: SlackWorkspace }) => AdminDesk
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

export async function startSlackApp(options: SlackAppOptions = {}): Promise<SlackApp> {
  await using parts = new AsyncDisposableStack()
  const slack = parts.use(await createSlackWorkspace({ fileDelayMs: 10, ...options.slack }))
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
  const clock = systemClock
  const ttlMs = 60_000
  const settings: SlackSettings = {
    mode: options.slack?.mode ?? 'http',
    clientId: '',
    answerIn: 'thread',
    followUp: 'auto',
    apiUrl: `${slack.url}/api/`,
    publicUrl: '',
    threadTtlMs: ttlMs,
    botToken: new Secret(credentials.botToken),
    appToken: new Secret(credentials.appToken),
    signingSecret: new Secret(credentials.signingSecret),
    clientSecret: new Secret(credentials.clientSecret),
    linkKey: new Secret('a link key for tests'),
    encryptionKey: new Secret('an encryption key for tests'),
    ...options.settings,
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
  const tokens = createSlackTokens({ settings, redis, clock })
  const api = createSlackApi({ apiUrl: settings.apiUrl, tokenOf: (team) => tokens.tokenOf(team), log })
  const port = createSlackPort({ api, clock, log })
  const feedback: Feedback[] = []
  const agent = options.agent ?? deckAgent()
  const app = parts.use(
    createSlack({
      settings,
      redis,
      mailbox,
      acknowledge: (message, ahead) => acknowledge(message, ahead, { port, posted, clock, log }),
      conversations,
      decks,
      replies,
      links,
      tokens,
      api,
      port,
      clock,
      log,
      feedback: (given) => void feedback.push(given),
      desk: options.desk?.({ redis, slack }),
    }),
  )
  if (options.works !== false) {
    real.work(
      createTurnRunner({
        agent,
        ports: new Map([['slack', port]]),
        conversations,
        decks,
        replies,
        posted,
        links,
        defaults: { spaceId: 'space-1', spaces: {}, maxSlides: 8, formats: ['html'], language: 'en' },
        clock,
        log,
      }),
    )
  }
  const server = createServer((request, response) => app.requestListener(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  parts.defer(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  slack.connect(`${url}/slack/events`)
  await app.start()
  const owned = parts.move()
  return {
    slack,
    mailbox: real,
    app,
    redis,
    tokens,
    url,
    accepted,
    questions: () => accepted.map(({ text }) => text),
    feedback,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
