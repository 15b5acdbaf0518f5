import type { Agent } from '../../src/agent/agent.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import type { ChatModel } from '../../src/agent/chat-model/chat-model.ts'
import { createGenie } from '../../src/agent/genie/databricks-genie.ts'
import type { Genie } from '../../src/agent/genie/genie.ts'
import { limitRate } from '../../src/agent/genie/rate-limit.ts'
import { journalChatModel } from '../../src/agent/journaled-chat-model.ts'
import { journalGenie } from '../../src/agent/journaled-genie.ts'
import type { TeamsService } from '../../sandbox/teams/contract.ts'
import type { ChatPort } from '../../src/bot/chat-port.ts'
import { createConversations } from '../../src/bot/conversation.ts'
import type { Links } from '../../src/bot/links.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createMailbox } from '../../src/bot/redis-mailbox.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import type { Thread } from '../../src/bot/thread.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { createCredentials } from '../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../src/lib/databricks/rest.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { createLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import { endSoon } from '../../src/lib/signals.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { scriptedAgent } from '../support/scripted-agent.ts'
import { openTeamsSide } from '../support/teams-side.ts'
import { createHttpPort } from './http-port.ts'

/**
 * A worker process to be killed: the real mailbox, turn runner, memory and Genie client, with a short agent in the place
 * of the long one. Its arguments are one JSON object.
 */
export interface ChaosWorker {
  readonly redisUrl: string
  readonly chatUrl: string
  /** The Teams that half of the threads are in. */
  readonly teams: Pick<TeamsService, 'tokenUrl' | 'tokenIssuer' | 'openIdMetadataUrl'>
  readonly databricksUrl: string
  readonly token: string
  readonly spaceId: string
  readonly turnsAtOnce: number
  readonly lockMs: number
  readonly modelMs: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as ChaosWorker
const log = createLogger({ level: process.env['LOG_LEVEL'] ?? 'silent' })
const ttlMs = 3_600_000
const parts = new AsyncDisposableStack()
const http = parts.use(createHttpClient())
const redis = parts.use(await connectRedis(options.redisUrl, { log }))
const decks = createDecks({ redis, ttlMs, secret: new Secret('chaos'), log })
const replies = createReplies({ redis, ttlMs })
const port = createHttpPort(options.chatUrl)
const teams = parts.use(openTeamsSide({ teams: options.teams, redis }))
const links: Links = { to: () => 'https://links', verify: async () => undefined, revoke: async () => undefined }

const host = options.databricksUrl
const token = new Secret(options.token)
const credentials = createCredentials({ host, clientId: '', token, clientSecret: undefined, http, clock, log })
const rest = createDatabricksRest({ host, credentials, http, clock, log })
const limited = limitRate(createGenie({ rest, clock, timeoutMs: 60_000, log }), {
  redis,
  clock,
  budget: 'chaos',
  questionsPerMinute: 10_000,
})

/** Says when a question is safe in the journal: from then on nobody may ask it again. */
const genie: Genie = {
  getSpace: (spaceId, signal) => limited.getSpace(spaceId, signal),
  ask: (question, signal) =>
    limited.ask(
      {
        ...question,
        async onAsked(message) {
          await question.onAsked?.(message)
          await port.note({ what: 'recorded', question: question.question })
        },
      },
      signal,
    ),
}

const model: ChatModel = {
  name: 'slow',
  async complete(_, signal) {
    await clock.sleep(options.modelMs, signal)
    return {
      text: 'words',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 1, outputTokens: 1 },
      model: 'slow',
    }
  },
}

/** As the real agent does it: Genie in the thread's conversation, then the model a few times, events on the way. */
const agent: Agent = scriptedAgent(async (turn, emit, signal, journal) => {
  if (!journal) throw new Error('a worker always has a journal')
  const stage = (type: 'stage-start' | 'stage-end', name: 'tool_execution_loop' | 'html_generation'): AgentEvent =>
    type === 'stage-start' ? { type, stage: name } : { type, stage: name, ok: true }
  const { spaceId, question } = turn
  const { genieConversationId: conversationId } = turn.memory
  emit(stage('stage-start', 'tool_execution_loop'))
  const answer = await journalGenie(genie, journal, clock).ask(
    { spaceId, question, ...(conversationId === undefined ? {} : { conversationId }) },
    signal,
  )
  emit(stage('stage-end', 'tool_execution_loop'))
  emit(stage('stage-start', 'html_generation'))
  const journaled = journalChatModel(model, journal)
  for (const content of ['outline', 'slide 1', 'slide 2']) {
    await journaled.complete({ messages: [{ role: 'user', content: `${question} ${content}` }] }, signal)
  }
  emit(stage('stage-end', 'html_generation'))
  const said = answer.kind === 'table' ? `${answer.table.rows.length} rows` : answer.text
  const deck = { ...salesDeck(), version: (turn.memory.deck?.version ?? 0) + 1 }
  const transcript = [...turn.memory.transcript, { question, answer: said }]
  return {
    status: 'answered',
    answer: `${question}: ${said}`,
    deck,
    memory: { spaceId, genieConversationId: answer.conversationId, transcript, deck },
  }
})

const mailbox = parts.use(
  await createMailbox({
    redisUrl: options.redisUrl,
    settings: {
      turnsPerWorker: options.turnsAtOnce,
      lockMs: options.lockMs,
      maxAttempts: 20,
      maxWaitingPerThread: 20,
      shutdownMs: 5000,
    },
    clock,
    log,
    metrics: {
      observe() {},
      count(name, labels) {
        if (name === 'turns_started' && labels?.['attempt'] === 'again') void port.note({ what: 'taken-over' })
      },
    },
  }),
)
mailbox.work(
  createTurnRunner({
    agent,
    ports: new Map<Thread['platform'], ChatPort>([
      ['api', port],
      ['teams', teams.port],
    ]),
    conversations: createConversations({ redis, ttlMs, decks, replies, log }),
    decks,
    replies,
    posted: createPostedReplies({ redis }),
    links,
    defaults: { spaceId: options.spaceId, spaces: {}, maxSlides: 4, formats: ['html'], language: 'en' },
    clock,
    log,
  }),
)
process.stdout.write('ready\n')
await new Promise((resolve) => process.once('SIGTERM', resolve))
await parts.disposeAsync()
endSoon(process)
