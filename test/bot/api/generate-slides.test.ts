import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../../src/agent/events.ts'
import { Answer, ErrorBody, Running } from '../../../src/bot/api/schema.ts'
import { createLinks } from '../../../src/bot/signed-links.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { Redis } from 'ioredis'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import {
  apiKeys,
  linkKey,
  readEvents,
  startApiBot,
  startApiWorker,
  type ServerSentEvent,
} from '../../support/api-bot.ts'
import { until } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { scriptedAgent } from '../../support/scripted-agent.ts'

let redisUrl: string
let parts: AsyncDisposableStack

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  parts = new AsyncDisposableStack()
})

afterEach(() => parts.disposeAsync())

const question = 'Revenue by region in 2023'
const deck = salesDeck()

/** Makes the deck of the fixtures. */
const deckmaker = () =>
  scriptedAgent((turn, emit) => {
    emit({ type: 'turn-start', traceId: 'tr-1', traceUrl: 'http://mlflow/tr-1' })
    emit({ type: 'deck', deck })
    return {
      status: 'answered',
      answer: `Here is: ${turn.question}`,
      deck,
      sql: ['SELECT 1'],
      suggestions: ['And 2022?'],
      numbers: { total: 25, verified: 24 },
      memory: { transcript: [...turn.memory.transcript, { question: turn.question, answer: 'Done' }], deck },
      traceId: 'tr-1',
      traceUrl: 'http://mlflow/tr-1',
      usage: { inputTokens: 10, outputTokens: 20, costUsd: 0.00123456789 },
      timingsMs: { firstAnswer: 1.4, deck: 2.6, total: 3.5 },
    }
  })

const talker = () => scriptedAgent((turn) => ({ status: 'answered', answer: `You said ${turn.question}` }))

/** Runs until the test lets it end, or somebody stops it. */
function waiting() {
  const started = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const agent = scriptedAgent(async (turn, emit, signal) => {
    emit({ type: 'turn-start', traceId: 'tr-1', traceUrl: 'http://mlflow/tr-1' })
    started.resolve()
    await Promise.race([end.promise, until(signal)])
    return { status: 'answered', answer: `You said ${turn.question}` }
  })
  return { agent, started: started.promise, end: () => end.resolve() }
}

const answerOf = async (response: Response): Promise<Answer> => Answer.parse(await response.json())
const runningOf = async (response: Response): Promise<Running> => Running.parse(await response.json())
const errorOf = async (response: Response): Promise<ErrorBody['error']> => ErrorBody.parse(await response.json()).error

describe('POST /generate-slides', () => {
  it('answers with what ask --json prints, and signed links for files', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = deckmaker()
    parts.use(await startApiWorker(redisUrl, agent))

    const response = await bot.ask({ question: `  ${question} `, max_slides: 6, genie_space_id: 'churn', thread: 'q4' })

    const answer = await answerOf(response)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer).toMatchObject({
      thread: 'q4',
      status: 'answered',
      answer: `Here is: ${question}`,
      slide_count: deck.slides.length,
      numbers: { total: 25, verified: 24 },
      sql: ['SELECT 1'],
      suggestions: ['And 2022?'],
      provenance: deck.provenance,
      trace_id: 'tr-1',
      trace_url: 'http://mlflow/tr-1',
      timings_ms: { first_answer: 1, deck: 3, total: 4 },
      tokens: { input: 10, output: 20 },
      cost_usd: 0.001235,
      error: '',
    })
    expect(answer.files.png).toHaveLength(deck.slides.length)
    expect(answer.files.csv).toHaveLength(deck.tables.length)
    expect(agent.turns[0]).toMatchObject({ question, maxSlides: 6, spaceId: '01ef', platform: 'api' })
    const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
    const links = createLinks({ redis, key: linkKey, ttlMs: 600_000, baseUrl: () => bot.url, clock: systemClock })
    const { html = '', pdf = '', png = [] } = answer.files
    expect(await links.verify(new URL(html))).toMatchObject({ file: 'deck.html', version: deck.version })
    expect(await links.verify(new URL(pdf))).toMatchObject({ file: 'deck.pdf' })
    expect(await links.verify(new URL(png[1] ?? ''))).toMatchObject({ file: 'slide-2.png' })
    expect(html.startsWith(`${bot.url}/d/`)).toBe(true)
  })

  it('continues a thread under its name, or under the name the first answer gave it', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = talker()
    parts.use(await startApiWorker(redisUrl, agent))

    const first = await answerOf(await bot.ask({ question }))
    await bot.ask({ question: 'only EMEA', thread: first.thread })
    await bot.ask({ question: 'a new one' })

    expect(agent.turns.map((turn) => turn.memory.transcript.map((said) => said.question))).toEqual([[], [question], []])
  })

  it('keeps threads of the same name under different keys apart', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = talker()
    parts.use(await startApiWorker(redisUrl, agent))

    await bot.ask({ question, thread: 'q4' })
    await bot.ask({ question: 'show me the last answer', thread: 'q4' }, { key: apiKeys.grace })

    expect(agent.turns[1]?.memory.transcript).toEqual([])
    expect(agent.turns[1]?.sessionId).not.toBe(agent.turns[0]?.sessionId)
    expect(JSON.stringify(agent.turns)).not.toContain('key-of-')
  })

  it('gives no files where a question made no deck', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    parts.use(await startApiWorker(redisUrl, talker()))

    const answer = await answerOf(await bot.ask({ question }))

    expect(answer).toMatchObject({ slide_count: 0, files: {}, answer: `You said ${question}` })
  })

  it('tells a failure as an answer: the request was fine', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const failing = scriptedAgent(() => ({ status: 'failed', answer: 'You may not use it.', errorCode: 'no-access' }))
    parts.use(await startApiWorker(redisUrl, failing))

    const response = await bot.ask({ question })

    expect(response.status).toBe(200)
    expect(await answerOf(response)).toMatchObject({ status: 'failed', error: 'no-access', can_retry: false })
  })

  it('does not wait for those who prefer not to, and has the answer for them later', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const { agent, started, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))

    const first = await bot.ask({ question, thread: 'q4' }, { headers: { prefer: 'respond-async' } })
    const location = first.headers.get('location') ?? ''
    const { id } = await runningOf(first)
    await started
    const second = await bot.request(location)
    const running = await runningOf(second)
    end()
    const third = await bot.request(location, { headers: { prefer: 'wait=20' } })

    expect([first.status, second.status, third.status]).toEqual([202, 202, 200])
    expect(location).toBe(`/generate-slides/${id}`)
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(running).toMatchObject({ id, thread: 'q4', status: 'running', ahead: 0 })
    expect(await answerOf(third)).toMatchObject({ id, thread: 'q4', status: 'answered' })
  })

  it('gives up waiting after a while, without giving up the question', async () => {
    const bot = parts.use(await startApiBot(redisUrl, { waitMs: 20 }))
    const { agent, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))

    const first = await bot.ask({ question })
    end()
    const second = await bot.request(first.headers.get('location') ?? '', { headers: { prefer: 'wait=20' } })

    expect(first.status).toBe(202)
    expect(await answerOf(second)).toMatchObject({ status: 'answered' })
  })

  it('asks once, however often a request comes with one Idempotency-Key', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = talker()
    parts.use(await startApiWorker(redisUrl, agent))
    const headers = { 'idempotency-key': `"${randomUUID()}"` }

    const answers = await Promise.all([1, 2, 3].map(async () => answerOf(await bot.ask({ question }, { headers }))))
    const later = await answerOf(await bot.ask({ question }, { headers }))
    const ofAnother = await answerOf(await bot.ask({ question }, { headers, key: apiKeys.grace }))

    expect(new Set([...answers, later].map(({ id }) => id)).size).toBe(1)
    expect(ofAnother.id).not.toBe(later.id)
    expect(agent.turns).toHaveLength(2)
  })

  it('refuses another request under an Idempotency-Key that was used', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = talker()
    parts.use(await startApiWorker(redisUrl, agent))
    const headers = { 'idempotency-key': 'once' }

    await bot.ask({ question }, { headers })
    const response = await bot.ask({ question: 'Something else' }, { headers })

    expect(response.status).toBe(422)
    expect((await errorOf(response)).code).toBe('key-reused')
    expect(agent.turns).toHaveLength(1)
  })

  it('says how many questions of the thread come first, and when the thread is full', async () => {
    const bot = parts.use(await startApiBot(redisUrl, {}, { maxWaitingPerThread: 1 }))
    const headers = { prefer: 'respond-async' }

    const [first, second, third] = [
      await bot.ask({ question, thread: 'q4' }, { headers }),
      await bot.ask({ question: 'and then', thread: 'q4' }, { headers }),
      await bot.ask({ question: 'and then', thread: 'q4' }, { headers }),
    ]

    expect(first.status).toBe(202)
    const queued = await until202(
      () => bot.request(second.headers.get('location') ?? ''),
      ({ ahead }) => ahead === 1,
    )
    expect(queued).toMatchObject({ status: 'queued', ahead: 1 })
    expect(third.status).toBe(429)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await errorOf(third)).toMatchObject({ code: 'thread-full' })
  })

  it('goes on without the caller', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const { agent, started, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))
    const leaving = new AbortController()
    const headers = { 'idempotency-key': 'mine' }

    const left = bot.ask({ question }, { headers, signal: leaving.signal }).catch((error: unknown) => error)
    await started
    leaving.abort()
    end()

    expect(await left).toMatchObject({ name: 'AbortError' })
    expect(await answerOf(await bot.ask({ question }, { headers }))).toMatchObject({ status: 'answered' })
    expect(agent.turns).toHaveLength(1)
  })

  it('lets those who wait go with where to ask again when the process shuts down', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const other = parts.use(await startApiBot(redisUrl))
    const { agent, started, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))

    const asked = bot.ask({ question })
    await started
    await bot.letGo()
    const response = await asked
    end()

    expect(response.status).toBe(202)
    const location = response.headers.get('location') ?? ''
    expect((await other.request(location, { headers: { prefer: 'wait=20' } })).status).toBe(200)
  })
})

/** Asks until the answer is as it should be; what is shown takes a moment to get there. */
async function until202(ask: () => Promise<Response>, isRight: (running: Running) => boolean): Promise<Running> {
  for (;;) {
    const running = await runningOf(await ask())
    if (isRight(running)) return running
  }
}

describe('POST /generate-slides with Accept: text/event-stream', () => {
  const headers = { accept: 'text/event-stream' }

  it('tells progress, first answer, slides and end, whichever process runs the turn', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const [table] = deck.tables
    const [first, second] = deck.slides
    if (!table || !first || !second) throw new Error('The fixture has too little')
    const seen = Promise.withResolvers<void>()
    const agent = scriptedAgent(async (_turn, emit) => {
      const tell: AgentEvent[] = [
        { type: 'turn-start', traceId: 'tr-1', traceUrl: 'http://mlflow/tr-1' },
        { type: 'stage-start', stage: 'tool_execution_loop' },
        { type: 'first-answer', headline: ['AMER leads'], table, facts: [] },
        { type: 'slide', index: 1, total: 2, slide: { ...second, title: ['Two'] } },
      ]
      for (const event of tell) emit(event)
      await seen.promise
      emit({ type: 'deck', deck })
      return { status: 'answered', answer: 'Here.', deck, memory: { transcript: [], deck } }
    })
    parts.use(await startApiWorker(redisUrl, agent))

    const response = await bot.ask({ question, thread: 'q4' }, { headers })
    const events: ServerSentEvent[] = []
    for await (const event of readEvents(response)) {
      events.push(event)
      if (event.event === 'slide') seen.resolve()
    }

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toContain('no-store')
    const names = events.map(({ event }) => event)
    expect(names[0]).toBe('progress')
    expect(names.filter((name) => name === 'first_answer')).toHaveLength(1)
    expect(names.indexOf('slide')).toBeGreaterThan(names.indexOf('first_answer'))
    expect(names.at(-1)).toBe('done')
    expect(events.find(({ event }) => event === 'first_answer')?.data).toMatchObject({
      headline: 'AMER leads',
      columns: table.columns.map(({ type }) => ({ title: expect.any(String), is_number: type === 'number' })),
      more_rows: 0,
    })
    const slides = events.filter(({ event }) => event === 'slide').map(({ data }) => data)
    expect(slides[0]).toMatchObject({ number: 2, total: 2, title: 'Two' })
    expect(new Set(slides.map(({ number }) => number)).size).toBe(deck.slides.length)
    const done = Answer.parse(events.at(-1)?.data)
    expect(done).toMatchObject({ thread: 'q4', status: 'answered', slide_count: deck.slides.length })
    const location = response.headers.get('location') ?? ''
    expect(await answerOf(await bot.request(location))).toMatchObject({ id: done.id, answer: 'Here.' })
  })

  it('keeps a quiet connection alive', async () => {
    const bot = parts.use(await startApiBot(redisUrl, { heartbeatMs: 10 }))
    const { agent, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))

    const events: string[] = []
    for await (const { event } of readEvents(await bot.ask({ question }, { headers }))) {
      events.push(event)
      if (events.filter((name) => name === ':').length === 3) end()
    }

    expect(events.at(-1)).toBe('done')
  })

  it('lets a caller who was cut off follow on, at another process too', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const other = parts.use(await startApiBot(redisUrl))
    const { agent, started, end } = waiting()
    parts.use(await startApiWorker(redisUrl, agent))

    const response = await bot.ask({ question }, { headers })
    await started
    const reading = Array.fromAsync(readEvents(response))
    await bot.letGo()
    const before = await reading
    const location = response.headers.get('location') ?? ''
    const follow = await other.request(location, { headers })
    end()
    const after = await Array.fromAsync(readEvents(follow))

    expect(before.at(-1)?.event).toBe('later')
    expect(Running.parse(before.at(-1)?.data).id).toBe(location.split('/').at(-1))
    expect(after.at(-1)?.event).toBe('done')
    expect(agent.turns).toHaveLength(1)
  })

  it('goes on with the turn in another worker when the first lets it go', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const held = waiting()
    const first = await startApiWorker(redisUrl, held.agent, { shutdownMs: 0 })

    const response = await bot.ask({ question }, { headers })
    await held.started
    const heir = talker()
    parts.use(await startApiWorker(redisUrl, heir))
    await first[Symbol.asyncDispose]()
    const events = await Array.fromAsync(readEvents(response))

    expect(events.filter(({ event }) => event === 'done')).toHaveLength(1)
    expect(events.at(-1)?.data).toMatchObject({ status: 'answered', answer: `You said ${question}` })
    expect(heir.turns).toHaveLength(1)
  })
})

describe('GET and DELETE /generate-slides/{id}', () => {
  it('stops a question that runs, and one that has not begun', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const { agent, started } = waiting()
    parts.use(await startApiWorker(redisUrl, agent, { turnsPerWorker: 1 }))
    const headers = { prefer: 'respond-async' }
    const ask = async (): Promise<string> =>
      (await bot.ask({ question, thread: 'q4' }, { headers })).headers.get('location') ?? ''
    const running = await ask()
    const queued = await ask()
    await started

    await bot.request(queued, { method: 'DELETE', headers })
    const stopped = await bot.request(running, { method: 'DELETE', headers: { prefer: 'wait=20' } })
    const other = await bot.request(queued, { headers: { prefer: 'wait=20' } })

    expect(stopped.status).toBe(200)
    expect(await answerOf(stopped)).toMatchObject({ status: 'stopped', files: {} })
    expect(await answerOf(other)).toMatchObject({ status: 'stopped' })
  })

  it('leaves a question that has ended as it is', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    parts.use(await startApiWorker(redisUrl, deckmaker()))
    const { id } = await answerOf(await bot.ask({ question }))

    const response = await bot.request(`/generate-slides/${id}`, { method: 'DELETE' })

    expect(response.status).toBe(200)
    expect(await answerOf(response)).toMatchObject({ id, status: 'answered', slide_count: deck.slides.length })
  })

  it('shows a question to the key that asked it, and to no other', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    const agent = talker()
    parts.use(await startApiWorker(redisUrl, agent))
    const { id } = await answerOf(await bot.ask({ question }))

    const looks = [
      await bot.request(`/generate-slides/${id}`, { key: apiKeys.grace }),
      await bot.request(`/generate-slides/${id}`, { key: apiKeys.grace, method: 'DELETE' }),
      await bot.request('/generate-slides/api-unknown'),
    ]

    expect(looks.map(({ status }) => status)).toEqual([404, 404, 404])
    const errors = await Promise.all(looks.map(errorOf))
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1)
  })

  it('forgets answers together with their thread', async () => {
    const bot = parts.use(await startApiBot(redisUrl))
    parts.use(await startApiWorker(redisUrl, deckmaker()))
    const headers = { 'idempotency-key': 'once' }
    const { id, files } = await answerOf(await bot.ask({ question, thread: 'q4' }, { headers }))

    const forgetting = await answerOf(await bot.ask({ question: 'forget this thread', thread: 'q4' }))
    const response = await bot.request(`/generate-slides/${id}`)
    const followed = await bot.request(`/generate-slides/${id}`, { headers: { accept: 'text/event-stream' } })

    expect(forgetting).toMatchObject({ status: 'answered', files: {} })
    expect(await answerOf(await bot.request(`/generate-slides/${forgetting.id}`))).toEqual(forgetting)
    const accept = 'text/event-stream'
    const again = [
      await bot.ask({ question, thread: 'q4' }, { headers }),
      await bot.ask({ question, thread: 'q4' }, { headers: { ...headers, accept } }),
    ]
    expect([response, followed, ...again].map(({ status }) => status)).toEqual([410, 410, 410, 410])
    expect((await errorOf(response)).code).toBe('forgotten')
    const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
    const links = createLinks({ redis, key: linkKey, ttlMs: 600_000, baseUrl: () => bot.url, clock: systemClock })
    expect(await links.verify(new URL(files.html ?? ''))).toBeUndefined()
  })
})
