import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PDFiumLibrary } from '@hyzyla/pdfium'
import { inject } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { Workspace, WorkspaceOptions } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import { createApp, type App } from '../../src/app.ts'
import { ask, type AskResult } from '../../src/bot/shell/ask.ts'
import type { AskRequest } from '../../src/bot/shell/ask-request.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'

/** The whole product on the test run's Redis and MLflow and an own sandbox workspace. */
export interface TestDeckhand extends AsyncDisposable {
  readonly workspace: Workspace
  readonly app: App
  readonly settings: Settings
  /** Folder of this instance; removed at the end. Traces wait in `spool` below it. */
  readonly dir: string
  /** One question as `deckhand ask` runs it. `onEvent` sees every event of the turn. */
  ask(question: string, more?: AskOptions): Promise<AskResult>
  /** Unsent and sent: waits until MLflow has every finished trace. */
  flush(): Promise<void>
}

export interface AskOptions extends Omit<AskRequest, 'question'> {
  readonly onEvent?: (event: AgentEvent) => void
  readonly signal?: AbortSignal
}

export async function startDeckhand(
  options: Partial<WorkspaceOptions> & {
    readonly env?: Readonly<Record<string, string>>
    readonly adjust?: (settings: Settings) => Settings
  } = {},
): Promise<TestDeckhand> {
  await using parts = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'deckhand-e2e-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  const { env: extraEnv, adjust = (settings) => settings, ...workspaceOptions } = options
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst(), ...workspaceOptions }))
  const env = {
    ...workspaceEnv(workspace, { redisUrl: inject('redisUrl'), mlflowUrl: inject('mlflowUrl') }),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
    ...extraEnv,
  }
  const settings = adjust(loadSettings(env, join(import.meta.dirname, '../../config')))
  const app = parts.use(await createApp(settings, env))
  const owned = parts.move()
  return {
    workspace,
    app,
    settings,
    dir,
    ask: (question, more = {}) => {
      const { onEvent = () => undefined, signal = new AbortController().signal, ...request } = more
      return ask({ out: join(dir, 'out'), formats: 'html', ...request, question }, app.shell, { show: onEvent }, signal)
    },
    flush: () => app.flush(AbortSignal.timeout(20_000)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Text of each page of a PDF, read by PDFium. */
export async function pdfPages(bytes: Uint8Array): Promise<string[]> {
  const library = await PDFiumLibrary.init()
  try {
    const document = await library.loadDocument(bytes)
    const pages = [...document.pages()].map((page) => page.getText())
    document.destroy()
    return pages
  } finally {
    library.destroy()
  }
}
