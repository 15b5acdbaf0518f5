import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatBrainReply, ChatBrainRequest } from '../../../sandbox/databricks/chat-brain.ts'
import type { Workspace } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { call, type Json } from './genie-caller.ts'

let workspace: Workspace
let heard: ChatBrainRequest[]
let reply: () => ChatBrainReply

beforeAll(async () => {
  workspace = await createWorkspace({
    today: '2021-03-01',
    brain: async (request) => {
      heard.push(request)
      return reply()
    },
  })
})
afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})
beforeEach(() => {
  heard = []
  reply = () => ({ content: 'EMEA leads.' })
})

const messages = [{ role: 'user', content: 'Who leads?' }]
const native = '/serving-endpoints/databricks-claude-sonnet-4-6/invocations'

const complete = (body: object, path = native) => call(workspace, 'POST', path, { messages, ...body })

const tool = (parameters: object, name = 'query_genie') => ({
  type: 'function',
  function: { name, description: 'Asks', parameters },
})
const keys = (count: number) => ({
  type: 'object',
  properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, { type: 'string' }])),
})
const format = (schema: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
})

describe('chat completions of the sandbox workspace', () => {
  it('answers in the documented shape and says which model it was', async () => {
    const { status, json, headers } = await complete({ max_tokens: 100, temperature: 0 })

    expect(status).toBe(200)
    expect(headers.get('served-model-name')).toBe('sandbox-analyst')
    expect(json).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'sandbox-analyst',
      served_model_name: 'sandbox-analyst',
      choices: [{ index: 0, message: { role: 'assistant', content: 'EMEA leads.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: 3, total_tokens: expect.any(Number) },
    })
    expect(json.usage.total_tokens).toBe(json.usage.prompt_tokens + json.usage.completion_tokens)
    expect(heard).toMatchObject([{ model: 'databricks-claude-sonnet-4-6', messages }])
  })

  it.each([
    ['/serving-endpoints/chat/completions', 'databricks-gpt-oss-120b'],
    ['/v1/chat/completions', 'any-model'],
  ])('takes the model from the body at %s', async (path, model) => {
    expect((await complete({ model }, path)).json.choices[0].message.content).toBe('EMEA leads.')
    expect(heard[0]?.model).toBe(model)
    expect(await complete({}, path)).toMatchObject({
      status: 400,
      json: { error_code: 'BAD_REQUEST', message: expect.stringContaining('model') },
    })
  })

  it('does not know other endpoints', async () => {
    expect(await complete({}, '/serving-endpoints/my-model/invocations')).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    })
    expect(await complete({}, '/serving-endpoints/sandbox-analyst/invocations')).toMatchObject({ status: 200 })
  })

  it('passes on tools and calls, and hears their results', async () => {
    const call1 = {
      id: 'call_1',
      type: 'function' as const,
      function: { name: 'query_genie', arguments: '{"query":"x"}' },
    }
    reply = () => ({ content: null, tool_calls: [call1] })
    const first = (
      await complete({
        tools: [tool({ type: 'object', properties: { query: { type: 'string' } } })],
        tool_choice: 'auto',
      })
    ).json
    reply = () => ({ content: 'Done.' })
    const history = [
      { role: 'system', content: 'You are an analyst.' },
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call1] },
      { role: 'tool', tool_call_id: 'call_1', content: '[]' },
    ]
    await complete({ messages: history })

    expect(first.choices[0]).toEqual({
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [call1] },
      finish_reason: 'tool_calls',
    })
    expect(heard[0]?.tools?.[0]?.function.name).toBe('query_genie')
    expect(heard[1]?.messages.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'You are an analyst.'],
      ['user', 'Who leads?'],
      ['assistant', ''],
      ['tool', '[]'],
    ])
  })

  it('joins content that comes in parts, and can answer in parts', async () => {
    workspace.faults.add({ on: 'chat.completion', fault: { kind: 'content-parts' } })
    const { json } = await complete({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Who ' },
            { type: 'text', text: 'leads?' },
          ],
        },
      ],
    })

    expect(heard[0]?.messages[0]?.content).toBe('Who leads?')
    expect(json.choices[0].message.content.map(({ type }: Json) => type)).toEqual(['reasoning', 'text'])
    expect(json.choices[0].message.content[1].text).toBe('EMEA leads.')
  })

  it('ends where the tokens end', async () => {
    reply = () => ({ content: 'x'.repeat(1000) })
    const { json } = await complete({ max_tokens: 10 })

    expect(json.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'x'.repeat(40) } })
    expect(json.usage.completion_tokens).toBe(10)
  })

  it('passes the response schema on', async () => {
    await complete(format(keys(64)))

    expect(heard[0]?.response_format).toMatchObject({ type: 'json_schema', json_schema: { name: 'answer' } })
  })

  it.each<[string, object]>([
    ['no messages', { messages: [] }],
    ['an unknown role', { messages: [{ role: 'boss', content: 'x' }] }],
    ['an empty question', { messages: [{ role: 'user', content: '' }] }],
    ['a late system message', { messages: [...messages, { role: 'system', content: 'x' }] }],
    [
      'a tool result without its call',
      { messages: [...messages, { role: 'tool', tool_call_id: 'call_9', content: 'x' }] },
    ],
    ['too hot a temperature', { temperature: 2.5 }],
    ['no tokens', { max_tokens: 0 }],
    ['a stream', { stream: true }],
    ['33 tools', { tools: Array.from({ length: 33 }, (_, index) => tool(keys(1), `t${index}`)) }],
    ['a tool with 17 keys', { tools: [tool(keys(17))] }],
    [
      'a tool with a pattern',
      { tools: [tool({ type: 'object', properties: { a: { type: 'string', pattern: '^x' } } })] },
    ],
    ['a schema with 65 keys', format(keys(65))],
    ['a schema with $ref', format({ type: 'object', properties: { a: { $ref: '#/x' } } })],
    ...['anyOf', 'oneOf', 'allOf', 'prefixItems'].map((word): [string, object] => [
      `a schema with ${word}`,
      format({ type: 'object', properties: { a: { type: 'array', items: { [word]: [{ type: 'string' }] } } } }),
    ]),
    ['a list of types', format({ type: 'object', properties: { a: { type: ['string', 'number'] } } })],
    ['a schema together with tools', { ...format(keys(1)), tools: [tool(keys(1))] }],
  ])('refuses %s', async (_what, body) => {
    const { status, json } = await complete(body)

    expect(status).toBe(400)
    expect(json).toMatchObject({ error_code: 'BAD_REQUEST', message: expect.any(String) })
    expect(heard).toEqual([])
  })

  it('allows what only looks like an unsupported keyword', async () => {
    const schema = {
      type: 'object',
      properties: { pattern: { type: ['string', 'null'] }, kind: { type: 'string', enum: ['$ref', 'anyOf'] } },
    }

    expect(await complete(format(schema))).toMatchObject({ status: 200 })
  })

  it('answers 500 when the model behind it fails', async () => {
    reply = () => {
      throw new Error('no idea')
    }

    expect(await complete({})).toMatchObject({ status: 500, json: { error_code: 'INTERNAL_ERROR' } })
  })

  it('answers 413 to a body over 4 MiB', async () => {
    const content = 'x'.repeat(4 * 1024 * 1024)

    expect(await complete({ messages: [{ role: 'user', content }] })).toMatchObject({ status: 413 })
  })
})
