import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { connectRedis } from '../../lib/redis.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Metrics } from '../metrics.ts'
import type { Platform } from '../platform.ts'
import type { PostedReplies } from '../posted-replies.ts'
import { createReplies, type Replies } from '../replies.ts'
import { createApiKeys } from './api-keys.ts'
import { createApiPort } from './api-port.ts'
import type { Spaces } from './parse-request.ts'
import { createRequestLimit } from './request-limit.ts'
import { apiRoutes } from './routes.ts'
import { createTickets } from './tickets.ts'
import { createTurnStates } from './turn-states.ts'
import { createTurnWatch } from './turn-watch.ts'

export interface ApiPlatformDeps {
  readonly redis: Redis
  readonly redisUrl: string | Secret
  readonly replies: Replies
  /** How long threads, and with them answers, are kept. */
  readonly ttlMs: number
}

export interface ApiIntakeDeps extends ApiPlatformDeps {
  /** Keys that callers have. Without any, every request is told that the API is off. */
  readonly keys: readonly Secret[]
  readonly requestsPerMinute: number
  readonly mailbox: Pick<Mailbox, 'accept' | 'stop'>
  readonly posted: PostedReplies
  readonly decks: Decks
  readonly links: Links
  readonly spaces: Spaces
  /** What stands in front of our paths where people reach us, such as `/deckhand`, or ''. */
  readonly basePath: string
  /** Of the program. */
  readonly version: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** How long a question is waited for when the caller does not say; default 5 minutes. */
  readonly waitMs?: number
  /** Longest silence on a stream; default 10 seconds. */
  readonly heartbeatMs?: number
}

/** Callers do not wait longer for Redis. */
const redisWithinMs = 3000
/** To look costs little. */
const looksPerQuestion = 10

/** What a worker needs to answer those who asked over HTTP. */
export function createApiAnswers({ redis, replies, ttlMs }: ApiPlatformDeps): Platform {
  const port = createApiPort({ states: createTurnStates({ redis, replies, ttlMs }) })
  return { name: 'api', port, async [Symbol.asyncDispose]() {} }
}

/**
 * `POST /generate-slides` and what belongs to it. Disposing it answers all who wait with where to ask again.
 * @throws RedisError when Redis cannot be reached
 */
export async function createApiPlatform(deps: ApiIntakeDeps): Promise<Platform> {
  const { redisUrl, ttlMs, clock, log, requestsPerMinute, heartbeatMs = 10_000, waitMs = 300_000 } = deps
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await connectRedis(redisUrl, { log, commandTimeoutMs: redisWithinMs }))
  const states = createTurnStates({ redis, replies: createReplies({ redis, ttlMs }), ttlMs })
  const watch = parts.use(await createTurnWatch({ redisUrl, states, checkMs: heartbeatMs, clock, log }))
  const closing = new AbortController()
  parts.defer(() => closing.abort(new DOMException('This process is shutting down', 'AbortError')))
  const port = createApiPort({ states })
  const owned = parts.move()
  return {
    name: 'api',
    port: createApiAnswers(deps).port,
    routes: apiRoutes({
      ...deps,
      states,
      watch,
      port,
      waitMs,
      keys: createApiKeys(deps.keys),
      tickets: createTickets({ redis, ttlMs }),
      limits: {
        ask: createRequestLimit({ redis, name: 'ask', perMinute: requestsPerMinute }),
        look: createRequestLimit({ redis, name: 'look', perMinute: requestsPerMinute * looksPerQuestion }),
      },
      closing: closing.signal,
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
