import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import type { AgentEvent, Turn, TurnOutcome } from '../../src/agent/events.ts'
import type { ChatCompletion, ChatModel } from '../../src/agent/chat-model/chat-model.ts'
import type { Journal } from '../../src/agent/journal.ts'
import { journalChatModel } from '../../src/agent/journaled-chat-model.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'
import { memoryJournal } from '../support/memory-journal.ts'

const today = '2026-11-23'
let warehouse: Warehouse
let deckhand: TestDeckhand

beforeAll(async () => {
  warehouse = await createWarehouse({ today })
  deckhand = await startDeckhand({ warehouse, today })
}, 60_000)

afterEach(() => deckhand.workspace.faults.clear())

afterAll(async () => {
  await deckhand?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

function turnOf(question: string): Turn {
  return {
    id: 'turn-1',
    question,
    spaceId: deckhand.settings.genie.defaultSpaceId,
    maxSlides: 4,
    formats: ['html'],
    sessionId: 's',
    userId: 'u',
    platform: 'api',
    memory: { transcript: [] },
    askedAt: Date.parse('2026-11-20T10:00:00Z'),
  }
}

async function run(
  turn: Turn,
  journal: Journal,
  until?: (event: AgentEvent) => boolean,
): Promise<TurnOutcome | undefined> {
  for await (const event of deckhand.app.shell.agent.answer(turn, new AbortController().signal, journal)) {
    if (event.type === 'done') return event.outcome
    if (until?.(event)) return undefined
  }
  return undefined
}

const isQuestion = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && /start-conversation$|\/messages$/.test(path)
const isModelCall = ({ path }: { path: string }): boolean => path.endsWith('/invocations')

function countSince(start: number): { questions: number; modelCalls: number; all: number } {
  const requests = deckhand.workspace.requests.slice(start)
  return {
    questions: requests.filter(isQuestion).length,
    modelCalls: requests.filter(isModelCall).length,
    all: requests.length,
  }
}

describe('Agent.answer with a journal', () => {
  it('asks neither Genie nor the model again in a second run, and comes to the same deck', async () => {
    const journal = memoryJournal()
    const turn = turnOf('Revenue by region in 2023')
    const start = deckhand.workspace.requests.length

    const first = await run(turn, journal)
    const between = deckhand.workspace.requests.length
    const second = await run(turn, journal)

    expect(countSince(start).questions).toBe(1)
    expect(countSince(between)).toMatchObject({ questions: 0, modelCalls: 0 })
    expect(second?.deck?.slides).toEqual(first?.deck?.slides)
    expect(second?.deck?.tables).toEqual(first?.deck?.tables)
    expect(second?.answer).toBe(first?.answer)
    expect(second?.usage).toEqual(first?.usage)
  })

  it('goes on waiting for a question that Genie had taken when the first run ended', async () => {
    const journal = memoryJournal()
    const turn = turnOf('Revenue by segment in 2024')
    const start = deckhand.workspace.requests.length

    await run(turn, journal, (event) => event.type === 'query-status')
    const questionsBefore = countSince(start).questions
    const outcome = await run(turn, journal)

    expect(questionsBefore).toBe(1)
    expect(countSince(start).questions).toBe(1)
    expect(outcome?.status).toBe('answered')
  })

  it('finds a follow-up that Genie took although nobody heard so', async () => {
    const first = await run(turnOf('Revenue by region in 2024'), memoryJournal())
    if (!first) throw new Error('the first turn ends')
    const followUp = { ...turnOf('only EMEA'), memory: first.memory }
    const journal = memoryJournal()
    // The process dies between the sending and the noting of what it was told.
    const dying: Journal = {
      get: (step) => journal.get(step),
      put: (step, value) =>
        step.startsWith('genie:') && JSON.stringify(value).includes('messageId')
          ? Promise.reject(new Error('killed here'))
          : journal.put(step, value),
    }
    const start = deckhand.workspace.requests.length

    await run(followUp, dying)
    const outcome = await run(followUp, journal)

    expect(countSince(start).questions).toBe(1)
    expect(outcome?.status).toBe('answered')
    expect(outcome?.sql[0]).toContain('EMEA')
  })

  it('ends when the journal says that the turn is another’s now, before anything else is asked', async () => {
    const lost = new Error('the turn is another’s now')
    const journal: Journal = { get: async () => undefined, put: () => Promise.reject(lost) }
    const start = deckhand.workspace.requests.length

    const outcome = await run(turnOf('Revenue by region in 2022'), journal)

    expect(outcome?.status).toBe('failed')
    expect(countSince(start).questions).toBeLessThanOrEqual(1)
    expect(countSince(start).modelCalls).toBeLessThanOrEqual(1)
  })
})

describe('journalChatModel', () => {
  it('tells equal requests apart by their order, in each run alike', async () => {
    let calls = 0
    const model: ChatModel = {
      name: 'm',
      async complete(): Promise<ChatCompletion> {
        const text = String((calls += 1))
        return { text, toolCalls: [], finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 1 }, model: 'm' }
      },
    }
    const journal = memoryJournal()
    const request = { messages: [{ role: 'user', content: 'Throw a die' }] } as const
    const { signal } = new AbortController()

    const answers = []
    for (let again = 0; again < 2; again += 1) {
      const journaled = journalChatModel(model, journal)
      answers.push((await journaled.complete(request, signal)).text, (await journaled.complete(request, signal)).text)
    }

    expect(answers).toEqual(['1', '2', '1', '2'])
    expect(calls).toBe(2)
  })
})
