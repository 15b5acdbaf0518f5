import type { Redis } from 'ioredis'
import { createAgentParts, type AgentParts } from './agent-parts.ts'
import type { Agent } from './agent/agent.ts'
import { createEndpointAgent } from './agent/endpoint-agent.ts'
import type { Genie } from './agent/genie/genie.ts'
import { limitRate } from './agent/genie/rate-limit.ts'
import { createConversations, type Conversations } from './bot/conversation.ts'
import type { Decks } from './bot/decks.ts'
import { createReplies, type Replies } from './bot/replies.ts'
import { createDecks } from './bot/stored-decks.ts'
import type { TurnDefaults } from './bot/turn-runner.ts'
import type { Environment } from './lib/config-file.ts'
import { systemClock, type Clock } from './lib/clock.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import type { Logger } from './lib/log.ts'
import { connectRedis } from './lib/redis.ts'
import { Secret } from './lib/secret.ts'
import { createServing } from './mlflow/serving/create-serving.ts'
import { createRenderer } from './render/create-renderer.ts'
import type { Renderer } from './render/renderer.ts'
import { SettingsError, type Settings } from './settings.ts'
import { logOf } from './workspace-access.ts'

/** What every command works with. Disposing it sends or spools what is left and closes everything, last built first. */
export interface Parts extends AgentParts {
  readonly clock: Clock
  readonly log: Logger
  readonly redis: Redis
  /** Answers in this process, wherever `agent` does. */
  readonly inProcessAgent: Agent
  readonly renderer: Renderer
  readonly decks: Decks
  readonly replies: Replies
  readonly conversations: Conversations
}

/** From settings to parts. `env` tells which texts are secrets, to be kept out of traces and the log. @throws DeckhandError when a needed part is not there */
export async function createParts(settings: Settings, env: Environment): Promise<Parts> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const log = logOf(settings, env)
  const redis = parts.use(await connectRedis(settings.redis.url, { log }))
  const renderer = parts.use(
    createRenderer({
      browserPath: settings.render.browserPath,
      pages: settings.render.pages,
      timeoutMs: settings.render.timeoutMs,
      themes: settings.themes,
      log,
    }),
  )
  const share = (genie: Genie): Genie =>
    limitRate(genie, {
      redis,
      clock,
      budget: new URL(settings.databricks.host).host,
      questionsPerMinute: settings.genie.questionsPerMinute,
    })
  const agentParts = parts.use(await createAgentParts(settings, env, { renderer, share, clock, log }))

  const ttlMs = settings.agent.threadTtlMs
  // Without a key there are no links, and then nobody gains by guessing.
  const decks = createDecks({ redis, ttlMs, secret: settings.credentials.linkKey ?? new Secret('no links'), log })
  const replies = createReplies({ redis, ttlMs })
  const conversations = createConversations({ redis, ttlMs, decks, replies, log })

  const owned = parts.move()
  return {
    ...agentParts,
    agent: agentOf(settings, { ...agentParts, renderer, clock, log }),
    inProcessAgent: agentParts.agent,
    clock,
    log,
    redis,
    renderer,
    decks,
    replies,
    conversations,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/**
 * Who answers people, by `agent.mode`. Not for the served agent, which would ask itself.
 * @throws SettingsError when the environment has no endpoint
 */
function agentOf(
  settings: Settings,
  deps: Pick<Parts, 'agent' | 'http' | 'credentials' | 'renderer' | 'clock' | 'log'>,
): Agent {
  const { mode, endpointTimeoutMs, endpointFallback } = settings.agent
  if (mode === 'in_process') return deps.agent
  const { environment } = settings
  const endpointName = settings.mlflow.serving[environment]?.endpoint_name ?? ''
  if (endpointName === '') {
    const key = `serving.${environment}.endpoint_name`
    throw new SettingsError([`mlflow.yaml ${key}: is empty, should be an endpoint because agent.mode is endpoint`])
  }
  const { host } = settings.databricks
  return createEndpointAgent({
    ...deps,
    endpoints: createServing({ ...deps, host, rest: createDatabricksRest({ ...deps, host }) }),
    endpointName,
    timeoutMs: endpointTimeoutMs,
    ...(endpointFallback ? { fallback: deps.agent } : {}),
  })
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
