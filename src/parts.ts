import type { Redis } from 'ioredis'
import { createAgent, type Agent } from './agent/agent.ts'
import { createChatModel } from './agent/chat-model/databricks.ts'
import { createGenie } from './agent/genie/databricks-genie.ts'
import type { Genie } from './agent/genie/genie.ts'
import { limitRate } from './agent/genie/rate-limit.ts'
import { createConversations, type Conversations } from './bot/conversation.ts'
import type { Decks } from './bot/decks.ts'
import { createReplies, type Replies } from './bot/replies.ts'
import { createDecks } from './bot/stored-decks.ts'
import type { TurnDefaults } from './bot/turn-runner.ts'
import type { Environment } from './lib/config-file.ts'
import { systemClock, type Clock } from './lib/clock.ts'
import { createCredentials, type Credentials } from './lib/databricks/credentials.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import { createHttpClient, type HttpClient } from './lib/http.ts'
import { createLogger, type Logger } from './lib/log.ts'
import { connectRedis } from './lib/redis.ts'
import { Secret } from './lib/secret.ts'
import { createTracing } from './mlflow/create-tracing.ts'
import { experimentNameOf } from './mlflow/experiment-name.ts'
import { createRedactor } from './mlflow/redact.ts'
import type { Tracing } from './mlflow/tracing.ts'
import { createRenderer } from './render/create-renderer.ts'
import type { Renderer } from './render/renderer.ts'
import { secretValues, type Settings } from './settings.ts'
import { describeRuns, promptContents } from './settings/run-description.ts'

/** What every command works with. Disposing it sends or spools what is left and closes everything, last built first. */
export interface Parts extends AsyncDisposable {
  readonly clock: Clock
  readonly log: Logger
  readonly http: HttpClient
  readonly redis: Redis
  readonly credentials: Credentials
  readonly genie: Genie
  readonly renderer: Renderer
  readonly tracing: Tracing
  readonly agent: Agent
  readonly decks: Decks
  readonly replies: Replies
  readonly conversations: Conversations
}

/** How long the end of a command waits for MLflow to take the last trace; what is not sent by then stays on disk. */
const flushTimeoutMs = 3000

/** From settings to parts. `env` tells which texts are secrets, to be kept out of traces. @throws DeckhandError when a needed part is not there */
export async function createParts(settings: Settings, env: Environment): Promise<Parts> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const log = createLogger(settings.log)
  const http = parts.use(createHttpClient())

  const redis = parts.use(await connectRedis(settings.redis.url, { log }))
  const credentials = createCredentials({
    host: settings.databricks.host,
    clientId: settings.databricks.clientId,
    token: settings.credentials.databricksToken,
    clientSecret: settings.credentials.databricksClientSecret,
    http,
    clock,
    log,
  })
  const rest = createDatabricksRest({ host: settings.databricks.host, credentials, http, clock, log })
  const genie = limitRate(createGenie({ rest, clock, timeoutMs: settings.genie.timeoutMs, log }), {
    redis,
    clock,
    budget: new URL(settings.databricks.host).host,
    questionsPerMinute: settings.genie.questionsPerMinute,
  })
  const chatModel = createChatModel({
    name: settings.llm.endpoint,
    ...(settings.llm.baseUrl === ''
      ? { rest }
      : { baseUrl: settings.llm.baseUrl, apiKey: settings.credentials.llmApiKey, http }),
    temperature: settings.llm.temperature,
    maxTokens: settings.llm.maxTokens,
    timeoutMs: settings.llm.timeoutMs,
    clock,
    log,
  })

  const { mlflow } = settings
  const tracing = parts.use(
    await createTracing({
      settings: {
        trackingUri: mlflow.trackingUri,
        experimentName: experimentNameOf(settings),
        environment: settings.environment,
        tracing: mlflow.tracing,
        username: settings.credentials.mlflowUsername,
        password: settings.credentials.mlflowPassword,
        token: settings.credentials.mlflowToken,
        modelConfig: {
          endpoint: settings.llm.endpoint,
          temperature: settings.llm.temperature,
          maxTokens: settings.llm.maxTokens,
        },
        logSystemMetrics: mlflow.logging.systemMetrics,
        run: describeRuns(settings, env),
        prompts: mlflow.logging.registerPrompts ? promptContents(settings) : [],
      },
      workspace: { host: settings.databricks.host, credentials },
      http,
      clock,
      log,
      redact: createRedactor(secretValues(env).map((value) => new Secret(value))),
    }),
  )
  parts.defer(() => tracing.flush(AbortSignal.timeout(flushTimeoutMs)))

  const renderer = parts.use(
    createRenderer({
      browserPath: settings.render.browserPath,
      pages: settings.render.pages,
      timeoutMs: settings.render.timeoutMs,
      themes: settings.themes,
      log,
    }),
  )
  const agent = createAgent({
    chatModel,
    genie,
    renderer,
    tracing,
    prompts: settings.prompts,
    clock,
    log,
    price: settings.llm.usdPerMillionTokens,
    maxToolIterations: settings.agent.maxToolIterations,
    sampleRows: settings.grounding.sampleRows,
    unverified: settings.grounding.unverified,
    language: settings.output.language,
    theme: settings.output.theme,
    environment: settings.environment,
  })

  const ttlMs = settings.agent.threadTtlMs
  // Without a key there are no links, and then nobody gains by guessing.
  const decks = createDecks({ redis, ttlMs, secret: settings.credentials.linkKey ?? new Secret('no links'), log })
  const replies = createReplies({ redis, ttlMs })
  const conversations = createConversations({ redis, ttlMs, decks, replies, log })

  const owned = parts.move()
  return {
    clock,
    log,
    http,
    redis,
    credentials,
    genie,
    renderer,
    tracing,
    agent,
    decks,
    replies,
    conversations,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What a question that does not say otherwise falls back on. */
export function turnDefaults({ genie, output }: Settings): TurnDefaults {
  return {
    spaceId: genie.spaces[genie.defaultSpaceId] ?? genie.defaultSpaceId,
    spaces: genie.spaces,
    maxSlides: output.defaultMaxSlides,
    formats: output.formats,
    language: output.language,
  }
}
