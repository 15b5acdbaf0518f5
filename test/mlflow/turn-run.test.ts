import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { sandboxSpaceIds } from '../../sandbox/databricks/contract.ts'
import type { AskResult } from '../../src/bot/shell/ask.ts'
import { Deck } from '../../src/render/deck.ts'
import { pdfPages, startDeckhand, type TestDeckhand } from '../support/deckhand.ts'
import { mlflowUrl } from '../support/parts.ts'
import { readFrom, type RealServer } from './real-server.ts'

const today = '2026-11-23'
const question = 'Revenue by region in 2023'

let warehouse: Warehouse
let mlflow: RealServer

beforeAll(async () => {
  mlflow = readFrom(await mlflowUrl())
  warehouse = await createWarehouse({ today })
}, 60_000)

afterAll(async () => {
  await warehouse?.[Symbol.asyncDispose]()
})

describe('the run of a turn', () => {
  let deckhand: TestDeckhand
  let result: AskResult

  beforeAll(async () => {
    deckhand = await startDeckhand({ warehouse, today, env: { MLFLOW_EXPERIMENT_NAME: `/Tests/runs-${Date.now()}` } })
    result = await deckhand.ask(question, { formats: 'html,pdf,png,pptx', maxSlides: '6' })
    await deckhand.flush()
  }, 60_000)

  afterAll(async () => {
    await deckhand?.[Symbol.asyncDispose]()
  })

  it('says what was asked, and with which settings', async () => {
    const { name, status, params, tags } = await mlflow.run(result.run_id)

    expect(name).toMatch(/^slide-gen-[a-z]+-\d{8}T\d{6}Z-[0-9a-f]{8}$/)
    expect(status).toBe('FINISHED')
    expect(params).toEqual({
      question,
      max_slides: '6',
      genie_space_id: sandboxSpaceIds.sales,
      model_endpoint: deckhand.settings.llm.endpoint,
      temperature: '0.2',
      databricks_host: deckhand.settings.databricks.host,
      config_version: expect.stringMatching(/^[0-9a-f]{12}$/),
      prompt_version: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    expect(tags).toMatchObject({
      environment: deckhand.settings.environment,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      model_type: 'slide_agent',
      framework: 'deckhand',
      deployment_target: 'host',
      platform: 'cli',
      thread: expect.stringContaining('cli'),
      status: 'answered',
    })
  })

  it('measures the turn, and agrees with what the person was told', async () => {
    const { metrics } = await mlflow.run(result.run_id)

    expect(metrics).toMatchObject({
      success: 1,
      slide_count: result.slide_count,
      numbers_verified: result.numbers.verified,
      numbers_unverified: result.numbers.total - result.numbers.verified,
      tool_calls_count: result.sql.length,
      tool_iterations: 1,
      input_tokens: result.tokens.input,
      output_tokens: result.tokens.output,
      total_tokens: result.tokens.input + result.tokens.output,
      retries: 0,
      genie_row_count: 4,
    })
    expect(metrics['total_cost_usd']).toBeCloseTo(result.cost_usd, 9)
    expect(metrics['total_cost_usd']).toBeCloseTo(
      (metrics['input_cost_usd'] ?? 0) + (metrics['output_cost_usd'] ?? 0),
      9,
    )
    const { execution_time_seconds: total = 0, render_seconds: render = 0, ...times } = metrics
    expect(render).toBeGreaterThan(0)
    expect(total).toBeGreaterThan(render)
    expect(times['time_to_first_answer_seconds']).toBeGreaterThan(0)
    expect(times['time_to_first_answer_seconds']).toBeLessThan(total)
    expect(times['genie_execution_seconds']).toBeGreaterThan(0)
    expect(times['queue_wait_seconds']).toBeGreaterThanOrEqual(0)
  })

  it('has a step for each model call, whose tokens add up to those of the turn', async () => {
    const calls = await mlflow.metricHistory(result.run_id, 'call_llm_total_tokens')
    const latencies = await mlflow.metricHistory(result.run_id, 'call_llm_latency_seconds')

    expect(calls.length).toBeGreaterThan(3)
    expect(calls.map(({ step }) => step)).toEqual(calls.map((_, index) => index + 1))
    expect(latencies).toHaveLength(calls.length)
    expect(calls.reduce((sum, { value }) => sum + value, 0)).toBe(result.tokens.input + result.tokens.output)
  })

  it('keeps what each stage found, and the files as the person got them', async () => {
    const paths = await mlflow.artifacts(result.run_id)
    const text = async (path: string): Promise<string> =>
      Buffer.from(await mlflow.artifact(result.run_id, path)).toString()
    const given = (name: string): Promise<Uint8Array> => readFile(join(deckhand.dir, 'out', name))

    expect(paths).toEqual(
      [
        'data_context.json',
        'deck.json',
        'deck.pdf',
        'fact_sheet.json',
        'intent_analysis.json',
        'narrative.txt',
        'output.html',
        ...Array.from({ length: result.slide_count }, (_, index) => `previews/slide-${index + 1}.png`),
        'run_config.yaml',
      ].toSorted(),
    )
    const deck = Deck.parse(JSON.parse(await text('deck.json')))
    expect(deck.slides).toHaveLength(result.slide_count)
    expect(JSON.parse(await text('intent_analysis.json'))).toMatchObject({ kind: 'data_question' })
    expect(JSON.parse(await text('data_context.json'))).toMatchObject({
      tables: [{ sql: result.sql[0], totalRowCount: 4 }],
    })
    const { facts } = JSON.parse(await text('fact_sheet.json')) as { facts: { id: string }[] }
    expect(facts.map(({ id }) => id)).toContain('F1')
    expect(await text('narrative.txt')).toMatch(/^\d+\. .*\n {3}\w+ from T1/m)
    expect(await text('narrative.txt')).not.toContain('{F')
    expect(await text('output.html')).toBe(Buffer.from(await given('deck.html')).toString())
    expect(Buffer.from(await mlflow.artifact(result.run_id, 'deck.pdf')).equals(await given('deck.pdf'))).toBe(true)
    expect(await pdfPages(await mlflow.artifact(result.run_id, 'deck.pdf'))).toHaveLength(result.slide_count)
    const picture = await mlflow.artifact(result.run_id, 'previews/slide-1.png')
    expect(Buffer.from(picture).equals(await given('slide-1.png'))).toBe(true)
  })

  it('keeps the settings it ran with, and no secret among them', async () => {
    const yaml = Buffer.from(await mlflow.artifact(result.run_id, 'run_config.yaml')).toString()

    expect(parse(yaml)).toMatchObject({
      environment: deckhand.settings.environment,
      llm: { endpoint: deckhand.settings.llm.endpoint, temperature: 0.2 },
      redis: { url: '[secret]' },
    })
    expect(yaml).not.toContain(deckhand.settings.redis.url.reveal())
    expect(yaml).not.toContain(deckhand.settings.credentials.databricksToken?.reveal() ?? 'no token')
    expect(yaml).not.toContain('credentials')
  })
})

describe('the run of a turn that fails', () => {
  it('says so, and why', async () => {
    await using deckhand = await startDeckhand({ warehouse, today })
    const fault = {
      kind: 'message-failed',
      type: 'SQL_EXECUTION_EXCEPTION',
      error: 'no grant on table sales.orders',
    } as const
    deckhand.workspace.faults.add({ on: 'genie.ask', fault })

    const result = await deckhand.ask(question)
    await deckhand.flush()
    const { status, metrics, tags } = await mlflow.run(result.run_id)

    expect(result.status).toBe('failed')
    expect(status).toBe('FAILED')
    expect(metrics['success']).toBe(0)
    expect(metrics['execution_time_seconds']).toBeGreaterThan(0)
    expect(tags).toMatchObject({ status: 'failed', error_type: 'GenieError', error_code: expect.stringMatching(/^\w/) })
    expect(tags['error_message']).toContain('no grant on table sales.orders')
    // Who looks through the list of traces sees it, too.
    const trace = await mlflow.trace(result.trace_id)
    expect(trace?.responsePreview).toContain('no grant on table sales.orders')
    expect(trace?.tags).toMatchObject({ status: 'failed', error_type: 'GenieError', error_code: tags['error_code'] })
    expect(await mlflow.artifacts(result.run_id)).toContain('intent_analysis.json')
  })
})

describe('the run of a turn whose inputs and outputs are not captured', () => {
  it('has figures and settings, but nothing that was said or found', async () => {
    await using deckhand = await startDeckhand({
      warehouse,
      today,
      adjust: (settings) => ({
        ...settings,
        mlflow: { ...settings.mlflow, tracing: { ...settings.mlflow.tracing, captureInputOutput: false } },
      }),
    })

    const result = await deckhand.ask(question)
    await deckhand.flush()
    const { params, metrics } = await mlflow.run(result.run_id)

    expect(await mlflow.artifacts(result.run_id)).toEqual(['run_config.yaml'])
    expect(params).not.toHaveProperty('question')
    expect(metrics).toMatchObject({ success: 1, slide_count: result.slide_count, genie_row_count: 4 })
  })
})
