import { z } from 'zod'
import { createConversations } from '../../src/bot/conversation.ts'
import type { Links } from '../../src/bot/links.ts'
import { noMetrics } from '../../src/bot/metrics.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createMailbox } from '../../src/bot/redis-mailbox.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { startServer } from '../../src/bot/server.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTeamsPlatform } from '../../src/bot/teams/teams-platform.ts'
import { trustsLoopback } from '../../src/bot/teams/trust.ts'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { createLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import { cancelOnSignals } from '../../src/lib/signals.ts'
import { sandboxCredentials } from '../../test/support/teams-side.ts'

/**
 * The bot for Teams as `deckhand serve --role bot` has it, with the stand-in for Teams in the place of Microsoft's cloud:
 * whose keys are believed is no setting of Deckhand. Everything else of a delivery's way is what runs in production. Takes
 * {@link Options} as JSON in its one argument; prints the address once it listens, and ends with SIGTERM.
 */

const Options = z.object({
  redisUrl: z.string(),
  tenant: z.string(),
  appId: z.string(),
  tokenUrl: z.string(),
  tokenIssuer: z.string(),
  openIdMetadataUrl: z.string(),
})
export type Options = z.infer<typeof Options>

const options = Options.parse(JSON.parse(process.argv[2] ?? '{}'))
using cancellation = cancelOnSignals(process)
await using parts = new AsyncDisposableStack()
const log = createLogger({ level: 'error' })
const ttlMs = 3_600_000
const redis = parts.use(await connectRedis(options.redisUrl, { log }))
const settings = { turnsPerWorker: 4, lockMs: 2000, maxAttempts: 5, maxWaitingPerThread: 20, shutdownMs: 2000 }
const mailbox = parts.use(await createMailbox({ redisUrl: options.redisUrl, settings, clock, log }))
const decks = createDecks({ redis, ttlMs, secret: new Secret('bench'), log })
const replies = createReplies({ redis, ttlMs })
const links: Links = { to: () => 'https://bench.example', verify: async () => undefined, revoke: async () => undefined }
const platform = parts.use(
  createTeamsPlatform(
    {
      settings: {
        mode: 'on',
        appId: options.appId,
        appType: 'single_tenant',
        tenantId: options.tenant,
        allowedTenants: [],
        answerIn: 'thread',
        followUp: 'auto',
        threadTtlMs: ttlMs,
      },
      cloud: {
        issuer: { tokenIssuer: options.tokenIssuer, metadataUrl: options.openIdMetadataUrl },
        credentials: sandboxCredentials(options.tokenUrl),
        trusts: trustsLoopback,
      },
      redis,
      mailbox,
      conversations: createConversations({ redis, ttlMs, decks, replies, log }),
      decks,
      replies,
      links,
      posted: createPostedReplies({ redis }),
      http: parts.use(createHttpClient()),
      metrics: noMetrics,
      baseUrl: () => 'https://bench.example',
      clock,
      log,
    },
    true,
  ),
)
const routes = platform.routes ? [platform.routes] : []
const server = parts.use(await startServer({ host: '127.0.0.1', port: 0, basePath: '', routes, log }))
await platform.start?.(cancellation.signal)
process.stdout.write(`${server.url}\n`)
await new Promise((resolve) => cancellation.signal.addEventListener('abort', resolve, { once: true }))
