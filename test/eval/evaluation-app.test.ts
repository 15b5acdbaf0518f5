import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { reportAsJson, reportAsText, type EvaluationReport } from '../../src/eval/report.ts'
import { createEvaluationApp, type EvaluationApp } from '../../src/evaluation-app.ts'
import { createRecordsApp, type RecordsApp } from '../../src/records-app.ts'
import { loadSettings } from '../../src/settings.ts'
import { readFrom, type RealServer } from '../mlflow/real-server.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'

const parts = new AsyncDisposableStack()
const experiment = `/Tests/${randomUUID()}`
let dir: string
let evaluation: EvaluationApp
let records: RecordsApp
let mlflow: RealServer

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'deckhand-eval-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst() }))
  const trackingUri = await mlflowUrl()
  const env = {
    ...workspaceEnv(workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: trackingUri }),
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    MLFLOW_EXPERIMENT_NAME: experiment,
    LOG_LEVEL: 'error',
  }
  const settings = loadSettings(env, join(import.meta.dirname, '../../config'))
  evaluation = parts.use(await createEvaluationApp(settings, env, dir))
  records = parts.use(createRecordsApp(settings, env))
  mlflow = readFrom(trackingUri)
}, 120_000)
afterAll(() => parts.disposeAsync())

const truth = 'SELECT region, sum(revenue) FROM sandbox.sales.orders WHERE year(order_date) = 2023 GROUP BY region'

function writeSet(name: string, sqlOfSecond: string): string {
  const file = join(dir, `${name}.yaml`)
  writeFileSync(
    file,
    JSON.stringify({
      name,
      cases: [
        { id: 'right', question: 'Revenue by region in 2023', expect: { sql: truth, unit: 'USD' } },
        { id: 'second', question: 'How many orders in 2022?', expect: { sql: sqlOfSecond, unit: 'count' } },
        { id: 'follow-up', after: ['Revenue by region in 2023'], question: 'only EMEA' },
      ],
    }),
  )
  return file
}

const run = (set: string, version: string): Promise<EvaluationReport> =>
  evaluation.run({ set, version }, () => undefined, AbortSignal.timeout(60_000))

describe('An evaluation', () => {
  it('finds a wrong answer, keeps every score in MLflow, and tells what is better the next time', async () => {
    const name = `set-${randomUUID().slice(0, 8)}`
    const wrong = writeSet(name, 'SELECT count(*) + 1000 FROM sandbox.sales.orders WHERE year(order_date) = 2022')

    const first = await run(wrong, '7')

    expect(first.results.map(({ id, passed }) => [id, passed])).toEqual([
      ['right', true],
      ['second', false],
      ['follow-up', true],
    ])
    expect(first.results[1]?.faults.join()).toContain('0 of 1 found')
    expect(first.missed.join()).toContain('passed is 0.667, should be 0.9 or more')
    expect(first.isCompared).toBe(false)
    const kept = await mlflow.run(first.runId)
    expect(kept).toMatchObject({
      status: 'FINISHED',
      params: { set: name, version: '7', questions: '3' },
      tags: { 'mlflow.runType': 'genai_evaluate', 'deckhand.eval_passed': 'false' },
      metrics: {
        'case/right/right_numbers': 1,
        'case/second/right_numbers': 0,
        'right_numbers/mean': 0.5,
        questions: 3,
      },
    })
    const [right, second] = first.results
    expect((await mlflow.run(right?.runId ?? '')).tags['mlflow.parentRunId']).toBe(first.runId)
    const said = (await records.find(second?.traceId ?? '', AbortSignal.timeout(20_000))).assessments
    expect(said).toContainEqual(
      expect.objectContaining({ name: 'passed', by: 'deckhand eval', value: false, why: second?.faults.join('\n') }),
    )
    const experimentId = (await mlflow.experimentId(experiment)) ?? ''
    const linked = await mlflow.tracesOfRun(experimentId, first.runId)
    expect(linked).toEqual(expect.arrayContaining(first.results.map(({ traceId }) => traceId)))

    writeSet(name, 'SELECT count(*) FROM sandbox.sales.orders WHERE year(order_date) = 2022')
    const next = await run(wrong, '8')

    expect(next.missed).toEqual([])
    expect(Object.fromEntries(next.changes)).toEqual({ right: 'same', second: 'better', 'follow-up': 'same' })
    expect((await mlflow.run(next.runId)).tags['deckhand.eval_compared_with']).toBe(first.runId)
    expect(reportAsText(next)).toMatch(/^▲ second .*100 %/m)
    expect(reportAsText(next)).toContain('Change   1 better, 0 worse, 2 the same, 0 new')
    expect(reportAsText(first)).toContain('Verdict  not good enough: passed is 0.667')
    expect(reportAsJson(next)).toMatchObject({
      set: name,
      version: '8',
      good_enough: true,
      passed: 1,
      run_id: next.runId,
    })
  }, 120_000)

  it('asks what was collected in a dataset, with what the thread had asked before', async () => {
    const name = `set-${randomUUID().slice(0, 8)}`
    const results = (await run(writeSet(name, truth.replace('region, ', '').replace(' GROUP BY region', '')), '1'))
      .results
    const traceId = results.find(({ id }) => id === 'follow-up')?.traceId ?? ''
    const collected = `collected-${randomUUID().slice(0, 8)}`
    const signal = AbortSignal.timeout(60_000)

    const added = await records.collect(traceId, collected, signal)
    const again = await records.collect(traceId, collected, signal)
    const report = await run(collected, '1')

    expect(added).toMatchObject({ question: 'only EMEA', after: ['Revenue by region in 2023'], isNew: true })
    expect(again.isNew).toBe(false)
    expect(report.results).toMatchObject([{ question: 'only EMEA', status: 'answered', scores: { ending: 1 } }])
    expect(report.results[0]?.answer).toContain('EMEA')
  }, 120_000)

  it('that is stopped is none to compare with', async () => {
    const name = `set-${randomUUID().slice(0, 8)}`
    const set = writeSet(name, truth)
    const stop = new AbortController()

    const stopped = evaluation.run({ set }, () => stop.abort(new DOMException('Stopped', 'AbortError')), stop.signal)

    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    const experimentId = (await mlflow.experimentId(experiment)) ?? ''
    const runs = await mlflow.runsOfExperiment(experimentId)
    expect(runs.filter(({ tags }) => tags['deckhand.eval_set'] === name)).toMatchObject([{ status: 'KILLED' }])
    expect((await run(set, '1')).isCompared).toBe(false)
  }, 60_000)

  it('is not begun when the truth cannot be computed, or the set cannot be read', async () => {
    const broken = writeSet(`set-${randomUUID().slice(0, 8)}`, 'SELECT nothing FROM nowhere')

    await expect(run(broken, '1')).rejects.toMatchObject({
      code: 'no-truth',
      message: expect.stringContaining('second:'),
    })
    await expect(run(join(dir, 'missing.yaml'), '1')).rejects.toMatchObject({ code: 'usage' })
    await expect(run('no-such-dataset', '1')).rejects.toMatchObject({ code: 'usage' })
  })
})
