import { afterEach, describe, expect, it } from 'vitest'
import { createCredentials } from '../../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../../src/lib/databricks/rest.ts'
import { createStatements, type Statements } from '../../../src/lib/databricks/statements.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { startTestServer, type Replies, type TestServer } from '../../support/http-server.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

const { signal } = new AbortController()
let parts = new AsyncDisposableStack()
afterEach(async () => {
  await parts.disposeAsync()
  parts = new AsyncDisposableStack()
})

const manifest = { schema: { columns: [{ name: 'n', type_name: 'LONG', position: 0 }] }, total_row_count: 1 }
const done = {
  json: { statement_id: 's1', status: { state: 'SUCCEEDED' }, manifest, result: { data_array: [['7'], [null]] } },
}

async function warehouse(
  started: Replies,
  looked: Replies = done,
): Promise<{ readonly statements: Statements; readonly server: TestServer }> {
  const server = parts.use(
    await startTestServer({ 'POST /api/2.0/sql/statements': started, 'GET /api/2.0/sql/statements/s1': looked }),
  )
  const http = parts.use(createHttpClient())
  const clock = createManualClock(0, { autoAdvance: true })
  const credentials = createCredentials({ host: server.url, http, clock, token: new Secret('dapi-0123456789') })
  const rest = createDatabricksRest({ host: server.url, credentials, http, clock, random: () => 0 })
  return { statements: createStatements({ rest, warehouseId: 'w1', clock }), server }
}

describe('SQL on a warehouse', () => {
  it('gives rows as text, with the names and types of their columns', async () => {
    const { statements, server } = await warehouse(done)

    expect(await statements.run('SELECT 7', signal)).toEqual({
      columns: [{ name: 'n', typeName: 'LONG' }],
      rows: [['7'], [null]],
    })
    expect(server.requests[0]?.json).toMatchObject({
      statement: 'SELECT 7',
      warehouse_id: 'w1',
      disposition: 'INLINE',
      format: 'JSON_ARRAY',
    })
  })

  it('waits for a statement that takes longer than the first request', async () => {
    const running = { json: { statement_id: 's1', status: { state: 'RUNNING' } } }
    const { statements, server } = await warehouse({ json: { statement_id: 's1', status: { state: 'PENDING' } } }, [
      running,
      running,
      done,
    ])

    expect((await statements.run('SELECT 7', signal)).rows).toHaveLength(2)
    expect(server.to('GET /api/2.0/sql/statements/s1')).toHaveLength(3)
  })

  it.each<[string, object, string]>([
    [
      'fails',
      { statement_id: 's1', status: { state: 'FAILED', error: { message: 'no such table' } } },
      'SQL ended FAILED: no such table',
    ],
    ['is cancelled', { statement_id: 's1', status: { state: 'CANCELED' } }, 'SQL ended CANCELED'],
    ['has more rows than fit', { ...done.json, manifest: { ...manifest, truncated: true } }, 'more rows'],
    ['goes on in another chunk', { ...done.json, result: { data_array: [['7']], next_chunk_index: 1 } }, 'more rows'],
  ])('says so when it %s', async (_what, json, message) => {
    const { statements } = await warehouse({ json })

    expect(await rejection(statements.run('SELECT 7', signal))).toMatchObject({
      name: 'DatabricksError',
      message: expect.stringContaining(message) as string,
    })
  })

  it('is a result without rows, too', async () => {
    const { statements } = await warehouse({
      json: { statement_id: 's1', status: { state: 'SUCCEEDED' }, manifest, result: {} },
    })

    expect((await statements.run('SELECT 7', signal)).rows).toEqual([])
  })
})
