import { describe, expect, it } from 'vitest'
import type { AgentEvent, TurnOutcome } from '../../src/agent/events.ts'
import { Reply } from '../../src/bot/reply.ts'
import { advanceReply, beginReply, endReply, withPicture } from '../../src/bot/reply-view.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { messageIn, newThread } from '../support/mailbox.ts'

const deck = salesDeck()
const begun = beginReply(messageIn(newThread(), { text: 'Revenue?' }), 0)

function after(...events: AgentEvent[]): Reply {
  return events.reduce((reply, event) => advanceReply(reply, event, 'en'), begun)
}

const stepsOf = (reply: Reply): string[] =>
  reply.steps.map(({ title, state, detail }) => [state, title, detail].filter(Boolean).join(' | '))

function outcome(more: Partial<TurnOutcome> = {}): TurnOutcome {
  return {
    status: 'answered',
    answer: 'Revenue grew.',
    errorCode: '',
    numbers: { total: 3, verified: 2 },
    sql: ['SELECT 1'],
    suggestions: ['And by month?'],
    memory: { transcript: [] },
    traceId: 'tr-1',
    traceUrl: 'http://mlflow/tr-1',
    runId: Promise.resolve('run-1'),
    usage: { inputTokens: 10, outputTokens: 5, costUsd: 0.01 },
    timingsMs: { firstAnswer: 1, deck: 2, total: 3 },
    ...more,
  }
}

describe('beginReply', () => {
  it('tells the place in the queue, and the plan', () => {
    const queued = beginReply(messageIn(newThread()), 2)

    expect(Reply.parse(queued)).toEqual(queued)
    expect(queued).toMatchObject({ phase: 'queued', ahead: 2 })
    expect(stepsOf(queued)).toEqual([
      'pending | Reading the question',
      'pending | Asking Genie',
      'pending | Planning the deck',
      'pending | Writing slides',
      'pending | Making the files',
    ])
  })
})

describe('advanceReply', () => {
  it('shows what is being done, in a person’s words and order', () => {
    const reply = after(
      { type: 'turn-start', traceId: 'tr-1', traceUrl: 'http://mlflow/tr-1' },
      { type: 'stage-start', stage: 'intent_analysis' },
      { type: 'stage-start', stage: 'tool_execution_loop' },
      { type: 'query-start', number: 1, query: 'Revenue by region' },
      { type: 'query-status', number: 1, status: 'WAITING_FOR_RATE_LIMIT', waitMs: 12_300 },
      { type: 'stage-end', stage: 'intent_analysis', ok: true },
      { type: 'stage-start', stage: 'tool_synthesis' },
    )

    expect(reply.traceUrl).toBe('http://mlflow/tr-1')
    expect(stepsOf(reply)).toEqual([
      'done | Reading the question',
      'running | Asking Genie | others are asking too, waiting 13 s',
      'running | Summing up',
      'pending | Planning the deck',
      'pending | Writing slides',
      'pending | Making the files',
    ])
  })

  it('shows the first answer with formatted cells, and how many rows there are beside them', () => {
    const [table] = deck.tables
    if (!table) throw new Error('the fixture has a table')
    const rows = Array.from({ length: 25 }, (_, index) => table.rows[index % table.rows.length] ?? [])

    const reply = after({
      type: 'first-answer',
      headline: ['Revenue was ', { fact: deck.facts[0]?.id ?? '' }],
      table: { ...table, rows },
      facts: deck.facts,
    })

    expect(reply.firstAnswer).toMatchObject({ moreRows: 15 })
    expect(reply.firstAnswer?.headline).toMatch(/^Revenue was \S/)
    expect(reply.firstAnswer?.rows).toHaveLength(10)
    expect(reply.firstAnswer?.rows[0]).toHaveLength(table.columns.length)
    expect(reply.firstAnswer?.columns.map(({ title }) => title)).toEqual(['Region', 'Revenue', 'Orders', 'Return rate'])
  })

  it('collects slides in any order, and keeps a picture with its slide when the deck is finished', () => {
    const [first, second] = deck.slides
    if (!first || !second) throw new Error('the fixture has slides')

    const drawn = withPicture(
      after({ type: 'slide', index: 1, total: 5, slide: second }, { type: 'slide', index: 0, total: 5, slide: first }),
      1,
      'F2',
    )
    const finished = advanceReply(drawn, { type: 'deck', deck }, 'en')

    expect(drawn.slides.map(({ index, picture }) => [index, picture])).toEqual([
      [0, ''],
      [1, 'F2'],
    ])
    expect(drawn.slideCount).toBe(5)
    expect(finished.slides).toHaveLength(deck.slides.length)
    expect(finished.slides[1]).toMatchObject({ id: second.id, picture: 'F2' })
    expect(finished.slides.every(({ title }) => title !== '')).toBe(true)
  })

  it('is the same reply where an event shows nothing', () => {
    expect(advanceReply(begun, { type: 'done', outcome: outcome() }, 'en')).toBe(begun)
  })
})

describe('endReply', () => {
  it('says everything about the end, and drops steps that were never begun', () => {
    const reply = after(
      { type: 'stage-start', stage: 'intent_analysis' },
      { type: 'stage-end', stage: 'intent_analysis', ok: true },
      { type: 'stage-start', stage: 'tool_execution_loop' },
    )

    const ended = endReply(reply, outcome({ deck }), {
      runId: 'run-1',
      deck: { value: deck, key: 'k', links: { pdf: 'https://l/deck.pdf' } },
    })

    expect(Reply.parse(ended)).toEqual(ended)
    expect(stepsOf(ended)).toEqual(['done | Reading the question', 'failed | Asking Genie'])
    expect(ended.result).toMatchObject({
      readings: [...new Set(deck.tables.map(({ title }) => title))],
      provenance: deck.provenance,
      runId: 'run-1',
      traceId: 'tr-1',
      deck: { key: 'k', version: deck.version, links: { pdf: 'https://l/deck.pdf' } },
    })
  })

  it('tells readings only of queries that this turn has run', () => {
    const ended = endReply(begun, outcome({ deck, sql: [] }), { runId: '' })

    expect(ended.result?.readings).toEqual([])
    expect(ended.result?.deck).toBeUndefined()
  })
})
