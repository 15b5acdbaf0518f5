import path from 'node:path'
import { LocalPartError, startProcess, untilReady } from './child.ts'

/** MLflow's own server for one model, as `mlflow models serve` runs it. */
export interface ScoringServer extends AsyncDisposable {
  /** Without a slash at the end; questions go to `${url}/invocations`. */
  readonly url: string
  /** The last of what the server and the model printed. */
  output(): string
}

const title = 'The scoring server'
const app = 'mlflow.pyfunc.scoring_server.app:app'

/**
 * Serves the model in `dir` on a free loopback port, in MLflow's Python environment as it is, until disposed.
 * @throws LocalPartError with what it printed when the model does not load; the signal's reason
 */
export async function startScoringServer(options: {
  readonly dir: string
  /** What the model sees beside what finds its programs. */
  readonly env: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}): Promise<ScoringServer> {
  const command = process.env['DECKHAND_PYTHON']
  if (!command) {
    throw new LocalPartError('missing', 'Cannot start the scoring server: DECKHAND_PYTHON is not set', {
      userMessage: 'MLflow is not set up. Start with npm run demo or npm test.',
    })
  }
  const server = await startProcess({
    title,
    command,
    args: ['-I', '-u', '-W', 'ignore', '-m', 'uvicorn', '--host', '127.0.0.1', '--port', '0', '--no-access-log', app],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      // Wheels of Node cannot be had everywhere: the model runs on the Node that runs us.
      DECKHAND_NODE: process.execPath,
      MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: '300',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      ...options.env,
      __pyfunc_model_path__: path.resolve(options.dir),
    },
  })
  const url = await untilReady(
    title,
    server,
    async (signal) => {
      const found = /Uvicorn running on (http:\/\/127\.0\.0\.1:\d+)/.exec(server.output())?.[1]
      if (found === undefined) return undefined
      const response = await fetch(`${found}/ping`, { signal })
      await response.arrayBuffer()
      return response.ok ? found : undefined
    },
    { timeoutMs: 120_000, signal: options.signal },
  )
  return { url, output: () => server.output(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
