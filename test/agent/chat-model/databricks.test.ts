import { describe, expect, it } from 'vitest'
import type { ChatModel, ChatRequest } from '../../../src/agent/chat-model/chat-model.ts'
import { createChatModel } from '../../../src/agent/chat-model/databricks.ts'
import { createBearer } from '../../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../../src/lib/databricks/rest.ts'
import { describeError } from '../../../src/lib/errors.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fixture } from '../../support/fixtures.ts'
import { startTestServer, type RecordedRequest, type Replies, type TestServer } from '../../support/http-server.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

const { signal } = new AbortController()
const completion = { json: fixture('databricks/chat-completion') }
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }] }
const answerSchema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}
const structured: ChatRequest = { ...hello, responseSchema: { name: 'answer', schema: answerSchema } }
const tools = [{ name: 'query_genie', description: 'Asks for data', parameters: { type: 'object', properties: {} } }]

interface Scene extends AsyncDisposable {
  readonly model: ChatModel
  readonly server: TestServer
  readonly clock: ManualClock
  /** Bodies sent so far. */
  bodies(): readonly Record<string, unknown>[]
}

const places = { workspace: 'POST /serving-endpoints/my%20model/invocations', server: 'POST /v1/chat/completions' }

async function scene(
  replies: Replies,
  options: { readonly at?: keyof typeof places; readonly apiKey?: string; readonly timeoutMs?: number } = {},
): Promise<Scene> {
  const at = options.at ?? 'workspace'
  const server = await startTestServer({ [places[at]]: replies })
  const http = createHttpClient()
  const clock = createManualClock(0, { autoAdvance: true })
  const credentials = createBearer(new Secret('dapi-0123456789'), 'pat')
  const defaults = {
    name: 'my model',
    maxTokens: 1000,
    temperature: 0.2,
    timeoutMs: options.timeoutMs ?? 60_000,
    clock,
  }
  const model =
    at === 'workspace'
      ? createChatModel({
          ...defaults,
          rest: createDatabricksRest({ host: server.url, credentials, http, clock, random: () => 0 }),
        })
      : createChatModel({
          ...defaults,
          http,
          baseUrl: `${server.url}/v1/`,
          apiKey: options.apiKey === undefined ? undefined : new Secret(options.apiKey),
        })
  return {
    model,
    server,
    clock,
    bodies: () => server.requests.map((request) => request.json as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('ChatModel.complete', () => {
  it('asks a serving endpoint by its own path, which names the model', async () => {
    await using chat = await scene(completion)

    await expect(chat.model.complete(hello, signal)).resolves.toEqual({
      text: 'EMEA leads.',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 412, outputTokens: 9 },
      model: 'claude-sonnet-4-6-20260301',
    })
    expect(chat.bodies()).toEqual([
      { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 1000, temperature: 0.2 },
    ])
    expect(chat.server.requests[0]?.headers['authorization']).toBe('Bearer dapi-0123456789')
  })

  it.each([
    ['with its key', 'sk-0123456789', 'Bearer sk-0123456789'],
    ['without a key', undefined, undefined],
  ])('asks any other server %s and names the model in the body', async (_what, apiKey, authorization) => {
    await using chat = await scene(completion, { at: 'server', ...(apiKey === undefined ? {} : { apiKey }) })

    await chat.model.complete({ ...hello, maxTokens: 50, temperature: 0 }, signal)

    expect(chat.bodies()).toEqual([{ model: 'my model', messages: hello.messages, max_tokens: 50, temperature: 0 }])
    expect(chat.server.requests[0]?.headers['authorization']).toBe(authorization)
  })

  it('writes tools, tool calls and results, and one system message in front', async () => {
    await using chat = await scene(completion)

    await chat.model.complete(
      {
        tools,
        toolChoice: 'required',
        messages: [
          { role: 'user', content: 'Sales?' },
          { role: 'system', content: 'Be brief.' },
          {
            role: 'assistant',
            content: '',
            toolCalls: [{ id: 't1', name: 'query_genie', arguments: '{"query":"Sales"}' }],
          },
          { role: 'tool', toolCallId: 't1', content: '4 rows' },
          { role: 'system', content: 'Use facts.' },
        ],
      },
      signal,
    )

    expect(chat.bodies()[0]).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.\n\nUse facts.' },
        { role: 'user', content: 'Sales?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 't1', type: 'function', function: { name: 'query_genie', arguments: '{"query":"Sales"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 't1', content: '4 rows' },
      ],
      tools: [{ type: 'function', function: tools[0] }],
      tool_choice: 'required',
    })
  })

  it('reads tool calls beside content that is null', async () => {
    await using chat = await scene({ json: fixture('databricks/chat-completion-tools') })

    await expect(chat.model.complete({ ...hello, tools }, signal)).resolves.toMatchObject({
      text: '',
      finishReason: 'tool-calls',
      toolCalls: [{ id: 'toolu_01A', name: 'query_genie', arguments: '{"query":"Sales by region"}' }],
    })
    expect(chat.bodies()[0]?.['tool_choice']).toBe('auto')
  })

  it('joins the text parts of content that is a list and leaves out reasoning', async () => {
    await using chat = await scene({ json: fixture('databricks/chat-completion-parts') })

    await expect(chat.model.complete(hello, signal)).resolves.toMatchObject({ text: 'EMEA leads.' })
  })

  it.each([
    ['stop', {}, 'stop'],
    ['end_turn', {}, 'stop'],
    ['length', {}, 'length'],
    ['content_filter', {}, 'content-filter'],
    ['stop', { refusal: 'I will not.' }, 'content-filter'],
    ['stop', { tool_calls: [{ function: { name: 'query_genie', arguments: { query: 'x' } } }] }, 'tool-calls'],
    ['mystery', {}, 'other'],
    [null, {}, 'other'],
  ])('reads finish reason %j with %j as %s', async (finish_reason, more, expected) => {
    await using chat = await scene({ json: { choices: [{ finish_reason, message: { role: 'assistant', ...more } }] } })

    await expect(chat.model.complete(hello, signal)).resolves.toMatchObject({
      finishReason: expected,
      text: '',
      usage: { inputTokens: 0, outputTokens: 0 },
      model: 'my model',
    })
  })

  it('gives tool calls an id and JSON text where the server has none', async () => {
    const message = {
      tool_calls: [{ function: { name: 'query_genie', arguments: { query: 'x' } } }, { function: { name: 'list' } }],
    }
    await using chat = await scene({ json: { choices: [{ message }] } })

    const { toolCalls } = await chat.model.complete({ ...hello, tools }, signal)

    expect(toolCalls).toEqual([
      { id: 'call_1', name: 'query_genie', arguments: '{"query":"x"}' },
      { id: 'call_2', name: 'list', arguments: '{}' },
    ])
  })
})

describe('structured answers', () => {
  const format = {
    type: 'json_schema',
    json_schema: { name: 'answer', schema: answerSchema, strict: true },
  }

  it('are asked for with response_format', async () => {
    await using chat = await scene(completion)

    await chat.model.complete(structured, signal)

    expect(chat.bodies()[0]?.['response_format']).toEqual(format)
  })

  it('are asked for in words beside tools, which Claude takes with no format', async () => {
    await using chat = await scene(completion)

    await chat.model.complete({ ...structured, tools }, signal)

    expect(chat.bodies()[0]).not.toHaveProperty('response_format')
    expect(JSON.stringify(chat.bodies()[0]?.['messages'])).toContain('fits this JSON schema')
  })

  it.each([
    ['in clear words', { error: { message: 'response_format json_schema is not supported by this model' } }],
    ['in other words', { message: 'Bad request' }],
    ['without words', {}],
  ])('are asked for in words from then on when a server refuses the format %s', async (_how, json) => {
    const refuseFormat = (request: RecordedRequest) =>
      (request.json as object) && 'response_format' in (request.json as object) ? { status: 400, json } : completion
    await using chat = await scene(refuseFormat, { at: 'server' })

    await chat.model.complete(structured, signal)
    await chat.model.complete(structured, signal)

    expect(chat.bodies().map((body) => 'response_format' in body)).toEqual([true, false, false])
    expect(chat.bodies()[1]?.['messages']).toEqual([
      { role: 'system', content: expect.stringContaining(JSON.stringify(answerSchema)) },
      { role: 'user', content: 'Hello' },
    ])
  })

  it('are asked for with the format again when the refusal was about something else', async () => {
    await using chat = await scene([
      { status: 400, json: { message: 'prompt is too long' } },
      { status: 400, json: { message: 'prompt is too long' } },
      completion,
    ])

    await expect(rejection(chat.model.complete(structured, signal))).resolves.toMatchObject({ code: 'bad-answer' })
    await chat.model.complete(structured, signal)

    expect(chat.bodies().map((body) => 'response_format' in body)).toEqual([true, false, true])
  })
})

describe('servers of other habits', () => {
  it('get the token limit and the temperature as they want them, learned once', async () => {
    const picky = (request: RecordedRequest) => {
      const body = request.json as Record<string, unknown>
      if ('max_tokens' in body) {
        return {
          status: 400,
          json: { error: { message: "Unsupported parameter: use 'max_completion_tokens' instead." } },
        }
      }
      if ('temperature' in body) {
        return { status: 400, json: { error: { message: "'temperature' does not support 0.2 with this model." } } }
      }
      return completion
    }
    await using chat = await scene(picky, { at: 'server' })

    await chat.model.complete(hello, signal)
    await chat.model.complete(hello, signal)

    expect(chat.bodies()).toHaveLength(4)
    expect(chat.bodies()[3]).toEqual({ model: 'my model', messages: hello.messages, max_completion_tokens: 1000 })
  })

  it('are not asked again for a plain bad request', async () => {
    await using chat = await scene({ status: 400, json: { message: 'prompt is too long' } })

    await expect(rejection(chat.model.complete(hello, signal))).resolves.toMatchObject({ code: 'bad-answer' })
    expect(chat.bodies()).toHaveLength(1)
  })

  it.each(['not an address', 'ftp://x/v1', 'http://user:secret-word@127.0.0.1/v1'])(
    'refuses %j as their address',
    async (baseUrl) => {
      await using http = createHttpClient()
      const create = () =>
        createChatModel({
          name: 'm',
          baseUrl,
          http,
          maxTokens: 1,
          temperature: 0,
          timeoutMs: 1,
          clock: createManualClock(),
        })

      expect(create).toThrow(/expected http\(s\)/)
      expect(create).not.toThrow(/secret-word/)
    },
  )
})

describe('failures', () => {
  it.each([
    ['a model limit', { status: 429, json: fixture('databricks/error-rate-limit-model') }, 15_000],
    ['a workspace limit', { status: 429, json: fixture('databricks/error-rate-limit-workspace') }, 7500],
    ['a header', { status: 429, headers: { 'retry-after': '3' }, text: 'slow down' }, 3000],
    ['a gateway limit without hint', { status: 429, json: { error_code: 'RATE_LIMIT_EXCEEDED' } }, 1000],
  ])('waits as %s asks and tries again', async (_what, reply, waitMs) => {
    await using chat = await scene([reply, completion])

    await expect(chat.model.complete(hello, signal)).resolves.toMatchObject({ text: 'EMEA leads.' })
    expect(chat.clock.sleeps).toEqual([waitMs])
  })

  it('does not wait past its own deadline', async () => {
    await using chat = await scene(
      { status: 429, json: fixture('databricks/error-rate-limit-model') },
      { timeoutMs: 10_000 },
    )

    await expect(rejection(chat.model.complete(hello, signal))).resolves.toMatchObject({
      code: 'rate-limited',
      userMessage: 'The language model has too much to do right now. Please try again in 15 seconds.',
    })
    expect(chat.clock.sleeps).toEqual([])
  })

  it.each([
    [401, 'no-access'],
    [403, 'no-access'],
    [404, 'no-access'],
    [400, 'bad-answer'],
    [413, 'bad-answer'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
  ])('turns status %i into %s', async (status, code) => {
    await using chat = await scene(
      { status, json: { message: 'internal detail 4711, key sk-0123456789' } },
      { at: 'server', apiKey: 'sk-0123456789' },
    )

    const error = await rejection(chat.model.complete(hello, signal))

    expect(error).toMatchObject({ name: 'ChatModelError', code, cause: { name: 'DatabricksError', status } })
    expect((error as { userMessage: string }).userMessage).not.toContain('4711')
    expect(describeError(error)).not.toContain('sk-')
  })

  it.each([
    ['no choices', { choices: [] }],
    ['another form', { choices: [{ message: { content: 7 } }] }],
    ['an error inside a 200', { error: { message: 'overloaded' } }],
  ])('says bad-answer for %s', async (_what, json) => {
    await using chat = await scene({ json })

    await expect(rejection(chat.model.complete(hello, signal))).resolves.toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('choices'),
    })
  })

  it('does not repeat a call whose answer was lost: it may have been paid for', async () => {
    await using chat = await scene({ destroy: 'before' })

    await expect(rejection(chat.model.complete(hello, signal))).resolves.toMatchObject({ code: 'unavailable' })
    expect(chat.server.requests).toHaveLength(1)
  })

  it('ends at its deadline', async () => {
    const held = Promise.withResolvers<void>()
    await using chat = await scene({ ...completion, after: held.promise }, { timeoutMs: 30 })

    const error = await rejection(chat.model.complete(hello, signal))
    held.resolve()

    expect(error).toMatchObject({ code: 'timeout' })
  })

  it("ends with the caller's reason on abort", async () => {
    const controller = new AbortController()
    await using chat = await scene(() => {
      controller.abort(new Error('stopped'))
      return { after: new Promise(() => {}) }
    })

    await expect(chat.model.complete(hello, controller.signal)).rejects.toThrow('stopped')
  })
})
