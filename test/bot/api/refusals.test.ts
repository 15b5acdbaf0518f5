import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErrorBody } from '../../../src/bot/api/schema.ts'
import { apiKeys, startApiBot, startApiWorker, type ApiBot, type ApiRequest } from '../../support/api-bot.ts'
import { startOwnRedis } from '../../support/own-redis.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { scriptedAgent } from '../../support/scripted-agent.ts'

const question = 'Revenue by region in 2023'
const later = { prefer: 'respond-async' }
const errorOf = async (response: Response): Promise<ErrorBody['error']> => ErrorBody.parse(await response.json()).error

describe('POST /generate-slides', () => {
  let redis: Redis
  let bot: ApiBot

  beforeAll(async () => {
    const redisUrl = await isolatedRedisUrl()
    redis = new Redis(redisUrl)
    bot = await startApiBot(redisUrl)
  })

  afterAll(async () => {
    await bot?.[Symbol.asyncDispose]()
    redis?.disconnect()
  })

  it.each<[string, ApiRequest]>([
    ['no key', { key: '' }],
    ['a wrong key', { key: 'key-of-ada-0123456780' }],
    ['the beginning of a key', { key: apiKeys.ada.slice(0, -1) }],
    ['two keys', { key: `${apiKeys.ada} ${apiKeys.grace}` }],
    ['another scheme', { key: '', headers: { authorization: `Basic ${btoa(`ada:${apiKeys.ada}`)}` } }],
    ['a key without scheme', { key: '', headers: { authorization: apiKeys.ada } }],
  ])('lets nobody in with %s', async (_name, how) => {
    const response = await bot.ask({ question }, how)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(await errorOf(response)).toMatchObject({ code: 'unauthorized' })
  })

  it('does not read a word from those without a key', async () => {
    const { hostname, port } = new URL(bot.url)
    const socket = connect(Number(port), hostname)
    // A body is announced, and never sent.
    socket.write(
      'POST /generate-slides HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n',
    )

    const [answer] = (await Array.fromAsync(socket.setEncoding('utf8').take(1))) as string[]

    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    socket.destroy()
  })

  it.each<[unknown, string, string]>([
    [{}, 'question', 'question is missing; it should be text of 1 to 4000 characters'],
    [{ question: ' \n' }, 'question', 'question should be text of 1 to 4000 characters'],
    [{ question: 5 }, 'question', 'question should be text of 1 to 4000 characters'],
    [{ question: 'x'.repeat(4001) }, 'question', 'question should be text of 1 to 4000 characters'],
    [{ question, max_slides: 0 }, 'max_slides', 'max_slides should be a whole number from 1 to 30.'],
    [{ question, max_slides: 31 }, 'max_slides', 'max_slides should be a whole number from 1 to 30.'],
    [{ question, max_slides: '5' }, 'max_slides', 'max_slides should be a whole number from 1 to 30.'],
    [{ question, max_slides: 2.5 }, 'max_slides', 'max_slides should be a whole number from 1 to 30.'],
    [{ question, thread: '' }, 'thread', 'thread should be a name of 1 to 200 characters.'],
    [{ question, thread: 'x'.repeat(201) }, 'thread', 'thread should be a name of 1 to 200 characters.'],
    [{ question, genie_space_id: 'sales!' }, 'genie_space_id', 'Known names: churn.'],
    [{ question, genie_space_id: '__proto__' }, 'genie_space_id', 'Known names: churn.'],
    [{ question, maxSlides: 5 }, 'maxSlides', '"maxSlides" is not a field; there are question, max_slides'],
    [[question], 'body', 'The body should be a JSON object with a question.'],
    ['null', 'body', 'The body should be a JSON object with a question.'],
  ])('names what is wrong with %j', async (body, field, problem) => {
    const response = await bot.ask(body as object)

    expect(response.status).toBe(400)
    const error = await errorOf(response)
    expect(error.code).toBe('bad-request')
    expect(error.message).toContain(problem)
    expect(error.fields?.[0]).toMatchObject({ field })
  })

  it('names everything that is wrong at once', async () => {
    const error = await errorOf(await bot.ask({ max_slides: 99, colour: 'red' }))

    expect(error.fields?.map(({ field }) => field).toSorted()).toEqual(['colour', 'max_slides', 'question'])
  })

  it.each([
    ['no JSON', '{"question": "Rev', 400, 'bad-request'],
    ['nothing', '', 400, 'bad-request'],
    ['a prototype', '{"question":"x","__proto__":{"isAdmin":true}}', 400, 'bad-request'],
    ['too much', JSON.stringify({ question: 'x'.repeat(70_000) }), 413, 'too-large'],
  ])('refuses %s', async (_name, body, status, code) => {
    const response = await bot.ask({}, { body })

    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('Rev')
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'x'])(
    'refuses a body of type %s',
    async (type) => {
      const response = await bot.ask({ question }, { headers: { 'content-type': type } })

      expect(response.status).toBe(415)
      expect((await errorOf(response)).code).toBe('unsupported-media-type')
    },
  )

  it.each(['', 'with space', 'x'.repeat(256)])('refuses %j as Idempotency-Key', async (key) => {
    const response = await bot.ask({ question }, { headers: { 'idempotency-key': key } })

    expect(response.status).toBe(400)
    expect((await errorOf(response)).fields?.[0]?.field).toBe('Idempotency-Key')
  })

  it.each([
    ['GET', '/generate-slides', 'POST'],
    ['PUT', '/generate-slides', 'POST'],
    ['POST', '/generate-slides/api-1', 'GET, DELETE'],
    ['PATCH', '/generate-slides/api-1', 'GET, DELETE'],
  ])('tells what works instead of %s %s', async (method, path, allow) => {
    const response = await bot.request(path, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect((await errorOf(response)).code).toBe('method-not-allowed')
  })

  it('has begun nothing of what it refused, nor kept any of it', async () => {
    await bot.ask({ question, colour: 'red' })
    await bot.ask({ question }, { key: 'wrong' })

    expect((await redis.keys('deckhand:*')).filter((key) => !key.startsWith('deckhand:api:limit:'))).toEqual([])
  })

  it('says that it is off where no key is set up, whoever asks', async () => {
    await using off = await startApiBot(await isolatedRedisUrl(), { keys: [] })

    const responses = [await off.ask({ question }), await off.ask({ question }, { key: '' })]

    expect(responses.map(({ status }) => status)).toEqual([503, 503])
    expect((await Promise.all(responses.map(errorOf))).map(({ code }) => code)).toEqual(['not-set-up', 'not-set-up'])
  })
})

describe('The rate limit of a key', () => {
  it('is one for all processes, and one for each key', async () => {
    const redisUrl = await isolatedRedisUrl()
    await using first = await startApiBot(redisUrl, { requestsPerMinute: 3 })
    await using second = await startApiBot(redisUrl, { requestsPerMinute: 3 })

    const statuses: number[] = []
    for (const bot of [first, second, first, second, first]) {
      statuses.push((await bot.ask({ question }, { headers: later })).status)
    }
    const refused = await first.ask({ question }, { headers: later })
    const ofAnother = await first.ask({ question }, { headers: later, key: apiKeys.grace })

    expect(statuses).toEqual([202, 202, 202, 429, 429])
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThanOrEqual(60)
    expect((await errorOf(refused)).code).toBe('too-many-requests')
    expect(ofAnother.status).toBe(202)
  })

  it('leaves room to look after one’s questions', async () => {
    await using bot = await startApiBot(await isolatedRedisUrl(), { requestsPerMinute: 1 })
    const location = (await bot.ask({ question }, { headers: later })).headers.get('location') ?? ''

    const statuses: number[] = []
    for (let look = 0; look < 11; look += 1) statuses.push((await bot.request(location)).status)

    expect(statuses).toEqual([...Array<number>(10).fill(202), 429])
  })
})

describe('Without Redis', () => {
  let parts: AsyncDisposableStack
  beforeEach(() => void (parts = new AsyncDisposableStack()))
  afterEach(() => parts.disposeAsync())

  it('asks to come again, and takes the same request when Redis is back', async () => {
    const server = parts.use(await startOwnRedis())
    const bot = parts.use(await startApiBot(server.url))
    parts.use(
      await startApiWorker(
        server.url,
        scriptedAgent(() => ({ status: 'answered', answer: 'Here.' })),
      ),
    )
    const headers = { 'idempotency-key': 'again' }
    await server.kill()

    const refused = await bot.ask({ question }, { headers })
    await server.start()
    const answered = await bot.ask({ question }, { headers })

    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await errorOf(refused)).toMatchObject({ code: 'unavailable' })
    expect(answered.status).toBe(200)
    expect(await answered.json()).toMatchObject({ status: 'answered', answer: 'Here.' })
  })

  it('keeps those who wait, and answers them when it is back', async () => {
    const server = parts.use(await startOwnRedis())
    const bot = parts.use(await startApiBot(server.url))
    const started = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const agent = scriptedAgent(async () => {
      started.resolve()
      await end.promise
      return { status: 'answered', answer: 'Here.' }
    })
    parts.use(await startApiWorker(server.url, agent))

    const asked = bot.ask({ question })
    await started.promise
    await server.kill()
    end.resolve()
    await server.start()

    expect(await (await asked).json()).toMatchObject({ status: 'answered', answer: 'Here.' })
  })
})
