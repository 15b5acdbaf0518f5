import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelServer, ServeModel } from '../../sandbox/databricks/serving/deployment.ts'
import { startHttpServer } from '../../sandbox/local/http-server.ts'
import { isRecord, list, parseRecord } from '../../sandbox/local/json.ts'

/** What a model of `writeModelFolder` answers, without Python, in milliseconds; and what it saw. */
export interface SmallServers {
  readonly serve: ServeModel
  /** Environments of those that were started, in order. */
  readonly started: Readonly<Record<string, string>>[]
  /** How many run now. */
  runningCount: number
  /** What the next ones wait for before they come up. */
  gate: Promise<void>
}

/**
 * Stands for MLflow's scoring server where a test is about the endpoint around it. `BREAK=load` in the environment keeps
 * a model from coming up.
 */
export function createSmallServers(): SmallServers {
  const servers: SmallServers = { serve, started: [], runningCount: 0, gate: Promise.resolve() }

  async function serve({ dir, env }: Parameters<ServeModel>[0]): Promise<ModelServer> {
    const says = await readFile(join(dir, 'artifacts/agent/says.txt'), 'utf8')
    if (env['BREAK'] === 'load') throw new Error('RuntimeError: told to break while loading')
    await servers.gate
    servers.started.push(env)
    const server = await startHttpServer({
      port: 0,
      async answer({ path, body }) {
        if (path !== '/invocations') return { status: 404, body: '' }
        const rows = list(parseRecord(body.toString('utf8'))['dataframe_records']).filter(isRecord)
        if (rows.length === 0) return { status: 400, body: '{"error_code":"BAD_REQUEST","message":"no rows"}' }
        const predictions = rows.map(({ question }) => ({
          html: `<!doctype html><p>${says}</p>`,
          slide_count: 1,
          trace_url: env['TRACE_URL'] ?? '',
          error: '',
          answer: `${says}: ${String(question)}`,
        }))
        return { status: 200, body: JSON.stringify({ predictions }) }
      },
    })
    servers.runningCount += 1
    return {
      url: server.url,
      output: () => `small model is up: ${says}`,
      async [Symbol.asyncDispose]() {
        servers.runningCount -= 1
        await server[Symbol.asyncDispose]()
      },
    }
  }
  return servers
}
