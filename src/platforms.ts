import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { createApiAnswers, createApiPlatform } from './bot/api/api-platform.ts'
import type { Conversations } from './bot/conversation.ts'
import type { Decks } from './bot/decks.ts'
import type { Links } from './bot/links.ts'
import type { Mailbox } from './bot/mailbox.ts'
import type { Metrics } from './bot/metrics.ts'
import type { Platform } from './bot/platform.ts'
import type { PostedReplies } from './bot/posted-replies.ts'
import type { Replies } from './bot/replies.ts'
import type { Clock } from './lib/clock.ts'
import type { HttpClient } from './lib/http.ts'
import type { Logger } from './lib/log.ts'
import type { Settings } from './settings.ts'

export interface PlatformDeps {
  readonly settings: Settings
  readonly redis: Redis
  readonly mailbox: Mailbox
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly posted: PostedReplies
  readonly links: Links
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** The platforms that the settings turn on. `listens` is false in workers: they answer, and nobody reaches them. */
export async function createPlatforms(deps: PlatformDeps, listens: boolean): Promise<readonly Platform[]> {
  return [await createApi(deps, listens)]
}

async function createApi({ settings, ...deps }: PlatformDeps, listens: boolean): Promise<Platform> {
  const { redis, agent, api, genie, server, credentials } = settings
  const shared = { ...deps, redisUrl: redis.url, ttlMs: agent.threadTtlMs }
  if (!listens) return createApiAnswers(shared)
  return createApiPlatform({
    ...shared,
    keys: credentials.apiKeys,
    requestsPerMinute: api.requestsPerMinute,
    spaces: genie.spaces,
    basePath: server.publicUrl === '' ? '' : new URL(server.publicUrl).pathname.replace(/\/$/, ''),
    version: (createRequire(import.meta.url)('../package.json') as { version: string }).version,
  })
}
