import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServeModel } from '../../sandbox/databricks/serving/deployment.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { createReleaseApp } from '../../src/release-app.ts'
import { loadSettings } from '../../src/settings.ts'
import { serveAnsweringModel } from '../support/answering-model.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { type Ran, runDeckhand } from '../support/run-deckhand.ts'
import { type SandboxModels, startSandboxModels } from '../support/sandbox-models.ts'

/**
 * `deckhand deploy` as a process that the kernel ends without a word, over a workspace that goes on without it. Every call
 * of a release is walked in test/mlflow/release/killed.test.ts; here the process, its Redis and its REST are real.
 */

const main = join(import.meta.dirname, '../../src/main.ts')
const parts = new AsyncDisposableStack()
let models: SandboxModels
let env: Readonly<Record<string, string>>
/** Models come up once this is resolved. */
let mayStart: Promise<void> = Promise.resolve()

const serveModel: ServeModel = async (options) => {
  await mayStart
  return await serveAnsweringModel(options)
}

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'deckhand-killed-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  models = parts.use(await startSandboxModels({ serveModel }))
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    ...workspaceEnv(models.workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: 'http://127.0.0.1:1' }),
    DECKHAND_PROD_ENDPOINT: 'deckhand-prod',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
  }
  await models.register('first')
  const first = await deckhand('deploy', 'prod', '--approve')
  if (first.code !== 0) throw new Error(`The first deploy failed: ${first.err}`)
  await models.register('second')
}, 60_000)
afterAll(() => parts.disposeAsync())

const deckhand = (...args: readonly string[]): Promise<Ran> => runDeckhand(args, env)

async function statusOfProd(): Promise<unknown> {
  const { out } = await deckhand('status', 'prod', '--json')
  const { environments } = JSON.parse(out) as { readonly environments: readonly unknown[] }
  return environments[0]
}

/** Deploys the version, and ends that process at once when the workspace gets the request. */
async function killDeployAt(version: string, method: string, path: RegExp): Promise<void> {
  const seen = models.workspace.requests.length
  const isThere = (): boolean =>
    models.workspace.requests.slice(seen).some((request) => request.method === method && path.test(request.path))
  const child = spawn(process.execPath, [main, 'deploy', 'prod', '--version', version, '--approve'], {
    env,
    cwd: env['HOME'],
    stdio: 'ignore',
  })
  const exit = once(child, 'exit')
  try {
    await expect.poll(isThere, { timeout: 30_000, interval: 20 }).toBe(true)
  } finally {
    child.kill('SIGKILL')
  }
  expect(await exit).toEqual([null, 'SIGKILL'])
}

/** As Redis does half a minute after the last sign of life. */
async function expireLease(): Promise<void> {
  await using redis = await connectRedis(env['REDIS_URL'] ?? '', { log: silentLogger })
  expect(await redis.del('deckhand:release:{prod}:lease')).toBe(1)
}

/** How prod is once nothing is left half done. */
function settledOn(version: string, previous: string, last: object): object {
  return {
    serving: [{ version, traffic_percent: 100 }],
    champion: version,
    previous,
    update: 'none',
    drift: [],
    running: null,
    last: expect.arrayContaining([expect.objectContaining(last)]) as unknown,
  }
}

describe('a deploy whose process is killed', { timeout: 60_000 }, () => {
  it('while the endpoint updates: is kept from others as long as it may live, then ended by the next deploy', async () => {
    const gate = Promise.withResolvers<void>()
    mayStart = gate.promise
    await killDeployAt('2', 'PUT', /\/deckhand-prod\/config$/)

    const [left, early] = await Promise.all([statusOfProd(), deckhand('rollback', 'prod')])
    gate.resolve()
    await expireLease()
    const next = await deckhand('deploy', 'prod', '--version', '2', '--approve')

    expect(left).toMatchObject({
      serving: [{ version: '1', traffic_percent: 100 }],
      champion: '1',
      update: 'running',
      running: { release_id: 'prod-2', direction: 'forward', is_held: true },
    })
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('Another release of prod is under way') })
    expect(next.err).toContain('going on with prod-2, deploy by operator')
    expect(next.err).toMatch(/^✓ 8\/8 /m)
    // There is nothing left for the second deploy to do, which it says.
    expect(next).toMatchObject({ code: 1, err: expect.stringContaining('Not as planned any more') })
    expect(await statusOfProd()).toMatchObject(settledOn('2', '1', { release_id: 'prod-2', outcome: 'released' }))
  })

  it('in the smoke test: is ended by a rollback, which then puts back what served before', async () => {
    await models.register('third')
    models.workspace.faults.add({ on: 'serving.invoke', fault: { kind: 'slow', delayMs: 600_000 } })
    await killDeployAt('3', 'POST', /\/deckhand-prod\/.*invocations$/)
    await expireLease()

    const next = await deckhand('rollback', 'prod')

    expect(next).toMatchObject({ code: 0, out: 'Rolled back: prod serves version 2.\n' })
    expect(next.err).toContain('going on with prod-3, deploy by operator')
    const status = await statusOfProd()
    expect(status).toMatchObject(settledOn('2', '1', { release_id: 'prod-3', outcome: 'released', version: '3' }))
    expect(status).toMatchObject(settledOn('2', '1', { release_id: 'prod-4', kind: 'rollback', version: '2' }))
  })

  it('before the first alias moves: is brought to its end by a process that resumes what was left', async () => {
    models.workspace.faults.add({ on: 'uc.set-alias', fault: { kind: 'slow', delayMs: 600_000 } })
    await killDeployAt('3', 'POST', /\/alias$/)
    const left = await statusOfProd()
    await expireLease()

    await using app = await createReleaseApp(loadSettings(env, join(import.meta.dirname, '../../config')), env)
    const runs = await app.releases.resume({ id: 'deckhand', name: 'Deckhand' })
    const results = await Promise.all(runs.map(({ result }) => result))

    expect(left).toMatchObject({
      serving: [{ version: '3', traffic_percent: 100 }],
      champion: '2',
      running: { release_id: 'prod-5' },
    })
    expect(results).toMatchObject([{ releaseId: 'prod-5', outcome: 'released', version: '3' }])
    expect(await statusOfProd()).toMatchObject(settledOn('3', '2', { release_id: 'prod-5', outcome: 'released' }))
  })
})
