import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { Workspace, WorkspaceOptions } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { startService, type Service } from '../../src/service.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'
import { isolatedRedisUrl } from './parts.ts'

/** `deckhand serve` on the test run's Redis and MLflow, with a sandbox workspace of its own. */
export interface SandboxBot extends AsyncDisposable {
  readonly workspace: Workspace
  readonly service: Service
  /** For what else runs in a test. */
  readonly dir: string
  /** Questions that Genie was asked, oldest first. */
  genieQuestions(): readonly string[]
}

export interface SandboxBotOptions {
  readonly workspace?: Partial<WorkspaceOptions> | undefined
  readonly adjust?: ((settings: Settings) => Settings) | undefined
}

/** `env`: of the platform it answers on. */
export async function startSandboxBot(
  env: Readonly<Record<string, string>>,
  options: SandboxBotOptions = {},
): Promise<SandboxBot> {
  await using parts = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'deckhand-bot-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst(), ...options.workspace }))
  const redisUrl = await isolatedRedisUrl()
  const serveEnv = {
    ...workspaceEnv(workspace, { redisUrl, mlflowUrl: inject('mlflowUrl') }),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    DECKHAND_HOST: '127.0.0.1',
    DECKHAND_PORT: '0',
    DECKHAND_LINK_KEY: 'a key of a test that nobody has to guess',
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent', // failures are made on purpose here
    ...env,
  }
  const settings = loadSettings(serveEnv, join(import.meta.dirname, '../../config'))
  const service = parts.use(await startService(options.adjust?.(settings) ?? settings, serveEnv))
  const owned = parts.move()
  return {
    workspace,
    service,
    dir,
    genieQuestions: () =>
      workspace.requests
        .filter(({ method, path }) => method === 'POST' && /(start-conversation|\/messages)$/.test(path))
        .map(({ body }) => String((body as { content: unknown }).content)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
