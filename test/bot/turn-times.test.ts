import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/agent/events.ts'
import { createTurnTimes } from '../../src/bot/turn-times.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { createManualClock } from '../support/manual-clock.ts'

/** Plays events at their milliseconds from the start. → what the metrics are told */
async function play(...timeline: readonly (readonly [at: number, event: AgentEvent])[]): Promise<string[]> {
  const clock = createManualClock(10_000)
  const told: string[] = []
  const observe = createTurnTimes(
    { platform: 'slack', sentAt: 9500 },
    {
      clock,
      metrics: {
        count() {},
        observe: (name, ms, labels) => void told.push([name, ms, ...Object.values(labels ?? {})].join(' ')),
      },
    },
  )
  for (const [at, event] of timeline) {
    await clock.advance(10_000 + at - clock.now())
    observe(event)
  }
  return told
}

const start = (number: number): AgentEvent => ({ type: 'query-start', number, query: 'Revenue?' })
const end = (number: number): AgentEvent => ({ type: 'query-end', number, rowCount: 1 })
const status = (number: number, word: string, waitMs?: number): AgentEvent => ({
  type: 'query-status',
  number,
  status: word,
  ...(waitMs === undefined ? {} : { waitMs }),
})

describe('The times of a turn', () => {
  it('tell how long Genie took, and how long it was waited for apart', async () => {
    const told = await play(
      [0, start(1)],
      [10, status(1, 'WAITING_FOR_RATE_LIMIT', 4000)],
      [4300, status(1, 'EXECUTING_QUERY')],
      [5000, status(1, 'COMPLETED')],
      [5100, end(1)],
    )

    expect(told).toEqual(['genie_wait_ms 4000', 'genie_ms 1100'])
  })

  it('keep questions that are asked side by side apart', async () => {
    const told = await play(
      [0, start(1)],
      [100, start(2)],
      [200, status(2, 'COMPLETED')],
      [300, end(2)],
      [900, status(1, 'COMPLETED')],
      [1000, end(1)],
    )

    expect(told).toEqual(['genie_wait_ms 0', 'genie_ms 200', 'genie_wait_ms 0', 'genie_ms 1000'])
  })

  it('leave out what was known from before the turn was taken over', async () => {
    expect(await play([0, start(1)], [0, end(1)])).toEqual([])
  })

  it('count the first answer from the moment the person asked', async () => {
    const deck = salesDeck()
    const table = deck.tables[0]
    if (!table) throw new Error('The deck has no table')

    expect(await play([250, { type: 'first-answer', headline: [], table, facts: [] }])).toEqual([
      'first_answer_ms 750 slack',
    ])
  })

  it('tell how long files took that were made, and nothing of those that failed', async () => {
    const told = await play(
      [0, { type: 'stage-start', stage: 'render' }],
      [80, { type: 'stage-end', stage: 'render', ok: true }],
      [90, { type: 'stage-start', stage: 'render' }],
      [99, { type: 'stage-end', stage: 'render', ok: false }],
    )

    expect(told).toEqual(['render_ms 80 turn'])
  })
})
