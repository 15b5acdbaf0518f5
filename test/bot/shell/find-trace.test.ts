import { describe, expect, it } from 'vitest'
import { findTrace } from '../../../src/bot/shell/find-trace.ts'
import type { FoundTrace } from '../../../src/mlflow/trace-search.ts'

const turnId = 'slack-T1-C1-1700000000.000100'
const asked = 1_700_000_000_000

function aTrace(id: string, more: Partial<FoundTrace>): FoundTrace {
  return {
    traceId: `tr-${id.repeat(32)}`,
    experimentId: '1',
    sessionId: 'slack.T1.C1.1700000000%2E000100',
    userId: 'U1',
    runId: '',
    question: 'Revenue by region',
    response: '',
    state: 'OK',
    startedAt: asked,
    durationMs: 1000,
    tokens: 0,
    costUsd: 0,
    tags: { turn_id: turnId },
    ...more,
  }
}

/** MLflow with these traces, all of one thread; a search by tag finds none. */
function recordsOf(newestFirst: readonly FoundTrace[]): Parameters<typeof findTrace>[1] {
  return {
    experiment: async () => ({ id: '1' }),
    traces: {
      get: async () => aTrace('0', {}),
      find: async (_experiment, { tags }) => (tags ? [] : newestFirst),
    },
    assessments: {
      list: async () => ({ feedback: [], expectations: [] }),
      put: async () => {},
      putAll: async () => {},
    },
    links: { trace: () => '', run: () => '' },
  }
}

describe('a trace by the link of a reply', () => {
  it('is the last of its turn, where another worker had to take the turn over', async () => {
    const records = recordsOf([
      aTrace('c', { startedAt: asked + 60_000, tags: { turn_id: 'slack-T1-C1-1700000060.000100' } }),
      aTrace('b', { startedAt: asked + 20_000 }),
      aTrace('a', { startedAt: asked, state: 'ERROR' }),
    ])

    const found = await findTrace(
      'https://acme.slack.com/archives/C1/p1700000001000100?thread_ts=1700000000.000100',
      records,
      AbortSignal.timeout(1000),
    )

    expect(found).toMatchObject({ trace_id: `tr-${'b'.repeat(32)}`, state: 'OK', other_turns_in_thread: 2 })
  })

  it.each([
    ['1700000001.000100', 'a'],
    ['1700000003.000100', 'b'],
    ['1700000030.000100', 'c'],
  ])('is that of the question before it, also of turns that waited in line or came quickly: %s', async (ts, id) => {
    const records = recordsOf([
      aTrace('c', { startedAt: asked + 31_000, tags: { turn_id: `${turnId}-again` } }), // by a button
      aTrace('b', { startedAt: asked + 20_000, tags: { turn_id: 'slack-T1-C1-1700000002.000100' } }),
      aTrace('a', { startedAt: asked + 300 }),
    ])

    const found = await findTrace(
      `https://acme.slack.com/archives/C1/p${ts.replace('.', '')}?thread_ts=1700000000.000100`,
      records,
      AbortSignal.timeout(1000),
    )

    expect(found.trace_id).toBe(`tr-${id.repeat(32)}`)
  })
})
