import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sandboxCredentials, type Workspace, type WorkspaceOptions } from '../../../sandbox/databricks/contract.ts'
import type { Fault } from '../../../sandbox/databricks/faults.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'
import { ask, call, spacePath } from './genie-caller.ts'

let workspace: Workspace
let clock: ManualClock

beforeEach(async () => {
  await open({})
})
afterEach(async () => {
  await workspace[Symbol.asyncDispose]()
})

async function open(options: Partial<WorkspaceOptions>): Promise<void> {
  await workspace?.[Symbol.asyncDispose]()
  clock = createManualClock(Date.parse('2021-03-01T00:00:00Z'))
  workspace = await createWorkspace({ brain: async () => ({ content: 'Hello' }), clock, ...options })
}

const me = (token?: string | null) => call(workspace, 'GET', '/api/2.0/preview/scim/v2/Me', undefined, token)

async function token(form: string, basic?: string) {
  const response = await fetch(`${workspace.url}/oidc/v1/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    },
    body: form,
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

const grant = 'grant_type=client_credentials&scope=all-apis'
const secret = `${sandboxCredentials.clientId}:${sandboxCredentials.clientSecret}`

describe('signing in to the sandbox workspace', () => {
  it('knows the caller by the personal token', async () => {
    const reply = await me()

    expect(reply.json).toMatchObject({ userName: 'analyst@sandbox.example', active: true, emails: [{ primary: true }] })
    expect(reply.headers.get('x-databricks-org-id')).toBe('1')
  })

  it('turns strangers away', async () => {
    expect(await me(null)).toMatchObject({ status: 401, json: { error_code: 'UNAUTHENTICATED' } })
    expect(await me('wrong')).toMatchObject({
      status: 403,
      json: { error_code: 403, message: 'Invalid access token.' },
    })
    expect(await call(workspace, 'POST', '/v1/chat/completions', {}, null)).toMatchObject({ status: 401 })
  })

  it('takes its own credentials only when given some', async () => {
    await open({ credentials: { token: 'mine', clientId: 'a', clientSecret: 'b' } })

    expect(await me('mine')).toMatchObject({ status: 200 })
    expect(await me(sandboxCredentials.token)).toMatchObject({ status: 403 })
    expect(await token(grant, secret)).toMatchObject({ status: 401 })
  })

  it('gives a service principal a token for an hour', async () => {
    const { json } = await token(grant, secret)
    const bearer = String(json['access_token'])

    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'all-apis' })
    expect(await me(bearer)).toMatchObject({ status: 200 })
    await clock.advance(3_600_000)
    expect(await me(bearer)).toMatchObject({ status: 401, json: { message: 'Token is expired' } })
  })

  it.each([
    ['a wrong secret', grant, `${sandboxCredentials.clientId}:wrong`, 401, 'invalid_client'],
    ['no client', grant, undefined, 401, 'invalid_client'],
    ['another grant', 'grant_type=password&scope=all-apis', secret, 400, 'unsupported_grant_type'],
    ['another scope', 'grant_type=client_credentials&scope=sql', secret, 400, 'invalid_scope'],
  ])('refuses %s', async (_what, form, basic, status, error) => {
    expect(await token(form, basic)).toMatchObject({ status, json: { error, error_description: expect.any(String) } })
  })

  it('says where to get a token', async () => {
    const { json } = await call(workspace, 'GET', '/oidc/.well-known/oauth-authorization-server', undefined, null)

    expect(json.token_endpoint).toBe(`${workspace.url}/oidc/v1/token`)
    expect((await call(workspace, 'GET', '/.well-known/databricks-config', undefined, null)).json.oidc_endpoint).toBe(
      `${workspace.url}/oidc`,
    )
  })
})

describe('faults of the sandbox workspace', () => {
  it.each<[Fault, object]>([
    [
      { kind: 'status', status: 503, body: { message: 'later' }, headers: { 'retry-after': '7' } },
      { status: 503, json: { message: 'later' } },
    ],
    [
      { kind: 'status', status: 500 },
      { status: 500, json: { error_code: 'INTERNAL_ERROR' } },
    ],
    [
      { kind: 'status', status: 502, body: 'Bad gateway' },
      { status: 502, text: 'Bad gateway' },
    ],
    [
      { kind: 'rate-limited', shape: 'documented', retryAfterSeconds: 9 },
      { status: 429, json: { error: { type: 'rate_limit_exceeded', retry_after: 9 } } },
    ],
    [
      { kind: 'rate-limited', shape: 'envelope' },
      { status: 429, json: { error_code: 'REQUEST_LIMIT_EXCEEDED' } },
    ],
    [
      { kind: 'rate-limited', shape: 'gateway' },
      { status: 429, json: { error_code: 'RATE_LIMIT_EXCEEDED' } },
    ],
    [
      { kind: 'rate-limited', shape: 'string' },
      { status: 429, json: { error: 'Too many requests' } },
    ],
    [
      { kind: 'rate-limited', shape: 'empty' },
      { status: 429, text: '' },
    ],
    [{ kind: 'login-redirect' }, { status: 302, text: expect.stringContaining('<html>') }],
    [{ kind: 'html' }, { status: 200, text: expect.stringContaining('<html>') }],
    [{ kind: 'malformed-json' }, { status: 200, json: undefined }],
  ])('answers %j', async (fault, expected) => {
    workspace.faults.add({ on: 'scim.me', fault })

    expect(await me()).toMatchObject(expected)
    expect(await me()).toMatchObject({ status: 200, json: { active: true } })
  })

  it('sends Retry-After with a limit that has one', async () => {
    workspace.faults.add({ on: 'scim.me', fault: { kind: 'rate-limited', shape: 'string', retryAfterSeconds: 12 } })

    expect((await me()).headers.get('retry-after')).toBe('12')
  })

  it('lets some requests pass, hits some, and stops', async () => {
    workspace.faults.add({ on: 'scim.me', fault: { kind: 'status', status: 500 }, skip: 1, times: 2 })
    workspace.faults.add({ on: 'genie.spaces', fault: { kind: 'status', status: 500 } })
    const seen = [await me(), await me(), await me(), await me()].map(({ status }) => status)

    expect(seen).toEqual([200, 500, 500, 200])
    workspace.faults.clear()
    expect(await call(workspace, 'GET', '/api/2.0/genie/spaces')).toMatchObject({ status: 200 })
  })

  it('breaks the connection before the work', async () => {
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'reset' } })

    await expect(rejection(ask(workspace, 'orders'))).resolves.toBeInstanceOf(TypeError)
    expect((await call(workspace, 'GET', `${spacePath()}/conversations`)).json.conversations).toEqual([])
  })

  it('loses the reply after the work', async () => {
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'reply-lost' } })

    await expect(rejection(ask(workspace, 'orders'))).resolves.toBeInstanceOf(TypeError)
    expect((await call(workspace, 'GET', `${spacePath()}/conversations`)).json.conversations).toHaveLength(1)
  })

  it('takes its time', async () => {
    workspace.faults.add({ on: 'scim.me', fault: { kind: 'slow', delayMs: 5000 } })
    const reply = me()

    await expect(clock.runUntil(reply)).resolves.toMatchObject({ status: 200 })
    expect(clock.sleeps).toEqual([5000])
  })

  it.each<[Fault, object]>([
    [
      {
        kind: 'message-failed',
        type: 'SQL_EXECUTION_EXCEPTION',
        error: '[INSUFFICIENT_PERMISSIONS] no',
        suggestions: ['Ask something else'],
      },
      { status: 'FAILED', suggestions: ['Ask something else'], sql: undefined },
    ],
    [{ kind: 'message-cancelled' }, { status: 'CANCELLED', sql: undefined }],
  ])('ends a message by %j inside a 200', async (fault, expected) => {
    workspace.faults.add({ on: 'genie.ask', fault })

    expect(await ask(workspace, 'orders')).toMatchObject(expected)
    expect(await ask(workspace, 'orders')).toMatchObject({ status: 'COMPLETED' })
  })

  it('corrects itself before the right query', async () => {
    const right = await ask(workspace, 'orders by region')
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'self-correction' } })
    const reply = await ask(workspace, 'orders by region')
    const path = `${spacePath()}/conversations/${reply.conversationId}/messages/${reply.messageId}`
    const { attachments } = (await call(workspace, 'GET', path)).json

    expect(attachments.map((attachment: object) => Object.keys(attachment)[1])).toEqual([
      'query',
      'text',
      'query',
      'suggested_questions',
    ])
    expect(attachments[1].text.phase).toBe('RESPONSE_PHASE_VERIFYING')
    expect(attachments[2].query.query).toBe(right.sql)
  })

  it('shows a status nobody knows, then goes on', async () => {
    const reply = await ask(workspace, 'orders by region')
    const path = `${spacePath()}/conversations/${reply.conversationId}/messages/${reply.messageId}`
    workspace.faults.add({ on: 'genie.message', fault: { kind: 'message-status', status: 'PONDERING' } })

    expect((await call(workspace, 'GET', path)).json).toMatchObject({ status: 'PONDERING', attachments: null })
    expect((await call(workspace, 'GET', path)).json).toMatchObject({ status: 'COMPLETED' })
  })
})

describe('the sandbox workspace', () => {
  it('listens at once and makes its data meanwhile', async () => {
    await expect(workspace.ready()).resolves.toBeUndefined()
    expect((await ask(workspace, 'orders on 2021-03-01')).rows[0]?.[0]).toMatch(/^\d+$/)
  })

  it('tells whoever waits that its data cannot be made', async () => {
    await open({ today: '1999-01-01' })

    expect(await rejection(workspace.ready())).toBeInstanceOf(RangeError)
    expect(await ask(workspace, 'orders')).toMatchObject({ status: 'FAILED' })
  })

  it('frees its port and ends what waits when disposed', async () => {
    await open({ llmDelayMs: 60_000 })
    const waiting = rejection(
      call(workspace, 'POST', '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }),
    )
    await call(workspace, 'GET', '/api/2.0/genie/spaces')
    await workspace[Symbol.asyncDispose]()

    expect(await waiting).toBeInstanceOf(TypeError)
    expect(await rejection(me())).toBeInstanceOf(TypeError)
  })
})
