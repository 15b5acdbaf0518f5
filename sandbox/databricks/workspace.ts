import { systemClock } from '../../src/lib/clock.ts'
import { createWarehouse } from '../data/warehouse.ts'
import { createAuth } from './auth.ts'
import { chatRoutes } from './chat/routes.ts'
import {
  type RecordedRequest,
  sandboxCredentials,
  sandboxUserName,
  type Workspace,
  type WorkspaceOptions,
} from './contract.ts'
import { createFaults } from './faults.ts'
import { createConversations } from './genie/conversations.ts'
import { createGenieEngine } from './genie/engine.ts'
import { genieRoutes } from './genie/routes.ts'
import { statementRoutes } from './sql/routes.ts'
import { startServer } from './http/server.ts'
import { startMlflow } from './mlflow/mlflow.ts'
import type { ServeModel } from './serving/deployment.ts'
import { createEndpoints } from './serving/endpoints.ts'
import { createCatalog } from './unity-catalog/catalog.ts'
import { unityCatalogRoutes } from './unity-catalog/routes.ts'

const hourMs = 3_600_000

/**
 * A stand-in for a Databricks workspace on 127.0.0.1: sign-in, Genie over generated data that it really queries, chat
 * completions answered by the given brain, MLflow's tracking, models in Unity Catalog and endpoints that serve them. It listens at once; the data set is made in the background, and
 * questions wait for it.
 */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const clock = options.clock ?? systemClock
  const today = options.today ?? new Date(clock.now()).toISOString().slice(0, 10)
  const faults = createFaults()
  const requests: RecordedRequest[] = []
  const closing = new AbortController()
  const warehouse = options.warehouse ? Promise.resolve(options.warehouse) : createWarehouse({ today })
  const engine = warehouse.then(createGenieEngine)
  // Whoever asks a question, or for `ready()`, hears of a failure
  engine.catch(() => {})

  let url = ''
  const credentials = options.credentials ?? sandboxCredentials
  const auth = createAuth({
    credentials,
    tokenTtlMs: options.tokenTtlMs ?? hourMs,
    clock,
    url: () => url,
  })
  const conversations = createConversations({
    engine,
    clock,
    delayMs: options.genieDelayMs ?? 0,
    resultTtlMs: options.resultTtlMs ?? hourMs,
    signal: closing.signal,
  })
  await using parts = new AsyncDisposableStack()
  const now = (): number => clock.now()
  const catalog = parts.use(createCatalog(now))
  const serve = options.serveModel ?? serveWithMlflow
  const serving = parts.use(createEndpoints({ catalog, serve, creator: sandboxUserName, now }))
  // As an administrator of a real workspace has put it there for the served agent
  serving.controls.putSecret('deckhand', 'databricks_token', credentials.token)
  const mlflow = parts.use(
    await startMlflow({ userName: sandboxUserName, cloud: options.cloud ?? 'aws', clock, faults }),
  )
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    faults,
    requests,
    headers: { 'x-databricks-org-id': '1', server: 'deckhand-sandbox' },
    authenticate: (headers) => auth.authenticate(headers),
    routes: [
      ...auth.routes,
      ...genieRoutes({ conversations, clock, questionsPerMinute: options.questionsPerMinute }),
      ...statementRoutes(warehouse),
      ...serving.routes, // before those of chat, which answers for every other endpoint
      ...chatRoutes({ brain: options.brain, delayMs: options.llmDelayMs ?? 0, clock }),
      ...unityCatalogRoutes(catalog),
      ...mlflow.routes,
    ],
  })
  url = server.url

  const owned = parts.move()
  return {
    url,
    faults,
    requests,
    mlflow: mlflow.view,
    serving: serving.controls,
    models: catalog.models,
    async ready() {
      await engine
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The workspace is closed', 'AbortError'))
      await server[Symbol.asyncDispose]()
      await owned.disposeAsync()
      if (!options.warehouse) {
        const own = await warehouse.catch(() => undefined)
        await own?.[Symbol.asyncDispose]()
      }
    },
  }
}

/** Loaded only where a model is served. */
const serveWithMlflow: ServeModel = async (options) => {
  const { startScoringServer } = await import('../local/scoring-server.ts')
  return startScoringServer(options)
}
