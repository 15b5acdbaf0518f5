import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { sandboxSpaceIds } from '../../sandbox/databricks/contract.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import { exitCodeOf } from '../../src/bot/shell/report.ts'
import { mlflowUrl } from '../support/parts.ts'
import { pdfPages, startDeckhand, type TestDeckhand } from '../support/deckhand.ts'

const today = '2026-11-23'
let warehouse: Warehouse
let deckhand: TestDeckhand

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today })
  deckhand = await startDeckhand({ warehouse, today })
}, 60_000)

afterEach(() => deckhand.workspace.faults.clear())

afterAll(async () => {
  await deckhand?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

const Traced = z.object({
  trace: z.object({
    trace_info: z.object({ state: z.string(), trace_metadata: z.record(z.string(), z.string()) }),
    spans: z.array(
      z.object({
        span_id: z.string(),
        parent_span_id: z.string().nullish(),
        name: z.string(),
        attributes: z.array(z.object({ key: z.string(), value: z.object({ string_value: z.string().optional() }) })),
      }),
    ),
  }),
})

async function readTrace(traceId: string): Promise<z.infer<typeof Traced>['trace']> {
  const url = `${inject('mlflowUrl')}/api/3.0/mlflow/traces/get?trace_id=${traceId}&allow_partial=true`
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return Traced.parse(await response.json()).trace
}

/** The tree of span names, children in order of their names, as indented lines. */
function treeOf(spans: z.infer<typeof Traced>['trace']['spans'], parent: string | null = null, depth = 0): string[] {
  return spans
    .filter((span) => (span.parent_span_id || null) === parent)
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...treeOf(spans, span.span_id, depth + 1)])
}

function genieQuestions(): string[] {
  return deckhand.workspace.requests
    .filter((request) => request.method === 'POST' && /(start-conversation|\/messages)$/.test(request.path))
    .map((request) => String((request.body as { content: unknown }).content))
}

describe('deckhand ask', () => {
  it('turns a question into a deck whose files, pages and numbers fit, and a trace of the promised shape', async () => {
    const events: AgentEvent[] = []

    const result = await deckhand.ask('What were Q4 2023 sales by region?', {
      formats: 'html,pdf,png,thumbnail,overview,pptx,xlsx,csv',
      onEvent: (event) => events.push(event),
    })

    expect(result.status).toBe('answered')
    expect(exitCodeOf(result)).toBe(0)
    expect(result.slide_count).toBeGreaterThan(1)
    expect(result.files.png).toHaveLength(result.slide_count)
    expect(result.files.thumbnail).toHaveLength(result.slide_count)
    expect(result.files).toMatchObject({
      overview: 'overview.png',
      pptx: 'deck.pptx',
      xlsx: 'deck.xlsx',
      csv: ['T1.csv'],
    })
    for (const file of Object.values(result.files).flat()) {
      expect(existsSync(join(result.out, file))).toBe(true)
    }
    const pages = await pdfPages(readFileSync(join(result.out, result.files.pdf ?? '')))
    expect(pages).toHaveLength(result.slide_count)
    expect(pages.join('\n')).toContain('EMEA')
    expect(result.numbers.total).toBeGreaterThan(5)
    expect(result.numbers.verified).toBe(result.numbers.total)
    expect(result.sql).toHaveLength(1)
    expect(result.genie_conversation_id).toMatch(/^[0-9a-f]{32}$/)
    const kinds = events.map((event) => event.type)
    expect(kinds.indexOf('first-answer')).toBeLessThan(kinds.indexOf('slide'))
    expect(kinds.at(-1)).toBe('done')

    await deckhand.flush()
    const trace = await readTrace(result.trace_id)
    const slides = Array.from({ length: result.slide_count }, () => '    call_llm')
    expect(treeOf(trace.spans)).toEqual([
      'agent_orchestration',
      '  html_generation',
      ...slides,
      '  intent_analysis',
      '    call_llm',
      '  narrative_construction',
      '    call_llm',
      '  render',
      '  tool_execution_loop',
      '    tool_call_1_query_genie',
      '    tool_synthesis',
      '      call_llm',
    ])
    expect(trace.trace_info.state).toBe('OK')
    expect(trace.trace_info.trace_metadata['mlflow.sourceRun']).toBe(result.run_id)
    const tokens = JSON.parse(trace.trace_info.trace_metadata['mlflow.trace.tokenUsage'] ?? '{}') as Record<
      string,
      number
    >
    expect(tokens).toMatchObject({ input_tokens: result.tokens.input, output_tokens: result.tokens.output })
  })

  it('continues the conversation and the Genie thread under the same name', async () => {
    const thread = `follow-up-${Date.now()}`
    const first = await deckhand.ask('Revenue by region in 2023', { thread })

    const second = await deckhand.ask('only EMEA', { thread })

    expect(second.status).toBe('answered')
    expect(second.genie_conversation_id).toBe(first.genie_conversation_id)
    expect(second.sql[0]).toContain('EMEA')
    expect(second.sql[0]).toContain('2023')
    expect(second.slide_count).toBe(1)
  })

  it('passes a question back to the person and makes no deck', async () => {
    const result = await deckhand.ask('Show me how we are performing please')

    expect(result.status).toBe('clarify')
    expect(result.answer).toMatch(/\?/)
    expect(result.slide_count).toBe(0)
    expect(result.files).toEqual({})
    expect(exitCodeOf(result)).toBe(0)
  })

  it('says that no data matches instead of inventing a deck', async () => {
    const result = await deckhand.ask('Revenue by region in 2031')

    expect(result.status).toBe('answered')
    expect(result.answer).toContain('No data matches')
    expect(result.slide_count).toBe(0)
  })

  it('tells what went wrong when Genie fails, without the vendor’s words', async () => {
    deckhand.workspace.faults.add({
      on: 'genie.ask',
      fault: {
        kind: 'message-failed',
        type: 'SQL_EXECUTION_EXCEPTION',
        error: '[INSUFFICIENT_PERMISSIONS] table secret_x',
      },
    })

    const result = await deckhand.ask('Revenue by country in 2022')

    expect(result.status).toBe('failed')
    expect(exitCodeOf(result)).toBe(1)
    expect(result.answer).not.toContain('secret_x')
    expect(result.answer).toMatch(/permission|access|allowed/i)
    await deckhand.flush()
    expect((await readTrace(result.trace_id)).trace_info.state).toBe('ERROR')
  })

  it.each([
    ['a space the caller may not use', sandboxSpaceIds.finance],
    ['a space that does not exist', '01f000000000000000000000000000ff'],
  ])('fails with one clear sentence for %s', async (_what, space) => {
    const result = await deckhand.ask('Revenue by region in 2023', { space })

    expect(result.status).toBe('failed')
    expect(result.answer).toMatch(/space/i)
    expect(result.answer).not.toMatch(/404|RESOURCE|\{/)
  })

  it('refuses what is not its business and does not spend a Genie question on a greeting', async () => {
    const before = genieQuestions().length

    const poem = await deckhand.ask('poem please')
    const hello = await deckhand.ask('Hello!')

    expect(poem.status).toBe('refused')
    expect(exitCodeOf(poem)).toBe(1)
    expect(hello.status).toBe('answered')
    expect(genieQuestions()).toHaveLength(before)
  })

  it('stops cleanly when cancelled while Genie works: no files, nothing remembered', async () => {
    const thread = `cancel-${Date.now()}`
    deckhand.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    const cancel = new AbortController()

    const result = await deckhand.ask('Revenue by product in 2023', {
      thread,
      signal: cancel.signal,
      out: join(deckhand.dir, 'cancelled'),
      onEvent: (event) => {
        if (event.type === 'query-status') cancel.abort(new DOMException('Cancelled', 'AbortError'))
      },
    })

    expect(result.status).toBe('stopped')
    expect(exitCodeOf(result)).toBe(130)
    expect(readdirSync(join(deckhand.dir, 'cancelled'))).toEqual([])
    const next = await deckhand.ask('only EMEA', { thread })
    expect(next.status).not.toBe('failed')
  })

  it('changes the deck by words without asking Genie, and leaves other slides as they are', async () => {
    const thread = `refine-${Date.now()}`
    const decks: Extract<AgentEvent, { type: 'deck' }>[] = []
    const onEvent = (event: AgentEvent): void => {
      if (event.type === 'deck') decks.push(event)
    }
    await deckhand.ask('Revenue by month in 2023', { thread, onEvent })
    const before = genieQuestions().length

    const result = await deckhand.ask('drop the last slide and make the theme dark', { thread, onEvent })

    expect(result.status).toBe('answered')
    expect(genieQuestions()).toHaveLength(before)
    const [first, second] = decks.map((event) => event.deck)
    expect(second?.slides).toEqual(first?.slides.slice(0, -1))
    expect(second).toMatchObject({ theme: 'dark', version: 2 })
  })

  it('answers all the same when MLflow is down, and keeps the trace on disk', async () => {
    await using cutOff = await startDeckhand({
      warehouse,
      today,
      env: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' },
    })

    const result = await cutOff.ask('Total revenue in 2023')

    expect(result.status).toBe('answered')
    expect(result.slide_count).toBe(1)
    expect(result.run_id).toBe('')
    const kept = readdirSync(join(cutOff.dir, 'spool'), { recursive: true }).map(String)
    expect(kept.some((name) => name.includes(result.trace_id))).toBe(true)
  })

  it('gives one number one slide', async () => {
    const result = await deckhand.ask('How many orders were there in 2022?')

    expect(result.slide_count).toBe(1)
    expect(result.numbers.verified).toBe(result.numbers.total)
  })
})
