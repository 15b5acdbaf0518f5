import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  sandboxCredentials,
  sandboxUserName,
  type Workspace,
  type WorkspaceOptions,
} from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { systemClock, type Clock } from '../../../src/lib/clock.ts'
import { createCredentials } from '../../../src/lib/databricks/credentials.ts'
import { createHttpClient, type HttpClient, type HttpRequest } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createTracing } from '../../../src/mlflow/create-tracing.ts'
import type { Tracing } from '../../../src/mlflow/tracing.ts'
import { noData } from '../../support/no-data.ts'
import { listSpool, recordingLogger, type LoggedLine } from '../set-up.ts'
import { fullTracing } from '../../support/full-tracing.ts'

export const experimentPath = `/Users/${sandboxUserName}/ai-slide-generator/test`

/** What one test of hosted MLflow needs: a workspace of its own, a spool folder, and all that was sent. */
export interface SetUp extends AsyncDisposable {
  readonly workspace: Workspace
  readonly spoolDir: string
  readonly logged: readonly LoggedLine[]
  /** Every request of the client under test, with all that it carried. */
  readonly sent: readonly SentRequest[]
  /** `METHOD /path` of those to the workspace, ids replaced; sign-in left out. */
  calls(): string[]
  /** Disposed with the set-up if not before. */
  startTracing(settings?: { readonly experimentName?: string }): Promise<Tracing>
  spooled(): Promise<string[]>
  rejected(): Promise<string[]>
  warnings(): string[]
}

export interface SentRequest {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export async function setUp(
  options: Partial<Pick<WorkspaceOptions, 'cloud' | 'tokenTtlMs'>> & {
    readonly clock?: Clock
    /** Default a personal access token. */
    readonly signIn?: 'token' | 'service-principal'
  } = {},
): Promise<SetUp> {
  const { clock = systemClock, signIn = 'token', ...workspaceOptions } = options
  const workspace = await createWorkspace({
    brain: async () => ({ content: '' }),
    clock,
    warehouse: noData,
    ...workspaceOptions,
  })
  const spoolDir = await mkdtemp(join(tmpdir(), 'deckhand-spool-'))
  const sent: SentRequest[] = []
  const http = recordingClient(sent)
  const logged: LoggedLine[] = []
  const log = recordingLogger(logged)
  const started: Tracing[] = []
  const { token, clientId, clientSecret } = sandboxCredentials
  const credentials = createCredentials({
    host: workspace.url,
    ...(signIn === 'token' ? { token: new Secret(token) } : { clientId, clientSecret: new Secret(clientSecret) }),
    http,
    clock,
    log,
  })

  return {
    workspace,
    spoolDir,
    logged,
    sent,
    calls: () =>
      sent
        .filter(({ url }) => url.startsWith(`${workspace.url}/api/`))
        .map(({ method, url }) => {
          const path = url.slice(workspace.url.length).replace(/\?.*/, '')
          return `${method} ${path.replaceAll(/(?:tr-)?[0-9a-f]{32}/g, '{id}')}`
        }),
    async startTracing({ experimentName = '/Users/{username}/ai-slide-generator/test' } = {}) {
      const tracing = await createTracing({
        workspace: { host: workspace.url, credentials },
        http,
        clock,
        log,
        settings: {
          trackingUri: 'databricks',
          experimentName,
          environment: 'test',
          tracing: fullTracing(spoolDir),
        },
      })
      started.push(tracing)
      return tracing
    },
    spooled: () => listSpool(spoolDir, 'waiting'),
    rejected: () => listSpool(spoolDir, 'rejected'),
    warnings: () =>
      logged.flatMap(({ level, fields }) =>
        level === 'warn' && 'error' in fields && typeof fields.error === 'string' ? [fields.error] : [],
      ),
    async [Symbol.asyncDispose]() {
      for (const tracing of started) await tracing[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
      await http[Symbol.asyncDispose]()
      await rm(spoolDir, { recursive: true, force: true })
    },
  }
}

/** A real client that keeps a copy of what it sends. */
function recordingClient(sent: SentRequest[]): HttpClient {
  const http = createHttpClient()
  const keep = ({ method, url, headers = {}, body = '' }: HttpRequest): void => {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
    sent.push({ method, url, headers: Object.fromEntries(lower), body: Buffer.from(body) })
  }
  return {
    send(request, signal) {
      keep(request)
      return http.send(request, signal)
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}
