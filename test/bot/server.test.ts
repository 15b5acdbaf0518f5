import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { rawRoutes } from '../../src/bot/http/raw-routes.ts'
import { ServerError, type AnsweredRequest, type Routes } from '../../src/bot/server.ts'
import { RenderError } from '../../src/render/renderer.ts'
import { silentLogger, type Logger } from '../../src/lib/log.ts'
import { rejection } from '../support/rejection.ts'
import { openServer, sendRaw } from '../support/server.ts'

const echo: Routes = (scope) => {
  scope.post('/echo', (request, reply) => reply.send({ got: request.body }))
  scope.get('/broken', async () => {
    throw new Error('internal detail')
  })
  scope.get('/refused', async () => {
    throw new RenderError('timeout', 'internal detail', { userMessage: 'Drawing took too long.' })
  })
}

function recordingLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (fields: object, message: string): void => void lines.push(JSON.stringify([message, fields]))
  return { lines, debug() {}, info: write, warn: write, error: write }
}

describe('the server', () => {
  it('answers in plain words, with headers that keep browsers careful, and tells which route took how long', async () => {
    const answered: AnsweredRequest[] = []
    await using server = await openServer({ routes: [echo], onAnswered: (request) => void answered.push(request) })

    const response = await fetch(`${server.url}/echo?secret=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })

    expect(await response.json()).toEqual({ got: { a: 1 } })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'no-store',
    })
    expect(answered).toMatchObject([{ method: 'POST', route: '/echo', status: 200 }])
  })

  it.each([
    ['an unknown address', 'GET', '/nothing', undefined, 404, 'not-found'],
    ['an address that cannot be read', 'GET', '/%E0%A4%A', undefined, 400, 'bad-request'],
    ['broken JSON', 'POST', '/echo', '{"question": private words', 400, 'bad-request'],
    ['a body that is too large', 'POST', '/echo', JSON.stringify('x'.repeat(2 ** 20)), 413, 'too-large'],
    ['a failure that nobody expected', 'GET', '/broken', undefined, 500, 'internal'],
  ])('answers %s in a sentence of its own', async (_what, method, path, body, status, code) => {
    const log = recordingLog()
    await using server = await openServer({ routes: [echo], log })

    const response = await fetch(`${server.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    })

    const text = await response.text()
    expect([response.status, JSON.parse(text)]).toMatchObject([status, { error: { code } }])
    expect(text).not.toContain('private words')
    expect(text).not.toContain('internal detail')
    expect(log.lines.join('\n')).not.toContain('private words')
    expect(log.lines).toHaveLength(status < 500 ? 0 : 1)
  })

  it('says to the person what an error of ours has for them, and logs the rest without the address asked for', async () => {
    const log = recordingLog()
    await using server = await openServer({ routes: [echo], log })

    const response = await fetch(`${server.url}/refused?s=signature`)

    expect(await response.json()).toEqual({ error: { code: 'internal', message: 'Drawing took too long.' } })
    expect(log.lines).toEqual([expect.stringContaining('internal detail')])
    expect(log.lines.join()).not.toContain('signature')
  })

  it('gives each request an id of its own, by which an operator finds it in the log', async () => {
    const log = recordingLog()
    await using server = await openServer({ routes: [echo, rawRoutes('/slack', (_, raw) => void raw.end(), log)], log })
    const idOf = async (path: string): Promise<string> => {
      const response = await fetch(`${server.url}${path}`, { headers: { 'x-request-id': 'forged\u00e9' } })
      return response.headers.get('x-request-id') ?? ''
    }

    const ids = [await idOf('/broken'), await idOf('/broken'), await idOf('/nothing'), await idOf('/slack/events')]

    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(log.lines).toEqual([expect.stringContaining(String(ids[0])), expect.stringContaining(String(ids[1]))])
  })

  it('serves the same behind a path that a proxy leaves in front', async () => {
    await using server = await openServer({ routes: [echo], basePath: '/tools/deckhand' })

    const statuses = await Promise.all(
      ['/tools/deckhand/broken', '/broken', '/tools/deckhandy/broken'].map(
        async (path) => (await fetch(`${server.url}${path}`)).status,
      ),
    )

    expect(statuses).toEqual([500, 500, 404])
  })

  it('refuses to start where another program listens, and says what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo

    const error = await rejection(openServer({ routes: [], port }))

    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({
      code: 'port-taken',
      message: `Cannot listen on 127.0.0.1:${port}: another program does`,
      userMessage: `Cannot listen on 127.0.0.1:${port}: another program does; set DECKHAND_PORT.`,
    })
    taken.close()
    await once(taken, 'close')
  })

  it('refuses to start on an address that is not this machine’s', async () => {
    const error = await rejection(openServer({ routes: [], host: '203.0.113.1' }))

    expect(error).toMatchObject({ code: 'bad-address' })
  })

  it('answers what is under way when it stops, and takes nothing new', async () => {
    const begun = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const slow: Routes = (scope) => {
      scope.get('/slow', async () => {
        begun.resolve()
        await release.promise
        return 'done'
      })
    }
    await using server = await openServer({ routes: [slow] })
    const answer = fetch(`${server.url}/slow`)
    await begun.promise

    const stopped = server.stop(60_000)
    const probe = 'GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
    const probed = (): Promise<string> => sendRaw(server.url, probe).catch(({ code }) => String(code))
    await expect.poll(probed, { timeout: 10_000 }).toBe('ECONNREFUSED')
    release.resolve()

    expect(await (await answer).text()).toBe('done')
    await stopped
  })

  it('does not wait longer than it is told for a request that never ends', async () => {
    const begun = Promise.withResolvers<void>()
    const endless: Routes = (scope) => {
      scope.get('/endless', async (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200).write('…')
        begun.resolve()
      })
    }
    const server = await openServer({ routes: [endless] })
    const answer = await fetch(`${server.url}/endless`)
    await begun.promise

    await server.stop(1)
    await server[Symbol.asyncDispose]()

    await expect(answer.text()).rejects.toThrow()
  })
})

describe('rawRoutes', () => {
  it('hands on every request below its prefix with the body as it was sent, whatever it says it is', async () => {
    const seen: string[] = []
    const raw = rawRoutes(
      '/slack',
      async (request, response) => {
        let body = ''
        for await (const chunk of request) body += String(chunk)
        seen.push(`${request.method} ${request.url} ${body}`)
        response.end('taken')
      },
      silentLogger,
    )
    await using server = await openServer({ routes: [raw, echo] })
    const post = (path: string, type: string, body: string): Promise<Response> =>
      fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body })

    await post('/slack/events', 'application/json', '{"a": 1 }')
    await post('/slack/events', 'application/x-www-form-urlencoded', 'payload=%7B%7D')
    await post('/slack/events', 'text/whatever', 'a')
    await fetch(`${server.url}/slack/install?x=1`)
    const parsed = await post('/echo', 'application/json', '{"a": 1 }')

    expect(seen).toEqual([
      'POST /slack/events {"a": 1 }',
      'POST /slack/events payload=%7B%7D',
      'POST /slack/events a',
      'GET /slack/install?x=1 ',
    ])
    expect(await parsed.json()).toEqual({ got: { a: 1 } })
  })

  it('refuses a huge body before anybody reads it, and answers when the listener fails', async () => {
    let calls = 0
    const log = recordingLog()
    const raw = rawRoutes(
      '/slack',
      () => {
        calls += 1
        throw new Error('listener failed')
      },
      log,
    )
    await using server = await openServer({ routes: [raw] })

    const huge = await sendRaw(
      server.url,
      'POST /slack/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 99999999\r\n\r\n',
    )
    const failed = await fetch(`${server.url}/slack/events`, { method: 'POST', body: 'x' })

    expect(huge).toContain('413')
    expect(failed.status).toBe(500)
    expect(await failed.text()).toBe('')
    expect(calls).toBe(1)
    expect(log.lines).toEqual([expect.stringContaining('listener failed')])
  })
})
