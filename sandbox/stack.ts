import { join } from 'node:path'
import { createAnalyst } from './databricks/analyst/analyst.ts'
import { sandboxCredentials, sandboxSpaceIds, type Workspace, type WorkspaceOptions } from './databricks/contract.ts'
import { warehouseId } from './databricks/sql/routes.ts'
import { createWorkspace } from './databricks/workspace.ts'
import { startMlflow } from './local/mlflow.ts'
import { startRedis } from './local/redis.ts'
import type { SlackWorkspace, SlackWorkspaceOptions } from './slack/contract.ts'

/** Everything Deckhand talks to, on this machine: real Redis, real MLflow, and a stand-in Databricks workspace. */
export interface Stack extends AsyncDisposable {
  /** What the settings read from the environment to find the parts. */
  readonly env: Readonly<Record<string, string>>
  readonly workspace: Workspace
  /** A stand-in for Slack; undefined unless it was asked for. It has to be told where the app listens. */
  readonly slack: SlackWorkspace | undefined
  readonly redisUrl: string
  readonly mlflowUrl: string
}

/**
 * Starts the parts side by side; `REDIS_URL` and `MLFLOW_TRACKING_URI` of the environment are used instead where set.
 * `dir` keeps their data. Disposing it ends what was started; so does an abort, or one part that does not start.
 * @throws LocalPartError, or the signal's reason
 */
export async function startStack(
  options: {
    readonly dir: string
    readonly signal?: AbortSignal
    /** Brings the Slack stand-in too, with these settings. */
    readonly slack?: SlackWorkspaceOptions
  } & Partial<Pick<WorkspaceOptions, 'genieDelayMs' | 'llmDelayMs' | 'clock' | 'today' | 'brain'>>,
): Promise<Stack> {
  const { dir, signal: outer, slack: slackOptions, ...workspaceOptions } = options
  const failed = new AbortController()
  const signal = outer ? AbortSignal.any([outer, failed.signal]) : failed.signal
  await using parts = new AsyncDisposableStack()
  const own = async <T extends AsyncDisposable>(part: Promise<T>): Promise<T> => parts.use(await part)
  const starting = [
    own(startRedis({ dir: join(dir, 'redis'), signal })),
    own(startMlflow({ dir: join(dir, 'mlflow'), signal })),
    own(createWorkspace({ brain: createAnalyst(), ...workspaceOptions })),
    slackOptions ? own(startSlack(slackOptions)) : Promise.resolve(undefined),
  ] as const
  try {
    const [redis, mlflow, workspace, slack] = await Promise.all(starting)
    outer?.throwIfAborted()
    const owned = parts.move()
    return {
      env: { ...workspaceEnv(workspace, { redisUrl: redis.url, mlflowUrl: mlflow.url }), ...slack?.env },
      workspace,
      slack,
      redisUrl: redis.url,
      mlflowUrl: mlflow.url,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(starting) // what comes up late has to be ended too
    throw error
  }
}

/** Loaded only where it is wanted: one question at a shell needs none of it. */
async function startSlack(options: SlackWorkspaceOptions): Promise<SlackWorkspace> {
  const { createSlackWorkspace } = await import('./slack/workspace.ts')
  return await createSlackWorkspace(options)
}

/** The environment that points Deckhand at a sandbox workspace. */
export function workspaceEnv(
  workspace: Workspace,
  servers: { readonly redisUrl: string; readonly mlflowUrl: string },
): Record<string, string> {
  return {
    DATABRICKS_HOST: workspace.url,
    DATABRICKS_TOKEN: sandboxCredentials.token,
    // Empty is unset: what is set for a real workspace has no say here.
    DATABRICKS_CLIENT_ID: '',
    DATABRICKS_CLIENT_SECRET: '',
    LLM_BASE_URL: '',
    LLM_ENDPOINT: 'sandbox-analyst',
    GENIE_SPACE_ID: sandboxSpaceIds.sales,
    GENIE_QUESTIONS_PER_MINUTE: '1000',
    DATABRICKS_WAREHOUSE_ID: warehouseId,
    REDIS_URL: servers.redisUrl,
    MLFLOW_TRACKING_URI: servers.mlflowUrl,
    MLFLOW_EXPERIMENT_NAME: 'deckhand-sandbox',
  }
}
