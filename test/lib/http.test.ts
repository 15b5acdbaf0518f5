import { describe, expect, it } from 'vitest'
import { createHttpClient, HttpError } from '../../src/lib/http.ts'
import { startTestServer } from '../support/http-server.ts'
import { freePort } from '../support/free-port.ts'
import { rejection } from '../support/rejection.ts'

const seconds = 1000

describe('createHttpClient', () => {
  it('sends method, headers and body and reads the whole answer', async () => {
    await using server = await startTestServer({
      'POST /echo': (request) => ({ status: 201, headers: { 'X-Served-By': 'us' }, json: request.json }),
    })
    await using http = createHttpClient({ userAgent: 'deckhand-test/1' })

    const response = await http.send({
      method: 'POST',
      url: `${server.url}/echo`,
      headers: { 'content-type': 'application/json' },
      body: '{"text":"für"}',
      timeoutMs: 5 * seconds,
    })

    expect(response.status).toBe(201)
    expect(response.header('x-served-by')).toBe('us')
    expect(response.header('missing')).toBeUndefined()
    expect(response.text()).toBe('{"text":"für"}')
    expect(server.requests[0]?.headers['user-agent']).toBe('deckhand-test/1')
  })

  it.each([204, 302, 404, 500])('gives status %i back without judging or following it', async (status) => {
    await using server = await startTestServer({
      'GET /': { status, headers: { location: '/elsewhere' } },
      'GET /elsewhere': { text: 'followed' },
    })
    await using http = createHttpClient()

    const response = await http.send({ method: 'GET', url: server.url, timeoutMs: 5 * seconds })

    expect(response.status).toBe(status)
    expect(server.requests).toHaveLength(1)
  })

  it('says connect when nobody listens, since the request surely did not arrive', async () => {
    const port = await freePort()
    await using http = createHttpClient()

    const error = await rejection(
      http.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 5 * seconds }),
    )

    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({
      code: 'connect',
      message: `Cannot connect to http://127.0.0.1:${port}: ECONNREFUSED`,
    })
  })

  it.each(['before', 'halfway'] as const)('says network when the connection breaks %s the answer', async (destroy) => {
    await using server = await startTestServer({ 'GET /': { destroy, text: 'some text' } })
    await using http = createHttpClient()

    const error = await rejection(http.send({ method: 'GET', url: server.url, timeoutMs: 5 * seconds }))

    expect(error).toMatchObject({ name: 'HttpError', code: 'network' })
    expect((error as HttpError).cause).toBeInstanceOf(Error)
  })

  it('says timeout when the whole answer does not come in time', async () => {
    const held = Promise.withResolvers<void>()
    await using server = await startTestServer({ 'GET /': { after: held.promise } })
    await using http = createHttpClient()

    const error = await rejection(http.send({ method: 'GET', url: server.url, timeoutMs: 30 }))
    held.resolve()

    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('within 30 ms') })
  })

  it("rejects with the caller's reason on abort", async () => {
    const held = Promise.withResolvers<void>()
    const controller = new AbortController()
    await using server = await startTestServer({
      'GET /': () => {
        controller.abort(new Error('the person pressed stop'))
        return { after: held.promise }
      },
    })
    await using http = createHttpClient()

    const sent = http.send({ method: 'GET', url: server.url, timeoutMs: 5 * seconds }, controller.signal)

    await expect(sent).rejects.toThrow('the person pressed stop')
    held.resolve()
  })

  it('sends nothing for a signal that is aborted already', async () => {
    await using server = await startTestServer({ 'GET /': {} })
    await using http = createHttpClient()

    const sent = http.send(
      { method: 'GET', url: server.url, timeoutMs: seconds },
      AbortSignal.abort(new Error('too late')),
    )

    await expect(sent).rejects.toThrow('too late')
    expect(server.requests).toEqual([])
  })

  it('stops reading a body that exceeds its bound', async () => {
    await using server = await startTestServer({ 'GET /': { text: 'x'.repeat(2000) } })
    await using http = createHttpClient({ maxBodyBytes: 1000 })

    const error = await rejection(http.send({ method: 'GET', url: server.url, timeoutMs: 5 * seconds }))

    expect(error).toMatchObject({ code: 'too-large', message: expect.stringContaining('1000 bytes') })
  })
})
