import { readFileSync } from 'node:fs'
import type { Agent } from '../../src/agent/agent.ts'
import { createConversations } from '../../src/bot/conversation.ts'
import type { ChatPort } from '../../src/bot/chat-port.ts'
import type { Links } from '../../src/bot/links.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createMailbox } from '../../src/bot/redis-mailbox.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger as log } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import { endSoon } from '../../src/lib/signals.ts'
import { channels, createBenchAgent, workspaceUpstreams } from './parts.ts'
import { recordedUpstreams, type Recorded } from './recorded-upstreams.ts'

/** A worker of the bench: all of the product but the platform. Its arguments are one JSON object. */
export interface ScaleWorker {
  readonly redisUrl: string
  /** Environment of the settings. */
  readonly env: Readonly<Record<string, string>>
  /** File with recorded answers; '': the workspace of `env` answers. */
  readonly recorded: string
  /** How long a turn waits before it begins to work. */
  readonly holdMs: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as ScaleWorker
const parts = new AsyncDisposableStack()
const http = parts.use(createHttpClient())
const redis = parts.use(await connectRedis(options.redisUrl, { log }))

const upstreams =
  options.recorded === ''
    ? workspaceUpstreams(options.env, http)
    : recordedUpstreams(JSON.parse(readFileSync(options.recorded, 'utf8')) as Recorded)
const { agent, settings } = parts.use(await createBenchAgent(upstreams, http, options.env))

const held: Agent = {
  async *answer(turn, signal, journal) {
    await redis.publish(channels.running, `${turn.id} ${process.pid}`)
    if (options.holdMs > 0) await clock.sleep(options.holdMs, signal).catch(() => undefined)
    yield* agent.answer(turn, signal, journal)
  },
}

const port: ChatPort = {
  editIntervalMs: 1000,
  async post(message, reply) {
    if (reply.phase === 'ended') await redis.publish(channels.ended, message.id)
    return message.id
  },
  find: () => Promise.resolve(undefined),
  async edit(_, message, reply) {
    if (reply.phase === 'ended') await redis.publish(channels.ended, `${message.id} ${reply.result?.status}`)
  },
  addPicture: () => Promise.resolve(undefined),
  addFiles: () => Promise.resolve([]),
}
const links: Links = {
  to: (key, version, file) => `https://deckhand.example/d/${key}/${version}/${file}`,
  verify: async () => undefined,
  revoke: async () => undefined,
}
const ttlMs = settings.agent.threadTtlMs
const decks = createDecks({ redis, ttlMs, secret: new Secret('bench'), log })
const replies = createReplies({ redis, ttlMs })
const mailbox = parts.use(await createMailbox({ redisUrl: options.redisUrl, settings: settings.queue, clock, log }))
mailbox.work(
  createTurnRunner({
    agent: held,
    ports: new Map([['api', port]]),
    conversations: createConversations({ redis, ttlMs, decks, replies, log }),
    decks,
    replies,
    posted: createPostedReplies({ redis }),
    links,
    defaults: { spaceId: settings.genie.defaultSpaceId, spaces: {}, maxSlides: 8, formats: ['html'], language: 'en' },
    clock,
    log,
  }),
)
process.stdout.write('ready\n')
await new Promise((resolve) => process.once('SIGTERM', resolve))
await parts.disposeAsync()
endSoon(process)
