import { Redis } from 'ioredis'
import type { Agent } from '../../src/agent/agent.ts'
import { createApiAnswers, createApiPlatform, type ApiIntakeDeps } from '../../src/bot/api/api-platform.ts'
import { createConversations } from '../../src/bot/conversation.ts'
import { noMetrics } from '../../src/bot/metrics.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import type { QueueSettings } from '../../src/bot/redis-mailbox.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { startServer } from '../../src/bot/server.ts'
import { createLinks } from '../../src/bot/signed-links.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { openMailbox } from './mailbox.ts'

/** Two keys that the API of a test takes. */
export const apiKeys = { ada: 'key-of-ada-0123456789', grace: 'key-of-grace-0123456789' } as const

export const linkKey = new Secret('a link key of thirty-two characters or more')

/** What all processes of one bot have in common, over one Redis. */
function createShared(redis: Redis, baseUrl: () => string) {
  const ttlMs = 600_000
  const log = silentLogger
  const decks = createDecks({ redis, ttlMs, secret: linkKey, log })
  const replies = createReplies({ redis, ttlMs })
  const conversations = createConversations({ redis, ttlMs, decks, replies, log })
  const links = createLinks({ redis, key: linkKey, ttlMs, baseUrl, clock: systemClock })
  return { redis, ttlMs, log, clock: systemClock, decks, replies, conversations, links, metrics: noMetrics }
}

/** A process that takes questions over HTTP and runs none. */
export interface ApiBot extends AsyncDisposable {
  readonly url: string
  /** A request with Ada's key; `body` is sent as JSON. */
  request(path: string, how?: ApiRequest): Promise<Response>
  ask(body: object, how?: ApiRequest): Promise<Response>
  /** What begins with the shutdown: nobody is kept waiting. */
  letGo(): Promise<void>
}

export interface ApiRequest {
  readonly method?: string
  readonly body?: unknown
  /** '' sends none. */
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export async function startApiBot(
  redisUrl: string,
  more: Partial<ApiIntakeDeps> = {},
  queue: Partial<QueueSettings> = {},
): Promise<ApiBot> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
  redis.on('error', () => undefined)
  let url = ''
  const shared = createShared(redis, () => url)
  const mailbox = parts.use(await openMailbox(redisUrl, queue))
  const platform = parts.use(
    await createApiPlatform({
      ...shared,
      redisUrl,
      keys: Object.values(apiKeys).map((key) => new Secret(key)),
      requestsPerMinute: 1000,
      mailbox,
      posted: createPostedReplies({ redis }),
      spaces: { churn: '01ef' },
      basePath: '',
      version: '1.2.3',
      ...more,
    }),
  )
  const routes = platform.routes ? [platform.routes] : []
  const server = parts.use(await startServer({ host: '127.0.0.1', port: 0, basePath: '', routes, log: silentLogger }))
  url = server.url
  const owned = parts.move()

  function request(path: string, how: ApiRequest = {}): Promise<Response> {
    const { method = 'GET', body, key = apiKeys.ada, headers = {}, signal } = how
    return fetch(new URL(path, url), {
      method,
      headers: {
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  }

  return {
    url,
    request,
    ask: (body, how = {}) => request('/generate-slides', { method: 'POST', body, ...how }),
    letGo: async () => {
      await platform[Symbol.asyncDispose]()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A process that runs turns and that nobody reaches. */
export async function startApiWorker(
  redisUrl: string,
  agent: Agent,
  queue: Partial<QueueSettings> = {},
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
  redis.on('error', () => undefined)
  const shared = createShared(redis, () => 'https://deckhand.example.com')
  const mailbox = parts.use(await openMailbox(redisUrl, queue))
  const { port } = createApiAnswers({ ...shared, redisUrl })
  mailbox.work(
    createTurnRunner({
      ...shared,
      agent,
      ports: new Map([['api', port]]),
      posted: createPostedReplies({ redis }),
      defaults: {
        spaceId: 'space-1',
        spaces: { churn: '01ef' },
        maxSlides: 8,
        formats: ['html', 'pdf'],
        language: 'en',
      },
    }),
  )
  const owned = parts.move()
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export interface ServerSentEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The events of a stream as they come; comments are events named `:`. */
export async function* readEvents(response: Response): AsyncGenerator<ServerSentEvent, void, undefined> {
  if (!response.body) return
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, event = ':'] = /^event: (.*)$/m.exec(block) ?? []
      const [, data = '{}'] = /^data: (.*)$/m.exec(block) ?? []
      yield { event, data: JSON.parse(data) as ServerSentEvent['data'] }
    }
  }
}
