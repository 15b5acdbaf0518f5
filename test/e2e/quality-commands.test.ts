import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'
import { type Ran, runDeckhand } from '../support/run-deckhand.ts'

/** `deckhand eval` and `deckhand trace` as a shell runs them: a process, its streams, its exit code. */

const parts = new AsyncDisposableStack()
let env: Readonly<Record<string, string>>
let dir: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'deckhand-quality-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst() }))
  await workspace.ready()
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    ...workspaceEnv(workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: await mlflowUrl() }),
    MLFLOW_EXPERIMENT_NAME: `/Tests/${randomUUID()}`,
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
  }
}, 60_000)
afterAll(() => parts.disposeAsync())

const deckhand = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runDeckhand(args, { ...env, ...more })

function writeSet(difference: number): string {
  const sql = `SELECT count(*) + ${difference} FROM sandbox.sales.orders WHERE year(order_date) = 2022`
  const file = join(dir, `set-${difference}.yaml`)
  const cases = [{ id: 'orders', question: 'How many orders in 2022?', expect: { sql, unit: 'count' } }]
  writeFileSync(file, JSON.stringify({ name: `set-${difference}`, cases }))
  return file
}

describe('the commands about quality', () => {
  it('say by their exit code whether a set is good enough, and find what was asked, also without Redis', async () => {
    const good = await deckhand(['eval', 'run', '--set', writeSet(0), '--version', '7', '--json'])

    expect(good).toMatchObject({ code: 0, err: '' })
    const report = JSON.parse(good.out) as { version: string; results: [{ trace_id: string; run_id: string }] }
    expect(report).toMatchObject({
      version: '7',
      good_enough: true,
      passed: 1,
      results: [{ id: 'orders', passed: true }],
    })
    const [{ trace_id: traceId, run_id: runId }] = report.results

    const bad = await deckhand(['eval', 'run', '--set', writeSet(1000)])
    expect(bad.code).toBe(1)
    expect(bad.out).toContain('Verdict  not good enough: passed is 0.000')

    const noRedis = { REDIS_URL: 'redis://127.0.0.1:1' }
    const found = await deckhand(['trace', runId, '--json'], noRedis)
    expect(found).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(found.out)).toMatchObject({
      trace_id: traceId,
      question: 'How many orders in 2022?',
      state: 'OK',
    })
    const shown = await deckhand(['trace', traceId], noRedis)
    expect(shown.out).toMatch(
      /^Question How many orders in 2022\?\nAsked .*\nStatus {3}OK\nAnswer {3}.*\nUsed {5}[1-9][\d,]* tokens, \$0\.\d{4}\nTrace {4}http/,
    )

    const added = await deckhand(['eval', 'add', traceId, '--set', `found-${randomUUID().slice(0, 8)}`], noRedis)
    expect(added).toMatchObject({ code: 0, err: '' })
    expect(added.out).toMatch(/^Added to found-\w+: How many orders in 2022\?\nExpected nothing yet\n$/)
  }, 120_000)

  it('say why a turn failed', async () => {
    const failed = await deckhand(['ask', 'How many orders in 2022?', '--json'], { DATABRICKS_TOKEN: 'not-the-token' })
    const { trace_id: traceId } = JSON.parse(failed.out) as { trace_id: string }

    const { code, out } = await deckhand(['trace', traceId])

    expect([failed.code, code]).toEqual([1, 0])
    expect(out).toMatch(/\nStatus {3}ERROR \(\w+Error [\w-]+\)\nReason {3}\w+Error: .+\nUsed {5}0 tokens/)
    expect(out).not.toContain('not-the-token')
  }, 60_000)

  it('say what is wrong with what they were given', async () => {
    const missing = await deckhand(['trace', `tr-${'0'.repeat(32)}`])
    const foreign = await deckhand(['trace', 'https://example.com/a'])
    const noSet = await deckhand(['eval', 'run', '--set', 'nowhere.yaml'])

    expect(missing).toMatchObject({
      code: 1,
      out: '',
      err: `deckhand: MLflow has no trace of tr-${'0'.repeat(32)} (yet).\n`,
    })
    expect(foreign).toMatchObject({ code: 2, out: '' })
    expect(noSet.code).toBe(2)
    expect(noSet.err).toMatch(/^deckhand: Cannot read the evaluation set .*nowhere\.yaml\.\n$/)
  }, 60_000)
})
