import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { LocalPartError, startProcess, untilReady } from './child.ts'

export interface LocalMlflow extends AsyncDisposable {
  /** As in `MLFLOW_TRACKING_URI`, without a slash at the end. */
  readonly url: string
  /** True when the server is ours alone; false for one that `MLFLOW_TRACKING_URI` names. */
  readonly isPrivate: boolean
}

export interface LocalMlflowOptions {
  /** Where it keeps its database and artifacts; made when missing. Starting again there finds everything again. */
  readonly dir: string
  /** Default: the variables of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** Gives up waiting for the start. */
  readonly signal?: AbortSignal
}

const title = 'MLflow'
const app = 'mlflow.server.fastapi_app:app'

/**
 * Isolated from the user's Python variables and from the working folder. Above all from PYTHONDONTWRITEBYTECODE, which
 * would make every start as slow as the first one (9 s instead of 3 s). Unbuffered, because we read the port from it.
 */
const python = ['-I', '-u', '-W', 'ignore']

/**
 * The MLflow tracking server to use: the one `MLFLOW_TRACKING_URI` names, which disposing leaves alone, or a private
 * one on a free loopback port that ends with disposing, and with this process. Its database is made before it is given
 * back.
 *
 * @throws LocalPartError
 */
export async function startMlflow(options: LocalMlflowOptions): Promise<LocalMlflow> {
  const env = options.env ?? process.env
  const given = env['MLFLOW_TRACKING_URI']
  if (given) return { url: given.replace(/\/+$/, ''), isPrivate: false, async [Symbol.asyncDispose]() {} }
  const command = env['DECKHAND_PYTHON']
  if (!command) {
    throw new LocalPartError('missing', 'Cannot start MLflow: DECKHAND_PYTHON and MLFLOW_TRACKING_URI are not set', {
      userMessage: 'MLflow is not set up. Start with npm run demo or npm test, or set MLFLOW_TRACKING_URI.',
    })
  }
  await mkdir(options.dir, { recursive: true })
  const server = await startProcess({
    title,
    command,
    args: [...python, '-m', 'uvicorn', '--host', '127.0.0.1', '--port', '0', '--no-access-log', app],
    env: { ...env, ...serverEnv(options.dir) },
  })
  const url = await untilReady(title, server, (signal) => answers(server.output(), signal), {
    timeoutMs: 120_000, // 3 s when warm, 9 s the first time, and many times that on a busy machine with a slow disk
    signal: options.signal,
  })
  return { url, isPrivate: true, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/**
 * What `mlflow server --workers 1` of 3.18 hands to the one server process it starts. Starting that process ourselves
 * spares the front process, which imports all of MLflow a second time before it (half the time until it is ready), and
 * lets the kernel choose the port.
 */
function serverEnv(dir: string): NodeJS.ProcessEnv {
  const store = `sqlite:///${path.resolve(dir, 'mlflow.db')}`
  return {
    _MLFLOW_SERVER_FILE_STORE: store,
    _MLFLOW_SERVER_REGISTRY_STORE: store,
    _MLFLOW_SERVER_SERVE_ARTIFACTS: 'true',
    _MLFLOW_SERVER_ARTIFACT_ROOT: 'mlflow-artifacts:/',
    _MLFLOW_SERVER_ARTIFACT_DESTINATION: path.resolve(dir, 'artifacts'),
    _MLFLOW_SGI_NAME: 'uvicorn',
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', // five more processes that nothing here needs
    MLFLOW_DISABLE_TELEMETRY: 'true',
  }
}

/** The server's address once it answers a question that needs the database; undefined before that. */
async function answers(output: string, signal: AbortSignal): Promise<string | undefined> {
  const url = /Uvicorn running on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1]
  if (url === undefined) return undefined
  const response = await fetch(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`, { signal })
  await response.arrayBuffer()
  return response.ok ? url : undefined
}
