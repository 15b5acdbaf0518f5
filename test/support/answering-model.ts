import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServeModel } from '../../sandbox/databricks/serving/deployment.ts'
import { startHttpServer } from '../../sandbox/local/http-server.ts'
import { isRecord, list, parseRecord } from '../../sandbox/local/json.ts'

/** A model of `writeModelFolder` that answers as the agent would; one that is called "broken" has nothing to say. */
export const serveAnsweringModel: ServeModel = async ({ dir }) => {
  const says = await readFile(join(dir, 'artifacts/agent/says.txt'), 'utf8')
  const answer = {
    html: `<!doctype html><html><body>${says}</body></html>`,
    slide_count: 1,
    trace_url: 'https://mlflow.example/trace',
    error: '',
  }
  const failure = { ...answer, html: '', slide_count: 0, error: 'the agent has lost its words' }
  const server = await startHttpServer({
    port: 0,
    async answer({ path, body }) {
      if (path !== '/invocations') return { status: 404, body: '' }
      const rows = list(parseRecord(body.toString('utf8'))['dataframe_records']).filter(isRecord)
      const predictions = rows.map(() => (says === 'broken' ? failure : answer))
      return { status: 200, body: JSON.stringify({ predictions }) }
    },
  })
  return { url: server.url, output: () => `${says} is up`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
