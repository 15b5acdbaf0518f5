import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { Workspace, WorkspaceOptions } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../sandbox/slack/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { startService, type Service } from '../../src/service.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'
import { isolatedRedisUrl } from './parts.ts'

/** `deckhand serve` on the test run's Redis and MLflow, with a sandbox workspace and a Slack stand-in of its own. */
export interface SlackBot extends AsyncDisposable {
  readonly slack: SlackWorkspace
  readonly workspace: Workspace
  readonly service: Service
  /** Questions that Genie was asked, oldest first. */
  genieQuestions(): readonly string[]
}

export async function startSlackBot(
  options: {
    readonly workspace?: Partial<WorkspaceOptions>
    readonly slack?: SlackWorkspaceOptions
    readonly adjust?: (settings: Settings) => Settings
  } = {},
): Promise<SlackBot> {
  await using parts = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'deckhand-slack-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst(), ...options.workspace }))
  const slack = parts.use(await createSlackWorkspace(options.slack))
  const redisUrl = await isolatedRedisUrl()
  const env = {
    ...workspaceEnv(workspace, { redisUrl, mlflowUrl: inject('mlflowUrl') }),
    ...slack.env,
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    DECKHAND_PORT: '0',
    DECKHAND_LINK_KEY: 'a key of a test that nobody has to guess',
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent', // failures are made on purpose here
  }
  const settings = loadSettings(env, join(import.meta.dirname, '../../config'))
  const service = parts.use(await startService(options.adjust?.(settings) ?? settings, env))
  slack.connect(`${service.url}/slack/events`)
  const owned = parts.move()
  return {
    slack,
    workspace,
    service,
    genieQuestions: () =>
      workspace.requests
        .filter(({ method, path }) => method === 'POST' && /(start-conversation|\/messages)$/.test(path))
        .map(({ body }) => String((body as { content: unknown }).content)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
