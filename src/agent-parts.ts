import { createAgent, type Agent } from './agent/agent.ts'
import { createChatModel } from './agent/chat-model/databricks.ts'
import { createGenie } from './agent/genie/databricks-genie.ts'
import type { Genie } from './agent/genie/genie.ts'
import type { Environment } from './lib/config-file.ts'
import type { Clock } from './lib/clock.ts'
import type { Credentials } from './lib/databricks/credentials.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import { createHttpClient, type HttpClient } from './lib/http.ts'
import type { Logger } from './lib/log.ts'
import { createTracing } from './mlflow/create-tracing.ts'
import { experimentNameOf } from './mlflow/experiment-name.ts'
import type { Tracing } from './mlflow/tracing.ts'
import type { Renderer } from './render/renderer.ts'
import { redactSecretsOf } from './redact-secrets.ts'
import type { Settings } from './settings.ts'
import { describeRuns, promptContents } from './settings/run-description.ts'
import { credentialsOf } from './workspace-access.ts'

/** The agent and what it works with, wherever it runs. Disposing it sends or spools what is left for MLflow. */
export interface AgentParts extends AsyncDisposable {
  readonly http: HttpClient
  readonly credentials: Credentials
  readonly genie: Genie
  readonly tracing: Tracing
  readonly agent: Agent
}

export interface AgentSurroundings {
  readonly renderer: Renderer
  /** Puts round Genie what all users of a workspace share. */
  readonly share: (genie: Genie) => Genie
  readonly clock: Clock
  readonly log: Logger
}

/** How long the end of a command waits for MLflow to take the last trace; what is not sent by then stays on disk. */
const flushTimeoutMs = 3000

/** From settings to the agent. `env` tells which texts are secrets, to be kept out of traces. @throws SpoolError */
export async function createAgentParts(
  settings: Settings,
  env: Environment,
  { renderer, share, clock, log }: AgentSurroundings,
): Promise<AgentParts> {
  await using parts = new AsyncDisposableStack()
  const http = parts.use(createHttpClient())
  const credentials = credentialsOf(settings, { http, clock, log })
  const rest = createDatabricksRest({ host: settings.databricks.host, credentials, http, clock, log })
  const genie = share(createGenie({ rest, clock, timeoutMs: settings.genie.timeoutMs, log }))
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
      redact: redactSecretsOf(env),
    }),
  )
  parts.defer(() => tracing.flush(AbortSignal.timeout(flushTimeoutMs)))

  const agent = createAgent({
    chatModel,
    genie,
    renderer,
    tracing,
    clock,
    log,
    ...agentSettings(settings),
  })

  const owned = parts.move()
  return { http, credentials, genie, tracing, agent, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What an agent is told by the configuration. */
export function agentSettings({ prompts, llm, agent, grounding, output, environment }: Settings) {
  return {
    prompts,
    price: llm.usdPerMillionTokens,
    maxToolIterations: agent.maxToolIterations,
    sampleRows: grounding.sampleRows,
    unverified: grounding.unverified,
    language: output.language,
    theme: output.theme,
    environment,
  }
}
