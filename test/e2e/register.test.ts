import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { chooseBackend } from '../../src/mlflow/choose-backend.ts'
import { createMlflowRecords } from '../../src/mlflow/records.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { mlflowUrl } from '../support/parts.ts'
import { type Ran, runDeckhand } from '../support/run-deckhand.ts'
import { sandboxModelName, startSandboxModels, type SandboxModels } from '../support/sandbox-models.ts'

const experimentName = 'deckhand-register'
const parts = new AsyncDisposableStack()
let models: SandboxModels
let env: Readonly<Record<string, string>>
let dir: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'deckhand-register-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  models = parts.use(await startSandboxModels())
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    ...workspaceEnv(models.workspace, { redisUrl: 'redis://127.0.0.1:1', mlflowUrl: await mlflowUrl() }),
    MLFLOW_EXPERIMENT_NAME: experimentName,
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    DECKHAND_COMMIT: 'abc123 1700000000',
  }
}, 60_000)
afterAll(() => parts.disposeAsync())

const deckhand = (...args: readonly string[]): Promise<Ran> => runDeckhand(args, env)

/** What `deckhand eval run --version abc123` leaves in MLflow. */
async function evaluated(): Promise<string> {
  await using http = createHttpClient()
  const backend = chooseBackend(
    { trackingUri: await mlflowUrl(), spanFormat: 'auto' },
    { http, clock: systemClock, log: silentLogger },
  )
  if (!backend) throw new Error('no MLflow')
  const { signal } = new AbortController()
  const records = createMlflowRecords({ backend, experimentName })
  const { id: experimentId } = await records.experiment(signal)
  const tags = { version: 'abc123' }
  const start = { experimentId, name: 'eval', set: 'golden', startedAt: Date.now(), params: {}, tags }
  const runId = await records.evaluations.start(start, signal)
  const metrics = { 'passed/mean': 0.95, 'seconds/p95': 12.5, 'first/passed': 1 }
  await records.evaluations.finish(runId, metrics, { isGood: true, at: Date.now() }, signal)
  return runId
}

describe('deckhand register', { timeout: 120_000 }, () => {
  it('puts this checkout into the registry with the scores it got, once', async () => {
    const runId = await evaluated()

    const first = await deckhand('register', '--out', 'model', '--json')
    const again = await deckhand('register')

    expect(first.err).toMatch(/^Uploading \d+ files, [\d.]+ MB …\nFinishing …\n$/)
    const told = JSON.parse(first.out) as { readonly content_hash: string; readonly tags: object }
    expect(told).toMatchObject({
      model_name: sandboxModelName,
      version: '1',
      is_new: true,
      status: 'ready',
      aliases: ['candidate'],
      commit: 'abc123',
      link: `${models.workspace.url}/explore/data/models/main/deckhand/slide_agent/version/1`,
      tags: { eval_run: runId, eval_passed: '0.95', eval_seconds_p95: '12.5' },
    })
    expect(told.tags).not.toHaveProperty('eval_first')
    const record = JSON.parse(readFileSync(join(dir, 'model/deckhand.json'), 'utf8')) as object
    expect(record).toMatchObject({ content_hash: told.content_hash })
    const [stored] = models.workspace.models.get(sandboxModelName)?.versions ?? []
    expect(existsSync(join(stored?.dir ?? '', 'artifacts/agent/agent.mjs'))).toBe(true)
    expect(again).toMatchObject({ code: 0, err: 'The registry has this content as version 1.\n' })
    expect(again.out).toContain(`${sandboxModelName} version 1 (registered before)`)
  })

  it('says which grant is missing', async () => {
    const ran = await runDeckhand(['register'], { ...env, MLFLOW_MODEL_NAME: 'main.finance.agent' })

    expect(ran.code).toBe(1)
    expect(ran.err).toContain('CREATE MODEL on main.finance')
    expect(ran.err.trim().split('\n')).toHaveLength(1)
  })
})
