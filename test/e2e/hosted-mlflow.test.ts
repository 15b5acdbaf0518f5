import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { sandboxCredentials, sandboxUserName } from '../../sandbox/databricks/contract.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'

/** The whole product with nothing but a workspace: Genie, model and MLflow are all the workspace's. */

const today = '2026-11-23'
const question = 'What were Q4 2023 sales by region?'
const experimentPath = `/Users/${sandboxUserName}/ai-slide-generator/dev`
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await createWarehouse({ today })
}, 60_000)

afterAll(() => warehouse?.[Symbol.asyncDispose]())

function startHosted(): Promise<TestDeckhand> {
  return startDeckhand({
    warehouse,
    today,
    env: {
      MLFLOW_TRACKING_URI: 'databricks',
      MLFLOW_EXPERIMENT_NAME: '/Users/{username}/ai-slide-generator/{environment}',
    },
  })
}

describe('deckhand ask with MLflow in the workspace', () => {
  it('leaves a trace, a run and the deck’s files in the experiment', async () => {
    await using deckhand = await startHosted()

    const result = await deckhand.ask(question, { formats: 'html,pdf,png' })
    await deckhand.flush()

    expect(result.status).toBe('answered')
    const { mlflow } = deckhand.workspace
    const { id } = mlflow.experiment(experimentPath) ?? { id: '' }
    expect(result.trace_url).toBe(
      `${deckhand.workspace.url}/ml/experiments/${id}/traces?selectedEvaluationId=${result.trace_id}&traceId=${result.trace_id}`,
    )
    expect(mlflow.traces(id)).toEqual([
      expect.objectContaining({ trace_id: result.trace_id, request_preview: question, state: 'OK' }),
    ])
    const [run] = mlflow.runs(id)
    expect(run).toMatchObject({ id: result.run_id, status: 'FINISHED' })
    expect(run?.tags.get('artifacts_left_out')).toBeUndefined()
    const file = (path: string) => Buffer.from(mlflow.file(`runs/${run?.id}/${path}`) ?? [])
    expect(file('deck.pdf').subarray(0, 5).toString()).toBe('%PDF-')
    expect(file('output.html').toString()).toContain('<!doctype html>')
    expect(JSON.parse(file('deck.json').toString())).toMatchObject({ slides: expect.any(Array) })
    const spans = Buffer.from(mlflow.file(`traces/${result.trace_id}/traces.json`) ?? []).toString()
    expect(spans).toContain('"tool_call_1_query_genie"')
    for (const secret of Object.values(sandboxCredentials)) expect(spans).not.toContain(secret)
  })

  it('writes to the tables that the experiment was bound to before the first turn', async () => {
    await using deckhand = await startHosted()
    const { mlflow } = deckhand.workspace
    mlflow.bindToTables(experimentPath, 'main.deckhand.dev')

    const { trace_id } = await deckhand.ask(question)
    // The first try is told that the experiment is bound by now, the second comes a second later.
    await expect.poll(() => mlflow.tableTraces('main.deckhand.dev'), { timeout: 20_000 }).toHaveLength(1)
    await deckhand.flush()

    expect(mlflow.tableTraces('main.deckhand.dev')).toMatchObject([{ trace_id: trace_id.slice('tr-'.length) }])
    const roots = mlflow.spans('main.deckhand.dev_otel_spans').filter((span) => span.parentSpanId === '')
    expect(roots.map((span) => span.name)).toEqual(['agent_orchestration'])
  })
})
