import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createCredentials } from '../../../src/lib/databricks/credentials.ts'
import { DatabricksError } from '../../../src/lib/databricks/error.ts'
import { createDatabricksRest, restPath, type DatabricksRest, type RestCall } from '../../../src/lib/databricks/rest.ts'
import { describeError } from '../../../src/lib/errors.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fixture } from '../../support/fixtures.ts'
import { freePort } from '../../support/free-port.ts'
import { startTestServer, type Replies, type TestServer } from '../../support/http-server.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

const { signal } = new AbortController()
const schema = z.object({ status: z.object({ state: z.string() }) })
const good = { json: { status: { state: 'READY', extra: 1 }, more: [] } }
const get = { method: 'GET', path: '/api/x', schema, timeoutMs: 120_000, retry: 'safe' } satisfies RestCall<unknown>
const post = { ...get, method: 'POST', body: { a: 1 }, retry: 'never-after-send' } satisfies RestCall<unknown>

interface Scene extends AsyncDisposable {
  readonly rest: DatabricksRest
  readonly server: TestServer
  readonly clock: ManualClock
}

async function workspace(replies: Replies, options: { readonly oauth?: boolean } = {}): Promise<Scene> {
  const server = await startTestServer({
    'GET /api/x': replies,
    'POST /api/x': replies,
    'POST /oidc/v1/token': (_request, nth) => ({ json: { access_token: `oauth-token-${nth + 1}`, expires_in: 3600 } }),
  })
  const http = createHttpClient()
  const clock = createManualClock(Date.parse('2026-11-22T10:00:00Z'), { autoAdvance: true })
  const principal = { clientId: 'robot', clientSecret: new Secret('secret') }
  const credentials = createCredentials({
    host: server.url,
    http,
    clock,
    ...(options.oauth ? principal : { token: new Secret('dapi-0123456789') }),
  })
  return {
    rest: createDatabricksRest({ host: `${server.url}/`, credentials, http, clock, random: () => 0 }),
    server,
    clock,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const failure = async (scene: Scene, call: RestCall<unknown> = get): Promise<DatabricksError> => {
  const error = await rejection(scene.rest.call(call, signal))
  expect(error).toBeInstanceOf(DatabricksError)
  return error as DatabricksError
}

describe('createDatabricksRest', () => {
  it('sends JSON with credentials and a user agent, and gives back what the schema names', async () => {
    await using scene = await workspace(good)

    const answer = await scene.rest.call(
      { ...post, query: { page_size: 20, page_token: undefined, all: true } },
      signal,
    )

    expect(answer).toEqual({ status: { state: 'READY' } })
    const request = scene.server.requests[0]
    expect(request?.json).toEqual({ a: 1 })
    expect(request?.query).toEqual({ page_size: '20', all: 'true' })
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer dapi-0123456789',
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^deckhand\/\d+\.\d+\.\d+ nodejs\/\d\S+ os\/\w+ auth\/pat$/),
    })
  })

  it('takes an empty body as an empty object', async () => {
    await using scene = await workspace({ text: '' })

    await expect(scene.rest.call({ ...get, schema: z.object({}) }, signal)).resolves.toEqual({})
  })

  it.each([
    [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'bad' }, 'bad-request', false],
    [400, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone' }, 'not-found', false],
    [400, { error_code: 'RESOURCE_EXHAUSTED', message: 'full' }, 'rate-limited', false],
    [400, { message: 'io.jsonwebtoken.ExpiredJwtException: JWT expired' }, 'unauthenticated', false],
    [401, {}, 'unauthenticated', false],
    [403, { error_code: 'PERMISSION_DENIED', message: 'no' }, 'no-access', false],
    [403, { error_code: 403, message: 'Invalid access token.' }, 'unauthenticated', false],
    [404, { error_code: 'FEATURE_DISABLED', message: 'off' }, 'not-found', false],
    [409, { error_code: 'RESOURCE_CONFLICT', message: 'busy' }, 'conflict', false],
    [422, { detail: 'no' }, 'bad-request', false],
    [429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'slow' }, 'rate-limited', false],
    [500, { error_code: 'INTERNAL_ERROR', message: '' }, 'unavailable', true],
    [501, { message: 'no stub' }, 'unavailable', false],
    [502, {}, 'unavailable', true],
    [503, { error_code: 'TEMPORARILY_UNAVAILABLE' }, 'unavailable', false],
    [504, {}, 'timeout', true],
  ])('turns %i %j into %s', async (status, json, code, mayHaveHappened) => {
    await using scene = await workspace({ status, json })

    const error = await failure(scene, post)

    expect(error).toMatchObject({ code, status, mayHaveHappened })
    expect(error.message).toMatch(new RegExp(`^POST /api/x answered ${status}: `))
    expect(error.userMessage).toMatch(/^[A-Z].*\.$/)
  })

  it.each([
    [
      'a login page',
      { status: 302, headers: { location: '/login.html?next_url=%2Fapi&state=s3cr3t' } },
      'unauthenticated',
    ],
    [
      'single sign-on',
      { status: 302, headers: { location: 'https://login.microsoftonline.com/x' } },
      'unauthenticated',
    ],
    [
      'a private link notice',
      { status: 302, headers: { location: '/login.html?error=private-link-validation-error:1' } },
      'no-access',
    ],
    [
      'another host',
      { status: 308, headers: { location: 'https://dbc-2.cloud.databricks.com/x?token=s3cr3t' } },
      'misconfigured',
    ],
    ['a page with status 200', { text: '<!DOCTYPE html><html><body>Sign in</body></html>' }, 'unauthenticated'],
  ])('takes %s as an error and never follows it', async (_what, reply, code) => {
    await using scene = await workspace(reply)

    const error = await failure(scene)

    expect(error.code).toBe(code)
    expect(error.mayHaveHappened).toBe(false)
    expect(describeError(error)).not.toContain('s3cr3t')
    expect(scene.server.requests).toHaveLength(1)
  })

  it.each([
    [
      'JSON of another form',
      { json: { status: { state: 7, secret: 'Wages 2026' } } },
      'status.state: expected string, received number',
    ],
    ['something that is not JSON', { text: 'Wages 2026' }, '10 bytes that are not JSON'],
  ])('says where %s is wrong, and shows none of it', async (_what, reply, where) => {
    await using scene = await workspace(reply)

    const error = await failure(scene, post)

    expect(error).toMatchObject({ code: 'bad-answer', mayHaveHappened: true, message: expect.stringContaining(where) })
    expect(describeError(error) + error.userMessage).not.toContain('Wages')
  })

  it('masks a token the server sends back', async () => {
    await using scene = await workspace({ status: 400, json: { message: `${'x'.repeat(290)} dapi-0123456789` } })

    const error = await failure(scene)

    expect(error.message).not.toContain('dapi')
  })

  it('keeps the query out of errors', async () => {
    await using scene = await workspace({ status: 404, json: {} })

    const error = await failure(scene, { ...get, query: { download_id_signature: 'eyJ' } })

    expect(describeError(error)).not.toContain('eyJ')
  })

  it('tries a refused token once more with a new one', async () => {
    await using scene = await workspace([{ status: 403, json: { message: 'Invalid access token.' } }, good], {
      oauth: true,
    })

    await scene.rest.call(post, signal)

    expect(scene.server.to('POST /api/x').map((request) => request.headers['authorization'])).toEqual([
      'Bearer oauth-token-1',
      'Bearer oauth-token-2',
    ])
  })

  it('gives up when the new token is refused too', async () => {
    await using scene = await workspace({ status: 401, json: {} }, { oauth: true })

    await expect(failure(scene)).resolves.toMatchObject({ code: 'unauthenticated' })
    expect(scene.server.to('GET /api/x')).toHaveLength(2)
  })

  it('does not repeat a refused personal access token', async () => {
    await using scene = await workspace({ status: 401, json: {} })

    await failure(scene)

    expect(scene.server.requests).toHaveLength(1)
  })

  it('rejects a host that is no address', async () => {
    await using http = createHttpClient()
    const clock = createManualClock()
    const credentials = createCredentials({ host: 'https://x', token: new Secret('dapi'), http, clock })

    expect(() => createDatabricksRest({ host: 'nonsense://', credentials, http, clock })).toThrow(/not an address/)
  })
})

describe('retries', () => {
  it.each([
    ['429', { status: 429, json: {} }, [1000, 2000]],
    ['503', { status: 503, json: {} }, [250, 500]],
    ['a lost connection', { destroy: 'before' }, [250, 500]],
    ['half an answer', { destroy: 'halfway', json: { status: { state: 'READY' } } }, [250, 500]],
    ['a gateway without answer', { status: 504, json: {} }, [250, 500]],
  ] as const)('a GET goes again after %s', async (_what, reply, sleeps) => {
    await using scene = await workspace([reply, reply, good])

    await expect(scene.rest.call(get, signal)).resolves.toEqual({ status: { state: 'READY' } })
    expect(scene.clock.sleeps).toEqual(sleeps)
  })

  it.each([429, 503])('a POST goes again after %i, which says that nothing was done', async (status) => {
    await using scene = await workspace([{ status, json: {} }, good])

    await scene.rest.call(post, signal)

    expect(scene.server.requests).toHaveLength(2)
  })

  it.each([
    ['a lost connection', { destroy: 'before' }, 'unavailable'],
    ['half an answer', { destroy: 'halfway', json: { status: {} } }, 'unavailable'],
    ['500', { status: 500, json: {} }, 'unavailable'],
    ['502', { status: 502, json: {} }, 'unavailable'],
    ['an unreadable answer', { text: 'ok' }, 'bad-answer'],
  ] as const)('a POST never goes again after %s, which leaves open what was done', async (_what, reply, code) => {
    await using scene = await workspace(reply)

    await expect(failure(scene, post)).resolves.toMatchObject({ code, mayHaveHappened: true })
    expect(scene.server.requests).toHaveLength(1)
  })

  it('a POST goes again when there was no connection at all', async () => {
    const port = await freePort()
    const clock = createManualClock(0, { autoAdvance: true })
    await using http = createHttpClient()
    const host = `http://127.0.0.1:${port}`
    const credentials = createCredentials({ host, token: new Secret('dapi'), http, clock })
    const rest = createDatabricksRest({ host, credentials, http, clock, random: () => 0 })

    const error = await rejection(rest.call(post, signal))

    expect(error).toMatchObject({ code: 'unavailable', mayHaveHappened: false })
    expect(clock.sleeps).toEqual([250, 500, 1000, 2000, 4000])
  })

  it('waits as long as the longest of all hints', async () => {
    const reply = {
      status: 429,
      headers: { 'retry-after': '3' },
      json: fixture('databricks/error-rate-limit-workspace'),
    }
    await using scene = await workspace([reply, good])

    await scene.rest.call(post, signal)

    expect(scene.clock.sleeps).toEqual([7500])
  })

  it.each([
    ['beyond a minute', '61', 600_000],
    ['beyond the deadline', '30', 20_000],
  ])('does not wait %s but tells how long it would be', async (_what, seconds, timeoutMs) => {
    await using scene = await workspace({ status: 429, headers: { 'retry-after': seconds }, json: {} })

    const error = await failure(scene, { ...post, timeoutMs })

    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: Number(seconds) * 1000 })
    expect(scene.clock.sleeps).toEqual([])
  })

  it('ends after six tries', async () => {
    await using scene = await workspace({ status: 503, json: {} })

    await expect(failure(scene)).resolves.toMatchObject({ code: 'unavailable', status: 503 })
    expect(scene.server.requests).toHaveLength(6)
  })

  it('says timeout when no answer comes in time', async () => {
    const held = Promise.withResolvers<void>()
    await using scene = await workspace({ ...good, after: held.promise })

    const error = await failure(scene, { ...post, attemptTimeoutMs: 30 })
    held.resolve()

    expect(error).toMatchObject({ code: 'timeout', mayHaveHappened: true })
  })

  it("rejects with the caller's reason, while sending and while waiting", async () => {
    const sending = new AbortController()
    const waiting = new AbortController()
    await using slow = await workspace(() => {
      sending.abort(new Error('stopped while sending'))
      return { after: new Promise(() => {}) }
    })
    await using busy = await workspace(() => {
      setImmediate(() => waiting.abort(new Error('stopped while waiting')))
      return { status: 429, json: {} }
    })

    await expect(slow.rest.call(get, sending.signal)).rejects.toThrow('stopped while sending')
    await expect(busy.rest.call(get, waiting.signal)).rejects.toThrow('stopped while waiting')
  })
})

describe('restPath', () => {
  it('encodes what people or servers put into ids', () => {
    expect(restPath('/api/2.0/genie/spaces', '../x?y', 'a b')).toBe('/api/2.0/genie/spaces/..%2Fx%3Fy/a%20b')
  })
})
