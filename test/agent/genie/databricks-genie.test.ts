import { describe, expect, it } from 'vitest'
import { createGenie } from '../../../src/agent/genie/databricks-genie.ts'
import { GenieError, type Genie, type GenieAnswer, type GenieQuestion } from '../../../src/agent/genie/genie.ts'
import { createBearer } from '../../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../../src/lib/databricks/rest.ts'
import { describeError } from '../../../src/lib/errors.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fixture } from '../../support/fixtures.ts'
import { startTestServer, type Replies, type TestServer } from '../../support/http-server.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

const spaceId = '01f0a1b2c3d41a2b8c3d4e5f60718293'
const conversationId = '01f0b7c8d9e01b2c9d4e5f6071829304'
const messageId = '01f0b7c8da1f1c3dae5f607182930415'
const attachmentId = '01f0b7c8f20d1d4ebf60718293041526'
const question = 'What were Q4 2023 sales by region?'

const spacePath = `/api/2.0/genie/spaces/${spaceId}`
const conversationPath = `${spacePath}/conversations/${conversationId}`
const messagePath = `${conversationPath}/messages/${messageId}`
const routes = {
  start: `POST ${spacePath}/start-conversation`,
  follow: `POST ${conversationPath}/messages`,
  message: `GET ${messagePath}`,
  result: `GET ${messagePath}/attachments/${attachmentId}/query-result`,
  execute: `POST ${messagePath}/attachments/${attachmentId}/execute-query`,
  messages: `GET ${conversationPath}/messages`,
  conversations: `GET ${spacePath}/conversations`,
  space: `GET ${spacePath}`,
}
const { signal } = new AbortController()

const load = (name: string) => fixture(`databricks/${name}`)
/** When the fixtures' messages were made: our clock stands there too. */
const createdAt = 1_764_500_000_000
const message = (status: string, more: object = {}) => ({
  json: { ...load('genie-message-submitted'), status, ...more },
})
const statement = (state: string, more: object = {}) => ({
  json: { statement_response: { status: { state, ...more } } },
})

interface Scene extends AsyncDisposable {
  readonly genie: Genie
  readonly server: TestServer
  readonly clock: ManualClock
  ask(more?: Partial<GenieQuestion>): Promise<GenieAnswer>
  fail(more?: Partial<GenieQuestion>): Promise<GenieError>
}

/** A workspace where the question is answered at once, but for the replies given. */
async function workspace(replies: Partial<Record<keyof typeof routes, Replies>> = {}): Promise<Scene> {
  const all: Record<keyof typeof routes, Replies> = {
    start: { json: load('genie-start-conversation') },
    follow: message('SUBMITTED'),
    message: { json: load('genie-message-completed') },
    result: { json: load('genie-query-result') },
    execute: statement('PENDING'),
    messages: { json: { messages: [] } },
    conversations: { json: { conversations: [] } },
    space: { json: { space_id: spaceId, title: 'Sales' } },
    ...replies,
  }
  const names = Object.keys(routes) as (keyof typeof routes)[]
  const server = await startTestServer(Object.fromEntries(names.map((name) => [routes[name], all[name]])))
  const http = createHttpClient()
  const clock = createManualClock(createdAt, { autoAdvance: true })
  const credentials = createBearer(new Secret('dapi-0123456789'), 'pat')
  const rest = createDatabricksRest({ host: server.url, credentials, http, clock, random: () => 0 })
  const genie = createGenie({ rest, clock, timeoutMs: 600_000 })
  const ask = (more: Partial<GenieQuestion> = {}) => genie.ask({ spaceId, question, ...more }, signal)
  return {
    genie,
    server,
    clock,
    ask,
    async fail(more) {
      const error = await rejection(ask(more))
      expect(error).toBeInstanceOf(GenieError)
      return error as GenieError
    },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('Genie.ask', () => {
  it('starts a conversation, waits, and gives the rows with their lineage', async () => {
    const statuses: string[] = []
    await using scene = await workspace({
      message: [
        message('FETCHING_METADATA'),
        message('ASKING_AI'),
        message('ASKING_AI'),
        message('EXECUTING_QUERY'),
        { json: load('genie-message-completed') },
      ],
    })

    const answer = await scene.ask({ onStatus: (status) => statuses.push(status) })

    expect(answer).toMatchObject({
      kind: 'table',
      conversationId,
      messageId,
      text: 'EMEA sold most in Q4 2023, followed by AMER.',
      suggestions: ['How did Q4 2023 compare with Q4 2022?', 'Which products drove EMEA?'],
      table: {
        id: '',
        title: 'Q4 2023 sales by region',
        question,
        sql: expect.stringMatching(/^SELECT region/),
        truncated: false,
        totalRowCount: 4,
        source: { spaceId, conversationId, messageId, attachmentId, statementId: '01f0b7c8f1fc1e5fa071829304152637' },
      },
    })
    expect(answer.kind === 'table' && answer.table.rows[0]).toEqual([
      'EMEA',
      '5310442.50',
      '9007199254740993',
      '2023-12-31T22:41:07Z',
    ])
    expect(statuses).toEqual(['FETCHING_METADATA', 'ASKING_AI', 'EXECUTING_QUERY', 'COMPLETED'])
    expect(scene.server.to(routes.start).map((request) => request.json)).toEqual([{ content: question }])
  })

  it('asks a follow-up within its conversation', async () => {
    await using scene = await workspace()

    await scene.ask({ conversationId })

    expect(scene.server.to(routes.follow)).toHaveLength(1)
    expect(scene.server.to(routes.start)).toHaveLength(0)
  })

  it('takes ids from inside the reply where older servers have them', async () => {
    const { message: inner, conversation } = load('genie-start-conversation')
    delete inner.message_id
    delete conversation.conversation_id
    await using scene = await workspace({ start: { json: { message: inner, conversation } } })

    await expect(scene.ask()).resolves.toMatchObject({ conversationId, messageId })
  })

  it('takes a status it does not know, or none, as still running', async () => {
    await using scene = await workspace({
      message: [
        message('IN_PROGRESS'),
        { json: { message_id: messageId } },
        message('REFLECTING'),
        { json: load('genie-message-completed') },
      ],
    })

    await expect(scene.ask()).resolves.toMatchObject({ kind: 'table' })
    expect(scene.server.to(routes.message)).toHaveLength(4)
  })

  it('gives zero rows as an answer', async () => {
    await using scene = await workspace({ result: { json: load('genie-query-result-empty') } })

    await expect(scene.ask()).resolves.toMatchObject({
      kind: 'table',
      table: { rows: [], totalRowCount: 0, truncated: false },
    })
  })

  it('marks rows that Genie cut, even where only the message says so', async () => {
    const completed = load('genie-message-completed')
    completed.attachments[0].query.query_result_metadata = { is_truncated: true, row_count: 5000 }
    await using scene = await workspace({ message: { json: completed } })

    await expect(scene.ask()).resolves.toMatchObject({ table: { truncated: true } })
  })

  it('waits for rows that are not there when the message is', async () => {
    await using scene = await workspace({
      result: [
        statement('PENDING'),
        statement('RUNNING'),
        statement('BRAND_NEW'),
        { json: load('genie-query-result') },
      ],
    })

    await expect(scene.ask()).resolves.toMatchObject({ table: { totalRowCount: 4 } })
  })

  it('uses the last of several queries and asks for its rows only', async () => {
    await using scene = await workspace({ message: { json: load('genie-message-self-corrected') } })

    await expect(scene.ask()).resolves.toMatchObject({ kind: 'table', table: { title: 'Q4 2023 sales by region' } })
    expect(scene.server.requests.filter((request) => request.path.endsWith('/query-result'))).toHaveLength(1)
  })

  it('gives a question back as text', async () => {
    await using scene = await workspace({ message: { json: load('genie-message-clarification') } })

    await expect(scene.ask()).resolves.toEqual({
      kind: 'text',
      asksBack: true,
      text: 'Do you mean gross or net sales?',
      conversationId,
      messageId,
      suggestions: [],
    })
  })

  it.each([
    ['null attachments', { attachments: null }],
    ['suggestions only', { attachments: [{ suggested_questions: { questions: ['Why?'] } }] }],
  ])('fails on a completed message with %s', async (_what, more) => {
    await using scene = await workspace({ message: message('COMPLETED', more) })

    await expect(scene.fail()).resolves.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('without an answer'),
    })
  })
})

describe('rows that are gone', () => {
  it('runs the query again when the message says they expired', async () => {
    await using scene = await workspace({
      message: { json: load('genie-message-expired') },
      result: [statement('RUNNING'), { json: load('genie-query-result') }],
    })

    await expect(scene.ask()).resolves.toMatchObject({ table: { totalRowCount: 4 } })
    expect(scene.server.to(routes.execute)).toHaveLength(1)
  })

  it('takes rows that the second run gives at once', async () => {
    await using scene = await workspace({
      message: { json: load('genie-message-expired') },
      execute: { json: load('genie-query-result') },
    })

    await scene.ask()

    expect(scene.server.to(routes.result)).toHaveLength(0)
  })

  it('runs the query again when the statement is closed, once', async () => {
    await using healed = await workspace({ result: [statement('CLOSED'), { json: load('genie-query-result') }] })
    await using hopeless = await workspace({ result: statement('CLOSED') })

    await expect(healed.ask()).resolves.toMatchObject({ kind: 'table' })
    await expect(hopeless.fail()).resolves.toMatchObject({ code: 'failed' })
    expect(hopeless.server.to(routes.execute)).toHaveLength(1)
  })

  it('looks at the result when the reply to the second run is lost, instead of running it a third time', async () => {
    await using scene = await workspace({
      message: { json: load('genie-message-expired') },
      execute: { destroy: 'before' },
    })

    await expect(scene.ask()).resolves.toMatchObject({ kind: 'table' })
    expect(scene.server.to(routes.execute)).toHaveLength(1)
  })
})

describe('a question whose reply is lost', () => {
  const lost = { destroy: 'before' } as const
  const listed = (more: object = {}) => ({ ...load('genie-message-submitted'), ...more })

  it('is found in its conversation and not asked again', async () => {
    await using scene = await workspace({
      follow: lost,
      messages: [
        { json: { messages: [listed({ message_id: 'other', content: 'Another question' })], next_page_token: 'p2' } },
        { json: { messages: [listed()] } },
      ],
    })

    await expect(scene.ask({ conversationId })).resolves.toMatchObject({ messageId, kind: 'table' })
    expect(scene.server.to(routes.follow)).toHaveLength(1)
    expect(scene.server.to(routes.messages)[1]?.query).toMatchObject({ page_token: 'p2' })
  })

  it('is found among the newest conversations when it was the first', async () => {
    const old = { conversation_id: 'old', created_timestamp: createdAt - 3_600_000 }
    const fresh = { conversation_id: conversationId, created_timestamp: createdAt + 10 }
    await using scene = await workspace({
      start: lost,
      conversations: [{ json: { conversations: [old] } }, { json: { conversations: [old, fresh] } }],
      messages: { json: { messages: [listed()] } },
    })

    await expect(scene.ask()).resolves.toMatchObject({ conversationId, messageId })
    expect(scene.server.to(routes.start)).toHaveLength(1)
    expect(scene.server.requests.some((request) => request.path.includes('/old/'))).toBe(false)
  })

  it('is waited for while it is not visible yet', async () => {
    await using scene = await workspace({
      follow: lost,
      messages: [{ json: {} }, { json: { messages: null } }, { json: { messages: [listed()] } }],
    })

    await expect(scene.ask({ conversationId })).resolves.toMatchObject({ messageId })
    expect(scene.server.to(routes.follow)).toHaveLength(1)
  })

  it('is asked again only when it is nowhere', async () => {
    await using scene = await workspace({ follow: [lost, message('SUBMITTED')] })

    await expect(scene.ask({ conversationId })).resolves.toMatchObject({ messageId })
    expect(scene.server.to(routes.messages)).toHaveLength(3)
    expect(scene.server.to(routes.follow)).toHaveLength(2)
  })

  it('is not taken for an equal question from before', async () => {
    await using scene = await workspace({
      follow: [lost, message('SUBMITTED', { message_id: messageId })],
      messages: { json: { messages: [listed({ message_id: 'earlier', created_timestamp: createdAt - 300_000 })] } },
    })

    await expect(scene.ask({ conversationId })).resolves.toMatchObject({ messageId })
    expect(scene.server.to(routes.follow)).toHaveLength(2)
  })

  it('is not taken for an equal question of another thread', async () => {
    await using scene = await workspace({
      start: [{ json: load('genie-start-conversation') }, lost],
      conversations: { json: { conversations: [{ conversation_id: conversationId, created_timestamp: createdAt }] } },
      messages: { json: { messages: [listed()] } },
    })
    await scene.ask()

    await expect(scene.fail()).resolves.toMatchObject({ code: 'unavailable' })
  })

  it.each([
    ['an internal error', { status: 500, json: { error_code: 'INTERNAL_ERROR', message: '' } }],
    ['a gateway timeout', { status: 504, json: {} }],
    ['half a reply', { destroy: 'halfway', json: { conversation_id: 'x', message_id: 'y' } }],
    ['a reply without ids', { json: { conversation_id: conversationId } }],
  ] as const)('is looked for after %s too', async (_what, reply) => {
    await using scene = await workspace({ follow: reply, messages: { json: { messages: [listed()] } } })

    await expect(scene.ask({ conversationId })).resolves.toMatchObject({ messageId })
    expect(scene.server.to(routes.follow)).toHaveLength(1)
  })

  it('is given up, and not asked again, when nobody can tell', async () => {
    await using scene = await workspace({ follow: lost, messages: { status: 403, json: { message: 'no' } } })

    const error = await scene.fail({ conversationId })

    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Cannot tell whether') })
    expect(scene.server.to(routes.follow)).toHaveLength(1)
  })

  it('is given up after it was lost twice', async () => {
    await using scene = await workspace({ follow: lost })

    await expect(scene.fail({ conversationId })).resolves.toMatchObject({ code: 'unavailable' })
    expect(scene.server.to(routes.follow)).toHaveLength(2)
  })
})

describe('failures of Genie', () => {
  it('says who to ask when the caller may not read the data, and keeps the suggestions', async () => {
    await using scene = await workspace({ message: { json: load('genie-message-failed') } })

    const error = await scene.fail()

    expect(error).toMatchObject({
      code: 'no-access',
      vendorType: 'SQL_EXECUTION_EXCEPTION',
      suggestions: ['Which tables can you see?'],
      userMessage: expect.stringContaining('owner of the data'),
    })
    expect(error.message).toContain('[INSUFFICIENT_PERMISSIONS]')
    expect(error.userMessage).not.toContain('main.sales')
  })

  it.each([
    ['RATE_LIMIT_EXCEEDED_SPECIFIED_WAIT_EXCEPTION', 'rate-limited', /try again in a minute/],
    ['RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION', 'rate-limited', /try again in a minute/],
    ['BUDGET_EXCEEDED_EXCEPTION', 'failed', /budget/],
    ['WAREHOUSE_ACCESS_MISSING_EXCEPTION', 'no-access', /warehouse/],
    ['WAREHOUSE_NOT_FOUND_EXCEPTION', 'no-access', /warehouse/],
    ['DASHBOARD_PERMISSION_DENIED_EXCEPTION', 'no-access', /access/],
    ['MESSAGE_CANCELLED_WHILE_EXECUTING_EXCEPTION', 'cancelled', /stopped/],
    ['STOP_PROCESS_DUE_TO_AUTO_REGENERATE', 'cancelled', /stopped/],
    ['BLOCK_MULTIPLE_EXECUTIONS_EXCEPTION', 'unavailable', /still working/],
    ['CONTENT_FILTER_EXCEPTION', 'failed', /declines/],
    ['CONTEXT_EXCEEDED_EXCEPTION', 'failed', /too long/],
    ['GENERATED_SQL_QUERY_TOO_LONG_EXCEPTION', 'failed', /too long/],
    ['CHAT_COMPLETION_CLIENT_TIMEOUT_EXCEPTION', 'timeout', /too long over/],
    ['DESCRIBE_QUERY_TIMEOUT', 'timeout', /too long over/],
    ['REPLY_PROCESS_TIMEOUT_EXCEPTION', 'timeout', /too long over/],
    ['NO_TABLES_TO_QUERY_EXCEPTION', 'failed', /not set up/],
    ['TABLES_MISSING_EXCEPTION', 'failed', /not set up/],
    ['INVALID_SQL_UNKNOWN_TABLE_EXCEPTION', 'failed', /could not be run/],
    ['SQL_EXECUTION_EXCEPTION', 'failed', /could not be run/],
    ['GENERIC_CHAT_COMPLETION_SERVICE_EXCEPTION', 'unavailable', /problem on its side/],
    ['RETRYABLE_PROCESSING_EXCEPTION', 'unavailable', /problem on its side/],
    ['UNSUPPORTED_CONVERSATION_TYPE_EXCEPTION', 'not-found', /new thread/],
    ['SOMETHING_NEW_EXCEPTION', 'failed', /other words/],
  ])('reads %s as %s', async (type, code, userMessage) => {
    await using scene = await workspace({
      message: message('FAILED', { error: { type, error: 'internal detail 4711' } }),
    })

    const error = await scene.fail()

    expect(error).toMatchObject({ code, vendorType: type, userMessage: expect.stringMatching(userMessage) })
    expect(error.userMessage).not.toContain('4711')
  })

  it('fails without a reason when Genie gives none', async () => {
    await using scene = await workspace({ message: message('FAILED', { error: null }) })

    const error = await scene.fail()

    expect(error).toMatchObject({ code: 'failed', message: 'Genie message ended as FAILED: no reason given' })
    expect(error.vendorType).toBeUndefined()
  })

  it('reads CANCELLED, with two L, as its end', async () => {
    await using scene = await workspace({ message: message('CANCELLED') })

    await expect(scene.fail()).resolves.toMatchObject({ code: 'cancelled' })
  })

  it.each([
    ['FAILED', { error: { error_code: 'BAD_REQUEST', message: '[INSUFFICIENT_PERMISSIONS] no' } }, 'no-access'],
    ['FAILED', { error: { error_code: 'BAD_REQUEST', message: '[DIVIDE_BY_ZERO] x' } }, 'failed'],
    ['FAILED', { error: { error_code: 'DEADLINE_EXCEEDED', message: '' } }, 'timeout'],
    ['CANCELED', {}, 'cancelled'],
  ])('reads a statement that ended as %s %j as %s', async (state, more, code) => {
    await using scene = await workspace({ result: statement(state, more) })

    await expect(scene.fail()).resolves.toMatchObject({ code })
  })

  it.each([
    [403, { error_code: 'PERMISSION_DENIED', message: 'no' }, 'no-access'],
    [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no' }, 'not-found'],
    [404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'No API found' }, 'not-found'],
    [401, {}, 'no-access'],
    [400, { error_code: 'BAD_REQUEST', message: 'too long' }, 'failed'],
    [503, {}, 'unavailable'],
  ])('turns a refused question (%i %j) into %s', async (status, json, code) => {
    await using scene = await workspace({ start: { status, json } })

    const error = await scene.fail()

    expect(error).toMatchObject({ code })
    expect(error.cause).toMatchObject({ name: 'DatabricksError', status })
    expect(describeError(error)).not.toContain('dapi-')
  })

  it('waits as a 429 asks, when that is within a minute, and says so', async () => {
    const waits: [string, number | undefined][] = []
    await using scene = await workspace({
      start: [{ status: 429, headers: { 'retry-after': '12' }, json: {} }, { json: load('genie-start-conversation') }],
    })

    const asked = scene.ask({ onStatus: (status, waitMs) => waits.push([status, waitMs]) })

    await expect(asked).resolves.toMatchObject({ kind: 'table' })
    expect(scene.clock.sleeps[0]).toBe(12_000)
    expect(waits[0]).toEqual(['WAITING_FOR_RATE_LIMIT', 12_000])
  })

  it('names the wait when a 429 asks for a long one', async () => {
    await using scene = await workspace({ start: { status: 429, headers: { 'retry-after': '300' }, json: {} } })

    await expect(scene.fail()).resolves.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 300_000,
      userMessage: expect.stringContaining('in 5 minutes'),
    })
  })

  it.each([
    ['a message', { message: { json: { status: { deep: true } } } }],
    ['a result', { result: { json: { statement_response: { status: 'SUCCEEDED' } } } }],
    [
      'rows',
      { result: { json: { statement_response: { status: { state: 'SUCCEEDED' }, result: { data_array: [['x']] } } } } },
    ],
  ] as const)('says so when it cannot read %s', async (_what, replies) => {
    await using scene = await workspace(replies)

    await expect(scene.fail()).resolves.toMatchObject({
      code: 'failed',
      userMessage: expect.stringContaining('cannot read'),
    })
  })
})

describe('time', () => {
  it('ends at its own deadline, which the message to the person names', async () => {
    await using scene = await workspace({ message: message('ASKING_AI') })

    const error = await scene.fail()

    expect(error).toMatchObject({ code: 'timeout', userMessage: expect.stringContaining('within 10 minutes') })
    expect(error.message).toContain('last status ASKING_AI')
    expect(scene.clock.now()).toBeLessThanOrEqual(createdAt + 600_000)
  })

  it("ends with the caller's reason on abort, while asking and while waiting", async () => {
    const asking = new AbortController()
    const waiting = new AbortController()
    await using slow = await workspace({
      start: () => {
        asking.abort(new Error('stopped while asking'))
        return { after: new Promise(() => {}) }
      },
    })
    await using running = await workspace({
      message: (_request, nth) => {
        if (nth === 3) waiting.abort(new Error('stopped while waiting'))
        return message('ASKING_AI')
      },
    })

    await expect(slow.genie.ask({ spaceId, question }, asking.signal)).rejects.toThrow('stopped while asking')
    await expect(running.genie.ask({ spaceId, question }, waiting.signal)).rejects.toThrow('stopped while waiting')
    expect(slow.server.to(routes.conversations)).toHaveLength(0)
  })

  it('keeps waiting while looking fails for a while', async () => {
    await using scene = await workspace({
      message: [
        message('ASKING_AI'),
        ...Array.from({ length: 8 }, () => ({ status: 503, json: {} })),
        { json: load('genie-message-completed') },
      ],
    })

    await expect(scene.ask()).resolves.toMatchObject({ kind: 'table' })
  })
})

describe('Genie.getSpace', () => {
  it('gives the title', async () => {
    await using scene = await workspace()

    await expect(scene.genie.getSpace(spaceId, signal)).resolves.toEqual({ spaceId, title: 'Sales' })
  })

  it.each([403, 404])('says not-found for %i, since both look alike to the person', async (status) => {
    await using scene = await workspace({ space: { status, json: { message: 'no' } } })

    await expect(rejection(scene.genie.getSpace(spaceId, signal))).resolves.toMatchObject({
      name: 'GenieError',
      code: 'not-found',
    })
  })

  it('says no-access for a refused sign-in', async () => {
    await using scene = await workspace({ space: { status: 302, headers: { location: '/login.html' } } })

    await expect(rejection(scene.genie.getSpace(spaceId, signal))).resolves.toMatchObject({ code: 'no-access' })
  })
})
