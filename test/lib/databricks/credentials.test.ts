import { describe, expect, it } from 'vitest'
import { createCredentials, type Credentials } from '../../../src/lib/databricks/credentials.ts'
import { describeError } from '../../../src/lib/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/lib/http.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { startTestServer, type Replies, type TestServer } from '../../support/http-server.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

const tokenRoute = 'POST /oidc/v1/token'
const discoveryRoute = 'GET /oidc/.well-known/oauth-authorization-server'
const { signal } = new AbortController()
const minutes = 60_000

interface Scene extends AsyncDisposable {
  readonly credentials: Credentials
  readonly server: TestServer
  readonly clock: ManualClock
  readonly warnings: readonly string[]
  /** When each request was begun, by the clock. */
  readonly sentAt: readonly number[]
}

async function servicePrincipal(
  tokens: Replies,
  discovery: Replies = { status: 404 },
  autoAdvance = true,
): Promise<Scene> {
  const server = await startTestServer({ [tokenRoute]: tokens, [discoveryRoute]: discovery })
  const http = createHttpClient()
  const clock = createManualClock(Date.parse('2026-11-22T10:00:00Z'), { autoAdvance })
  const warnings: string[] = []
  const sentAt: number[] = []
  const watched: HttpClient = {
    ...http,
    send: (request, sendSignal) => {
      sentAt.push(clock.now())
      return http.send(request, sendSignal)
    },
  }
  const credentials = createCredentials({
    log: { ...silentLogger, warn: (_fields, message) => warnings.push(message) },
    host: server.url,
    clientId: 'robot',
    clientSecret: new Secret('s3cret/+value'),
    http: watched,
    clock,
  })
  return {
    credentials,
    server,
    clock,
    warnings,
    sentAt,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const token = (value: string, expiresIn: number | string = 3600) => ({
  json: { access_token: value, token_type: 'Bearer', expires_in: expiresIn, scope: 'all-apis' },
})

describe('createCredentials', () => {
  const base = { host: 'dbc-1.cloud.databricks.com', clock: createManualClock() }

  it('sends a personal access token as it is', async () => {
    await using http = createHttpClient()
    const credentials = createCredentials({ ...base, http, token: new Secret('dapi-1') })

    expect(credentials.kind).toBe('pat')
    await expect(credentials.authorization(signal)).resolves.toBe('Bearer dapi-1')
    expect(credentials.invalidate('Bearer dapi-1')).toBe(false)
  })

  it.each([
    [
      'two kinds',
      { token: new Secret('dapi-1'), clientId: 'robot', clientSecret: new Secret('x') },
      /two kinds of credentials/,
    ],
    ['a token and half a principal', { token: new Secret('dapi-1'), clientId: 'robot' }, /two kinds of credentials/],
    ['none', {}, /no credentials, expected DATABRICKS_TOKEN/],
    ['an empty token', { token: new Secret('') }, /no credentials/],
    ['no client secret', { clientId: 'robot' }, /lack DATABRICKS_CLIENT_SECRET/],
    ['no client id', { clientId: '', clientSecret: new Secret('x') }, /lack DATABRICKS_CLIENT_ID/],
    ['no host', { host: ' ', token: new Secret('dapi-1') }, /host is empty/],
    ['a host that is no address', { host: 'ftp://x', token: new Secret('dapi-1') }, /not an address/],
    ['a host with a password', { host: 'https://u:p@x', token: new Secret('dapi-1') }, /carries credentials/],
  ])('refuses %s', async (_what, given, message) => {
    await using http = createHttpClient()
    const refused = expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(message) })

    expect(() => createCredentials({ ...base, http, ...given })).toThrow(refused)
  })
})

describe('OAuth of a service principal', () => {
  it('gets a token by client credentials and keeps it', async () => {
    await using scene = await servicePrincipal(token('t1'))

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')

    const [request, ...more] = scene.server.to(tokenRoute)
    expect(more).toEqual([])
    expect(request?.text).toBe('grant_type=client_credentials&scope=all-apis')
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Buffer.from(request?.headers['authorization']?.slice('Basic '.length) ?? '', 'base64').toString()).toBe(
      'robot:s3cret%2F%2Bvalue',
    )
  })

  it('uses the token endpoint that discovery names', async () => {
    await using scene = await servicePrincipal({ status: 500 })
    scene.server.on(discoveryRoute, { json: { token_endpoint: `${scene.server.url}/other/token` } })
    scene.server.on('POST /other/token', token('t2'))

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t2')
  })

  it.each([
    ['404', { status: 404 }],
    ['a page', { text: '<html></html>' }],
    ['a lost connection', { destroy: 'before' }],
    ['an endpoint that is no address', { json: { token_endpoint: 'javascript:alert(1)' } }],
  ] as const)('falls back to the usual endpoint when discovery gives %s', async (_what, discovery) => {
    await using scene = await servicePrincipal(token('t1'), discovery)

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
  })

  it('asks once for all who wait', async () => {
    await using scene = await servicePrincipal([token('t1'), token('t2')])

    const all = await Promise.all([1, 2, 3, 4].map(() => scene.credentials.authorization(signal)))

    expect(all).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t1'])
    expect(scene.server.to(tokenRoute)).toHaveLength(1)
  })

  it.each([3600, '3600'])(
    'takes %j as lifetime and renews ahead of it while the old token still serves',
    async (lifetime) => {
      await using scene = await servicePrincipal([token('t1', lifetime), token('t2', lifetime)], { status: 404 }, false)
      await scene.credentials.authorization(signal)

      await scene.clock.advance(39 * minutes)
      await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
      expect(scene.server.to(tokenRoute)).toHaveLength(1)

      await scene.clock.advance(2 * minutes)
      await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
      await expect.poll(() => scene.credentials.authorization(signal)).toBe('Bearer t2')
      expect(scene.server.to(tokenRoute)).toHaveLength(2)
    },
  )

  it('keeps the old token when renewing fails, and tries again a minute later', async () => {
    const tokens = [token('t1'), { status: 401, json: { error: 'x' } }, token('t3')]
    await using scene = await servicePrincipal(tokens, { status: 404 }, false)
    const startedAt = scene.clock.now()
    await scene.credentials.authorization(signal)

    await scene.clock.advance(45 * minutes)
    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
    await expect.poll(() => scene.warnings.length).toBe(1)
    await scene.clock.advance(0.5 * minutes)
    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
    await scene.clock.advance(0.5 * minutes)
    await scene.credentials.authorization(signal)
    await expect.poll(() => scene.credentials.authorization(signal)).toBe('Bearer t3')

    // Discovery and token, each time.
    expect(scene.sentAt.map((at) => (at - startedAt) / minutes)).toEqual([0, 0, 45, 45, 46, 46])
  })

  it('waits for a new token when the old one is within 40 seconds of its end', async () => {
    await using scene = await servicePrincipal([token('t1', 3600), token('t2')], { status: 404 }, false)
    await scene.credentials.authorization(signal)

    await scene.clock.advance(60 * minutes - 30_000)

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t2')
  })

  it('drops a token the server refused, but not its successor', async () => {
    await using scene = await servicePrincipal([token('t1'), token('t2'), token('t3')])
    await scene.credentials.authorization(signal)

    expect(scene.credentials.invalidate('Bearer t1')).toBe(true)
    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t2')
    scene.credentials.invalidate('Bearer t1')

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t2')
  })

  it('tries again after a passing failure', async () => {
    await using scene = await servicePrincipal([{ status: 503 }, { destroy: 'before' }, token('t1')])

    await expect(scene.credentials.authorization(signal)).resolves.toBe('Bearer t1')
    expect(scene.clock.sleeps).toEqual([500, 1000])
  })

  it('reports a refused principal with the vendor code and without the secret', async () => {
    await using scene = await servicePrincipal({
      status: 401,
      json: { error: 'invalid_client', error_description: 'No match for secret s3cret/+value' },
    })

    const error = await rejection(scene.credentials.authorization(signal))

    expect(error).toMatchObject({ code: 'unauthenticated', status: 401, errorCode: 'invalid_client' })
    expect(describeError(error)).toContain('No match for secret [secret]')
    expect(scene.server.to(tokenRoute)).toHaveLength(1)
  })

  it('reports a token it cannot read by its field', async () => {
    await using scene = await servicePrincipal({ json: { access_token: 7, expires_in: 3600 } })

    await expect(rejection(scene.credentials.authorization(signal))).resolves.toMatchObject({
      code: 'bad-answer',
      message: 'Cannot read the Databricks token: access_token: expected string, received number',
    })
  })

  it('lets one caller leave without disturbing the others', async () => {
    const held = Promise.withResolvers<void>()
    await using scene = await servicePrincipal({ ...token('t1'), after: held.promise })
    const controller = new AbortController()
    const leaving = scene.credentials.authorization(controller.signal)
    const staying = scene.credentials.authorization(signal)

    controller.abort(new Error('stopped'))
    await expect(leaving).rejects.toThrow('stopped')
    held.resolve()

    await expect(staying).resolves.toBe('Bearer t1')
    expect(scene.server.to(tokenRoute)).toHaveLength(1)
  })
})
