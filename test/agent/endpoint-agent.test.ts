import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEndpointAgent, type EndpointAgentDeps } from '../../src/agent/endpoint-agent.ts'
import type { AgentEvent, Turn, TurnOutcome } from '../../src/agent/events.ts'
import { createCredentials } from '../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../src/lib/databricks/rest.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createServing } from '../../src/mlflow/serving/create-serving.ts'
import { createHtmlRenderer } from '../../src/render/html-renderer.ts'
import { noAnswer, Row, type RowAnswer } from '../../src/served-agent/row.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { startTestServer, type Reply, type TestServer } from '../support/http-server.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { memoryJournal } from '../support/memory-journal.ts'
import { scriptedAgent } from '../support/scripted-agent.ts'

const invocations = 'POST /serving-endpoints/deckhand-dev/invocations'
const endpoint = 'GET /api/2.0/serving-endpoints/deckhand-dev'
const timeoutMs = 120_000
const deck = salesDeck()
const traceUrl = 'http://mlflow.example/#/experiments/1/traces?selectedEvaluationId=tr-7&traceId=tr-7'
const good: RowAnswer = {
  ...noAnswer,
  html: '<!doctype html>',
  slide_count: deck.slides.length,
  trace_url: traceUrl,
  genie_conversation_id: 'conv-1',
  deck: JSON.stringify(deck),
  status: 'answered',
  answer: 'EMEA grows.',
}
const question: Turn = {
  id: 'turn-1',
  question: 'How did sales develop in 2023?',
  spaceId: 'space-1',
  maxSlides: 8,
  formats: ['html'],
  sessionId: 'thread-1',
  userId: 'U1',
  platform: 'slack',
  memory: { transcript: [] },
}

let parts: AsyncDisposableStack
let server: TestServer
let clock: ManualClock
let deps: EndpointAgentDeps
const never = new AbortController().signal

beforeEach(async () => {
  parts = new AsyncDisposableStack()
  server = parts.use(await startTestServer())
  clock = createManualClock(1_700_000_000_000)
  const http = parts.use(createHttpClient())
  const host = server.url
  // The client polls on a clock of its own: the agent's moves only where a test is about waiting.
  const polling = createManualClock(clock.now(), { autoAdvance: true })
  const credentials = createCredentials({ host, http, clock: polling, token: new Secret('dapi-secret') })
  const rest = createDatabricksRest({ host, credentials, http, clock: polling })
  deps = {
    endpoints: createServing({ host, rest, credentials, http, clock: polling }),
    endpointName: 'deckhand-dev',
    timeoutMs,
    renderer: parts.use(createHtmlRenderer({})),
    clock,
    log: silentLogger,
  }
})
afterEach(() => parts.disposeAsync())

const answers = (row: Partial<RowAnswer>): Reply => ({ json: { predictions: [{ ...good, ...row }] } })
const sentRow = (nth = 0): unknown =>
  (server.to(invocations)[nth]?.json as { dataframe_records?: unknown[] } | undefined)?.dataframe_records?.[0]

interface Told {
  readonly events: AgentEvent[]
  readonly outcome: TurnOutcome
}

async function answer(
  turn: Partial<Turn> = {},
  more: Partial<EndpointAgentDeps> = {},
  signal = never,
  journal = memoryJournal(),
): Promise<Told> {
  const events: AgentEvent[] = []
  for await (const event of createEndpointAgent({ ...deps, ...more }).answer({ ...question, ...turn }, signal, journal))
    events.push(event)
  const ends = events.filter((event) => event.type === 'done')
  expect(ends).toHaveLength(1)
  const last = events.at(-1)
  if (last?.type !== 'done') throw new Error('the last event is not done')
  return { events, outcome: last.outcome }
}

const inProcess = () =>
  scriptedAgent((_turn, emit) => {
    emit({ type: 'turn-start', traceId: 'tr-here', traceUrl: '' })
    return { status: 'answered', answer: 'Answered here.' }
  })

/** An endpoint that holds its answer back. `asked` resolves when the question is there. */
function holdBack(): { readonly asked: Promise<void>; readonly release: () => void } {
  const asked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  server.on(invocations, () => {
    asked.resolve()
    return { ...answers({}), after: release.promise }
  })
  return { asked: asked.promise, release: () => release.resolve() }
}

describe('An agent behind an endpoint', () => {
  it('answers with the deck that comes back, and makes the files here', async () => {
    server.on(invocations, answers({}))
    const deckUrl = (version: number): string => `https://bot.example/decks/${version}`

    const { events, outcome } = await answer({ deckUrl })

    expect(sentRow()).toEqual({ question: question.question, max_slides: 8, genie_space_id: 'space-1' })
    expect(Row.safeParse(sentRow()).success).toBe(true)
    expect(events.map(({ type }) => type)).toEqual([
      'turn-start',
      'stage-start',
      'stage-end',
      'deck',
      'stage-start',
      'file',
      'stage-end',
      'done',
    ])
    const [file] = events.flatMap((event) => (event.type === 'file' ? [event.file] : []))
    expect(Buffer.from(file?.bytes ?? []).toString()).toContain('EMEA grows')
    expect(outcome).toMatchObject({
      status: 'answered',
      answer: 'EMEA grows.',
      errorCode: '',
      deck: { id: deck.id, deckUrl: 'https://bot.example/decks/1', provenance: deck.provenance },
      traceId: 'tr-7',
      traceUrl,
      memory: {
        genieConversationId: 'conv-1',
        spaceId: 'space-1',
        transcript: [{ question: question.question, answer: 'EMEA grows.' }],
      },
    })
    expect(outcome.numbers.total).toBe(outcome.numbers.verified + 1)
    expect(outcome.sql).toEqual([...new Set(deck.tables.map(({ sql }) => sql))])
  })

  it('sends the conversation and the deck of the thread with a follow-up', async () => {
    const changed = salesDeck({ version: 2, theme: 'dark' })
    server.on(invocations, [answers({}), answers({ deck: JSON.stringify(changed), answer: 'Dark now.' })])
    const first = await answer()

    const second = await answer({ question: 'Make it dark', memory: first.outcome.memory })

    const row = Row.parse(sentRow(1))
    expect(row).toMatchObject({ question: 'Make it dark', genie_conversation_id: 'conv-1', deck: { id: deck.id } })
    expect(second.outcome.deck?.version).toBe(2)
    expect(second.outcome.askedGenie).toEqual([])
    expect(second.outcome.memory).toMatchObject({ theme: 'dark', deck: { version: 2 } })
    expect(second.outcome.memory.transcript.map((said) => said.answer)).toEqual(['EMEA grows.', 'Dark now.'])
  })

  it('keeps a conversation to the space it is in', async () => {
    server.on(invocations, answers({}))

    await answer({ memory: { transcript: [], genieConversationId: 'conv-1', spaceId: 'another' } })

    expect(sentRow()).not.toHaveProperty('genie_conversation_id')
  })

  it('keeps the thread’s deck when the answer is in words', async () => {
    server.on(invocations, answers({ html: '', slide_count: 0, status: 'clarify', answer: 'Which year?' }))

    const { events, outcome } = await answer({ memory: { transcript: [], deck } })

    expect(events.map(({ type }) => type)).not.toContain('deck')
    expect(outcome).toMatchObject({ status: 'clarify', answer: 'Which year?', memory: { deck: { id: deck.id } } })
    expect(outcome.deck).toBeUndefined()
  })

  it('fails in the words of the row’s error, and asks nobody else', async () => {
    const error = 'You may not see this space. Please ask its owner.'
    server.on(invocations, answers({ html: '', deck: '', status: 'failed', error }))
    const fallback = inProcess()

    const { outcome } = await answer({ memory: { transcript: [], deck } }, { fallback })

    expect(outcome).toMatchObject({
      status: 'failed',
      answer: error,
      errorCode: 'deployed-turn-failed',
      traceId: 'tr-7',
      memory: { deck: { id: deck.id } },
    })
    expect(fallback.turns).toEqual([])
  })

  it('says that the endpoint wakes up, and waits for it', async () => {
    server.on(endpoint, {
      json: { name: 'deckhand-dev', state: { ready: 'NOT_READY', config_update: 'NOT_UPDATING' } },
    })
    server.on(invocations, [{ status: 503, json: { message: 'scaling from zero' } }, answers({})])

    const { events, outcome } = await answer()

    expect(events).toContainEqual({ type: 'query-status', number: 1, status: 'ENDPOINT_WAKES_UP' })
    expect(outcome.status).toBe('answered')
    expect(server.to(invocations)).toHaveLength(2)
  })

  it('says that it waits when the answer takes long', async () => {
    const held = holdBack()
    const answering = answer()
    await held.asked
    await clock.advance(20_000)
    held.release()

    const { events, outcome } = await answering

    expect(events.filter(({ type }) => type === 'query-status')).toEqual([
      { type: 'query-status', number: 1, status: 'WAITING_FOR_ENDPOINT' },
    ])
    expect(outcome).toMatchObject({ status: 'answered', timingsMs: { total: 20_000 } })
  })

  it('fails when the time is up and there is nobody else', async () => {
    const held = holdBack()
    const answering = answer()
    await held.asked
    await clock.advance(timeoutMs)

    const { outcome } = await answering
    held.release()

    expect(outcome).toMatchObject({ status: 'failed', errorCode: 'timeout', memory: { transcript: [] } })
    expect(outcome.answer).toContain('did not answer in time')
  })

  it('is answered in this process when the time is up', async () => {
    const held = holdBack()
    const fallback = inProcess()
    const answering = answer({}, { fallback })
    await held.asked
    await clock.advance(timeoutMs)

    const { events, outcome } = await answering
    held.release()

    expect(outcome).toMatchObject({ status: 'answered', answer: 'Answered here.' })
    expect(events).toContainEqual({ type: 'stage-end', stage: 'tool_execution_loop', ok: false })
    expect(fallback.turns).toMatchObject([{ id: 'turn-1' }])
  })

  it.each<[string, Reply]>([
    ['fails on the question', { status: 500, json: { message: 'worker died' } }],
    ['is not there', { status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no such endpoint' } }],
    ['breaks the connection', { destroy: 'before' }],
    ['answers no row', { json: { predictions: [] } }],
    ['answers other columns', { json: { predictions: [{ text: 'hello' }] } }],
    ['answers a deck that is none', answers({ deck: '{"slides": 3}' })],
    ['was stopped by its own time', answers({ html: '', deck: '', status: 'stopped', error: 'Stopped.' })],
  ])('is answered in this process when the endpoint %s', async (_what, reply) => {
    server.on(endpoint, { status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no such endpoint' } })
    server.on(invocations, reply)
    const warnings: object[] = []
    const log = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) }

    const without = await answer()
    const withFallback = await answer({}, { fallback: inProcess(), log })

    expect(without.outcome).toMatchObject({ status: 'failed', answer: expect.stringMatching(/^(The|Cannot|We) /) })
    expect(without.outcome.errorCode).not.toBe('internal')
    expect(withFallback.outcome.answer).toBe('Answered here.')
    expect(warnings).toMatchObject([{ turn: 'turn-1', error: expect.stringContaining('ServingError') }])
  })

  it('stops when told to, and asks nobody else', async () => {
    const held = holdBack()
    const fallback = inProcess()
    const stop = new AbortController()
    const answering = answer({}, { fallback }, stop.signal)
    await held.asked
    stop.abort(new DOMException('stopped by the person', 'AbortError'))

    const { outcome } = await answering
    held.release()

    expect(outcome).toMatchObject({ status: 'stopped', errorCode: 'stopped', answer: 'Stopped. Nothing was changed.' })
    expect(fallback.turns).toEqual([])
  })

  it('does not ask again for a turn that is taken over', async () => {
    server.on(invocations, answers({}))
    const journal = memoryJournal()

    await answer({}, {}, never, journal)
    const again = await answer({ attempt: 2 }, {}, never, journal)

    expect(server.to(invocations)).toHaveLength(1)
    expect(again.outcome).toMatchObject({ status: 'answered', deck: { id: deck.id } })
  })
})
