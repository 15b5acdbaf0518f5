import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sandboxSpaceIds, type Workspace, type WorkspaceOptions } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createWarehouse, type Warehouse } from '../../../sandbox/data/warehouse.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { ask, call, type Json, spacePath } from './genie-caller.ts'

const start = Date.parse('2022-01-10T09:00:00Z')
const hex32 = /^[0-9a-f]{32}$/

let warehouse: Warehouse
let workspace: Workspace
let clock: ManualClock

beforeAll(async () => {
  warehouse = await createWarehouse({ today: '2021-12-31' })
})
afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await open({})
})
afterEach(async () => {
  await workspace[Symbol.asyncDispose]()
})

async function open(options: Partial<WorkspaceOptions>): Promise<void> {
  await workspace?.[Symbol.asyncDispose]()
  clock = createManualClock(start)
  workspace = await createWorkspace({ brain: async () => ({ content: '' }), warehouse, clock, ...options })
  await workspace.ready()
}

async function post(content: string): Promise<Json> {
  return (await call(workspace, 'POST', `${spacePath()}/start-conversation`, { content })).json
}

const messagePath = ({ conversation_id, message_id }: Json): string =>
  `${spacePath()}/conversations/${conversation_id}/messages/${message_id}`

async function status(posted: Json): Promise<string> {
  return (await call(workspace, 'GET', messagePath(posted))).json.status
}

/** The message once it has that status; the SQL really runs, so the clock alone does not bring it there. */
async function reaches(posted: Json, ...statuses: readonly string[]): Promise<Json> {
  for (;;) {
    const { json } = await call(workspace, 'GET', messagePath(posted))
    if (statuses.includes(json.status)) return json
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const settled = (posted: Json): Promise<Json> => reaches(posted, 'COMPLETED', 'FAILED', 'CANCELLED')

const question = 'revenue by region in Q4 2021'

describe('Genie over REST', () => {
  it('lists the spaces the caller may use, labelled as sandbox data', async () => {
    const { json } = await call(workspace, 'GET', '/api/2.0/genie/spaces')
    const [first] = json.spaces

    expect(json.spaces.map(({ space_id }: Json) => space_id)).toEqual([
      sandboxSpaceIds.sales,
      sandboxSpaceIds.customers,
    ])
    expect(json.spaces.every(({ title }: Json) => title.includes('(sandbox data)'))).toBe(true)
    expect((await call(workspace, 'GET', `/api/2.0/genie/spaces/${first.space_id}`)).json).toEqual(first)
  })

  it.each(['finance', 'ffffffffffffffffffffffffffffffff'])('hides the space %s', async (space) => {
    const id = space === 'finance' ? sandboxSpaceIds.finance : space
    const got = await call(workspace, 'GET', `/api/2.0/genie/spaces/${id}`)
    const asked = await call(workspace, 'POST', `/api/2.0/genie/spaces/${id}/start-conversation`, { content: question })

    expect(got).toMatchObject({ status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST' } })
    expect(asked).toMatchObject({ status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST' } })
  })

  it('starts a conversation in the documented shape', async () => {
    const json = await post(question)

    expect(json).toEqual({
      conversation_id: expect.stringMatching(hex32),
      message_id: expect.stringMatching(hex32),
      conversation: {
        id: json.conversation_id,
        conversation_id: json.conversation_id,
        space_id: sandboxSpaceIds.sales,
        title: question,
        user_id: expect.any(Number),
        created_timestamp: start,
        last_updated_timestamp: start,
      },
      message: expect.objectContaining({
        message_id: json.message_id,
        conversation_id: json.conversation_id,
        space_id: sandboxSpaceIds.sales,
        content: question,
        attachments: null,
        created_timestamp: start,
      }),
    })
  })

  it('answers with one query and suggested questions', async () => {
    const message = await settled(await post(question))

    expect(message.attachments).toEqual([
      {
        attachment_id: expect.stringMatching(hex32),
        query: {
          id: expect.stringMatching(hex32),
          title: 'Revenue by region, Q4 2021',
          description: expect.stringContaining('Revenue by region, 2021-10-01 to 2021-12-31.'),
          query: expect.stringContaining('FROM sandbox.sales.orders AS o'),
          statement_id: expect.stringMatching(hex32),
          thoughts: expect.arrayContaining([expect.objectContaining({ thought_type: 'THOUGHT_TYPE_DESCRIPTION' })]),
          query_result_metadata: { row_count: 4, is_truncated: false },
        },
      },
      { attachment_id: expect.stringMatching(hex32), suggested_questions: { questions: expect.any(Array) } },
    ])
  })

  it('gives cells as text with the vendor’s types', async () => {
    const message = await settled(await post('Average order value, revenue, orders and returns by month in Q4 2021'))
    const attachment = message.attachments[0].attachment_id
    const { json } = await call(workspace, 'GET', `${messagePath(message)}/attachments/${attachment}/query-result`)
    const { manifest, result, status: state } = json.statement_response

    expect(state).toEqual({ state: 'SUCCEEDED' })
    expect(
      manifest.schema.columns.map(({ name, position, type_name, type_text }: Json) => [
        name,
        position,
        type_name,
        type_text,
      ]),
    ).toEqual([
      ['month', 0, 'DATE', 'DATE'],
      ['avg_order_value_usd', 1, 'DOUBLE', 'DOUBLE'],
      ['revenue_usd', 2, 'DECIMAL', 'DECIMAL(38,2)'],
      ['orders', 3, 'LONG', 'BIGINT'],
      ['returned_orders', 4, 'LONG', 'BIGINT'],
    ])
    expect(manifest).toMatchObject({ format: 'JSON_ARRAY', total_row_count: 3, total_chunk_count: 1, truncated: false })
    expect(result.data_array.flat().every((cell: unknown) => typeof cell === 'string')).toBe(true)
    expect(result.data_array[0][0]).toBe('2021-10-01')
  })

  it('has no data array when there are no rows', async () => {
    const message = await settled(await post('revenue by region in 2030'))
    const { json } = await call(
      workspace,
      'GET',
      `${messagePath(message)}/attachments/${message.attachments[0].attachment_id}/query-result`,
    )

    expect(message.status).toBe('COMPLETED')
    expect(json.statement_response).toMatchObject({
      status: { state: 'SUCCEEDED' },
      result: {},
      manifest: { total_row_count: 0, schema: { column_count: 2 } },
    })
  })

  it('cuts results at 5,000 rows and says so', async () => {
    const message = await settled(await post('list orders'))
    const { json } = await call(
      workspace,
      'GET',
      `${messagePath(message)}/attachments/${message.attachments[0].attachment_id}/query-result`,
    )

    expect(message.attachments[0].query.query_result_metadata).toEqual({ row_count: 5000, is_truncated: true })
    expect(json.statement_response.manifest).toMatchObject({ truncated: true, total_row_count: 5000 })
    expect(json.statement_response.result.data_array).toHaveLength(5000)
  })

  it('answers in words without a query, and has no result for them', async () => {
    const message = await settled(await post('What is the weather in Paris?'))
    const [{ attachment_id: id, text }] = message.attachments

    expect(text).toMatchObject({
      purpose: 'TEXT_ATTACHMENT_PURPOSE_ANSWER',
      content: expect.stringContaining('weather'),
    })
    expect(await call(workspace, 'GET', `${messagePath(message)}/attachments/${id}/query-result`)).toMatchObject({
      status: 400,
    })
    expect(await call(workspace, 'GET', `${messagePath(message)}/attachments/nope/query-result`)).toMatchObject({
      status: 404,
    })
  })

  it('goes through its statuses as time passes', async () => {
    await open({ genieDelayMs: 10_000 })
    const posted = await post(question)

    for (const [at, expected] of [
      [0, 'SUBMITTED'],
      [600, 'FETCHING_METADATA'],
      [1600, 'FILTERING_CONTEXT'],
      [2300, 'ASKING_AI'],
      [7100, 'PENDING_WAREHOUSE'],
      [7900, 'EXECUTING_QUERY'],
      [9999, 'EXECUTING_QUERY'],
      [10_000, 'COMPLETED'],
    ] as const) {
      await clock.advance(start + at - clock.now())
      expect((await reaches(posted, expected)).status).toBe(expected)
    }
  })

  it('shows the query while it runs, its rows only afterwards', async () => {
    await open({ genieDelayMs: 10_000 })
    const posted = await post(question)
    await clock.advance(9000)
    const running = await reaches(posted, 'EXECUTING_QUERY')
    const result = `${messagePath(posted)}/attachments/${running.attachments[0].attachment_id}/query-result`
    const during = await call(workspace, 'GET', result)
    await clock.advance(1000)
    await reaches(posted, 'COMPLETED')
    const after = await call(workspace, 'GET', result)

    expect(running.attachments).toEqual([
      {
        attachment_id: expect.any(String),
        query: expect.objectContaining({ query: expect.stringContaining('SELECT') }),
      },
    ])
    expect(during.json.statement_response).toEqual({
      statement_id: expect.stringMatching(hex32),
      status: { state: 'RUNNING' },
    })
    expect(after.json.statement_response.status.state).toBe('SUCCEEDED')
  })

  it('needs no warehouse to answer in words', async () => {
    await open({ genieDelayMs: 10_000 })
    const posted = await post('hello')
    await clock.advance(9000)

    expect(await status(posted)).toBe('ASKING_AI')
  })

  it('lets rows expire, and runs the query again when asked', async () => {
    await open({ genieDelayMs: 1000, resultTtlMs: 60_000 })
    const posted = await post(question)
    await clock.advance(1000)
    const before = await settled(posted)
    const attachment = `${messagePath(posted)}/attachments/${before.attachments[0].attachment_id}`
    const rows = (await call(workspace, 'GET', `${attachment}/query-result`)).json.statement_response
    await clock.advance(60_000)

    expect(await status(posted)).toBe('QUERY_RESULT_EXPIRED')
    expect(await call(workspace, 'GET', `${attachment}/query-result`)).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_STATE' },
    })

    const again = await call(workspace, 'POST', `${attachment}/execute-query`, {})
    expect(again.json.statement_response).toMatchObject({ status: { state: 'PENDING' } })
    expect(again.json.statement_response.statement_id).not.toBe(rows.statement_id)
    expect(await status(posted)).toBe('EXECUTING_QUERY')
    await clock.advance(1000)
    expect((await settled(posted)).status).toBe('COMPLETED')
    expect((await call(workspace, 'GET', `${attachment}/query-result`)).json.statement_response.result).toEqual(
      rows.result,
    )
  })

  it('lists messages newest first, page by page', async () => {
    const { conversationId } = await ask(workspace, question)
    await ask(workspace, 'only EMEA', { conversationId })
    await ask(workspace, 'by month instead', { conversationId })
    const path = `${spacePath()}/conversations/${conversationId}/messages`
    const first = (await call(workspace, 'GET', `${path}?page_size=2`)).json
    const second = (await call(workspace, 'GET', `${path}?page_size=2&page_token=${first.next_page_token}`)).json

    expect(first.messages.map(({ content }: Json) => content)).toEqual(['by month instead', 'only EMEA'])
    expect(second.messages.map(({ content }: Json) => content)).toEqual([question])
    expect(second.next_page_token).toBeUndefined()
    expect(await call(workspace, 'GET', `${path}?page_size=0`)).toMatchObject({ status: 400 })
  })

  it('lists conversations and deletes them', async () => {
    const first = await ask(workspace, question)
    const second = await ask(workspace, 'orders')
    const list = async () => (await call(workspace, 'GET', `${spacePath()}/conversations`)).json.conversations

    expect(await list()).toEqual([
      {
        conversation_id: second.conversationId,
        title: 'orders',
        created_timestamp: start,
        agent_type: 'GENIE_CONVERSATION_TYPE_CHAT',
      },
      expect.objectContaining({ conversation_id: first.conversationId }),
    ])
    const path = `${spacePath()}/conversations/${first.conversationId}`
    expect(await call(workspace, 'DELETE', path)).toMatchObject({ status: 200 })
    expect(await call(workspace, 'GET', `${path}/messages`)).toMatchObject({ status: 404 })
    expect((await list()).map(({ conversation_id }: Json) => conversation_id)).toEqual([second.conversationId])
  })

  it('does not show a conversation in another space', async () => {
    const { conversationId } = await ask(workspace, question)

    expect(
      await call(workspace, 'GET', `${spacePath('customers')}/conversations/${conversationId}/messages`),
    ).toMatchObject({ status: 404 })
  })

  it('keeps feedback with the message', async () => {
    const reply = await ask(workspace, question)
    const path = `${spacePath()}/conversations/${reply.conversationId}/messages/${reply.messageId}`

    expect(await call(workspace, 'POST', `${path}/feedback`, { rating: 'POSITIVE', comment: 'right' })).toMatchObject({
      status: 200,
      json: {},
    })
    expect((await call(workspace, 'GET', path)).json.feedback).toEqual({ rating: 'POSITIVE', comment: 'right' })
    expect(await call(workspace, 'POST', `${path}/feedback`, { rating: 'GREAT' })).toMatchObject({ status: 400 })
  })

  it('takes so many questions a minute, over all spaces', async () => {
    await open({ questionsPerMinute: 2 })
    const first = await ask(workspace, question)
    await clock.advance(10_000)
    await ask(workspace, 'customers', { space: 'customers' })
    await clock.advance(5000)
    const path = `${spacePath()}/conversations/${first.conversationId}/messages`
    const refused = await call(workspace, 'POST', path, { content: 'only EMEA' })

    expect(refused).toMatchObject({ status: 429, json: { error_code: 'RESOURCE_EXHAUSTED' } })
    expect(refused.headers.get('retry-after')).toBe('45')
    expect((await call(workspace, 'GET', path)).json.messages).toHaveLength(1)
    await clock.advance(45_000)
    expect(await call(workspace, 'POST', path, { content: 'only EMEA' })).toMatchObject({ status: 200 })
  })

  it.each([{}, { content: '' }, { content: '   ' }, { content: 7 }, '{"content": '])(
    'refuses the body %j',
    async (body) => {
      expect(await call(workspace, 'POST', `${spacePath()}/start-conversation`, body)).toMatchObject({
        status: 400,
        json: { error_code: expect.any(String) },
      })
    },
  )

  it('answers 404 for what the API does not have', async () => {
    expect(await call(workspace, 'GET', '/api/2.0/genie/agents')).toMatchObject({
      status: 404,
      json: { error_code: 'ENDPOINT_NOT_FOUND' },
    })
    expect(await call(workspace, 'DELETE', '/api/2.0/genie/spaces')).toMatchObject({ status: 404 })
  })

  it('records requests without their credentials', async () => {
    await call(workspace, 'POST', `${spacePath()}/start-conversation?x=1`, { content: question })

    expect(workspace.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: `${spacePath()}/start-conversation?x=1`,
      at: start,
      body: { content: question },
    })
    expect(JSON.stringify(workspace.requests)).not.toContain('sandbox-token')
  })
})
