import { join } from 'node:path'
import { createAgent, type Agent } from '../../src/agent/agent.ts'
import { agentSettings } from '../../src/agent-parts.ts'
import type { ChatModel } from '../../src/agent/chat-model/chat-model.ts'
import { createChatModel } from '../../src/agent/chat-model/databricks.ts'
import { createGenie } from '../../src/agent/genie/databricks-genie.ts'
import type { Genie } from '../../src/agent/genie/genie.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { createCredentials } from '../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../src/lib/databricks/rest.ts'
import type { HttpClient } from '../../src/lib/http.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createTracing } from '../../src/mlflow/create-tracing.ts'
import { createRenderer } from '../../src/render/create-renderer.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'

export const question = 'Revenue by region and quarter in 2023'
export const askedAt = Date.parse('2026-11-20T09:00:00Z')
/** Told by workers: `ID` of a turn whose end was shown, and `ID PID` of one that begins. */
export const channels = { ended: 'bench:ended', running: 'bench:running' } as const

/** The product's agent with other upstreams, and without traces. The caller disposes it. */
export async function createBenchAgent(
  upstreams: { readonly genie: Genie; readonly chatModel: ChatModel },
  http: HttpClient,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly agent: Agent; readonly settings: Settings } & AsyncDisposable> {
  const settings = loadSettings({ ...process.env, ...env }, join(import.meta.dirname, '../../config'))
  const log = silentLogger
  const clock = systemClock
  const { mlflow, render } = settings
  const tracing = await createTracing({
    settings: {
      trackingUri: mlflow.trackingUri,
      experimentName: mlflow.experimentName,
      environment: 'bench',
      tracing: { ...mlflow.tracing, enabled: false },
    },
    http,
    clock,
    log,
  })
  const { browserPath, pages, timeoutMs } = render
  const renderer = createRenderer({ browserPath, pages, timeoutMs, themes: settings.themes, log })
  const agent = createAgent({
    ...upstreams,
    renderer,
    tracing,
    clock,
    log,
    ...agentSettings(settings),
    environment: 'bench',
  })
  return {
    agent,
    settings,
    async [Symbol.asyncDispose]() {
      await renderer[Symbol.asyncDispose]()
      await tracing[Symbol.asyncDispose]()
    },
  }
}

/** Genie and the chat model of the workspace that `env` names. */
export function workspaceUpstreams(
  env: Readonly<Record<string, string>>,
  http: HttpClient,
): { readonly genie: Genie; readonly chatModel: ChatModel } {
  const { DATABRICKS_HOST: host = '', DATABRICKS_TOKEN: token = '', LLM_ENDPOINT: name = '' } = env
  const [clock, log, timeoutMs] = [systemClock, silentLogger, 60_000]
  const pat = { host, clientId: '', token: new Secret(token), clientSecret: undefined }
  const credentials = createCredentials({ ...pat, http, clock, log })
  const rest = createDatabricksRest({ host, credentials, http, clock, log })
  return {
    genie: createGenie({ rest, clock, timeoutMs, log }),
    chatModel: createChatModel({ rest, name, maxTokens: 4096, temperature: 0, timeoutMs, clock, log }),
  }
}
