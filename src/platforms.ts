import type { Redis } from 'ioredis'
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
export async function createPlatforms(_deps: PlatformDeps, _listens: boolean): Promise<readonly Platform[]> {
  return []
}
