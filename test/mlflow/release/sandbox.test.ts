import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import type { Releases } from '../../../src/mlflow/release.ts'
import { createReleases } from '../../../src/mlflow/release/create-releases.ts'
import { createRedisReleaseStore } from '../../../src/mlflow/release/redis-store.ts'
import { noSourceChanges } from '../../../src/mlflow/release/source-changes.ts'
import { writeModelFolder } from '../../support/model-folder.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { startSandboxModels, type SandboxModels } from '../../support/sandbox-models.ts'
import { ann, deploy, prod } from './bench.ts'

/** Pauses are short; deadlines are not. */
const hurried: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms < 60_000 ? 1 : ms, signal),
}

let sandbox: SandboxModels
let redis: Redis
let releases: Releases

beforeEach(async () => {
  sandbox = await startSandboxModels()
  redis = new Redis(await isolatedRedisUrl())
  releases = createReleases({
    registry: sandbox.registry,
    endpoints: sandbox.endpoints,
    store: createRedisReleaseStore(redis),
    environments: [
      prod({
        entitySettings: {
          workload_size: 'Small',
          scale_to_zero_enabled: false,
          environment_vars: { TRACE_URL: 'https://workspace.example/tr-1', DECKHAND_ENVIRONMENT: 'prod' },
        },
      }),
    ],
    findSourceChange: noSourceChanges,
    clock: hurried,
    log: silentLogger,
    redact: (text) => text,
  })
})
afterEach(async () => {
  redis.disconnect()
  await sandbox[Symbol.asyncDispose]()
})

/** Registers a model that says this, and deploys it. */
const ship = async (says: string) => deploy(releases, { folder: await writeModelFolder(join(sandbox.dir, says), says) })

/** What users get, and where the aliases point. */
async function stateNow(): Promise<string> {
  const [status] = await releases.status('prod')
  const { predictions } = await sandbox.endpoints.invoke('deckhand', [{ question: 'Hello?' }], {
    signal: new AbortController().signal,
    timeoutMs: 10_000,
  })
  const [{ answer }] = predictions as [{ answer: string }]
  return `${answer} champion ${status?.champion ?? '-'}, previous ${status?.previous ?? '-'}`
}

describe('Releases over the REST of a workspace', () => {
  it('register, deploy, return by themselves, roll back', { timeout: 60_000 }, async () => {
    expect(await ship('one')).toMatchObject({ outcome: 'released', version: '1' })
    expect(await ship('two')).toMatchObject({ outcome: 'released', version: '2' })
    expect(await stateNow()).toBe('two: Hello? champion 2, previous 1')

    // A broken answer meets the smoke test, not the users.
    const wrong = { kind: 'wrong-answer', predictions: [{ html: '', slide_count: 0, error: 'no space' }] } as const
    sandbox.workspace.faults.add({ on: 'serving.invoke', fault: wrong, times: 2 })
    expect(await ship('three')).toMatchObject({ outcome: 'returned', failedStep: 'smoke' })
    expect(await stateNow()).toBe('two: Hello? champion 2, previous 1')

    const log = 'ERROR: no matching distribution'
    sandbox.workspace.faults.add({ on: 'serving.update', fault: { kind: 'build-failed', log } })
    expect(await deploy(releases, { version: '3' })).toMatchObject({
      outcome: 'returned',
      failedStep: 'wait',
      logTail: expect.stringContaining(log),
    })
    expect(await stateNow()).toBe('two: Hello? champion 2, previous 1')

    expect(await releases.rollback('prod', ann).result).toMatchObject({ outcome: 'released', version: '1' })
    expect(await stateNow()).toBe('one: Hello? champion 1, previous -')
    expect((await releases.status('prod'))[0]).toMatchObject({ drift: [], running: undefined })
    expect(
      (await releases.history('prod')).map(({ kind, outcome, version }) => `${kind} ${version} ${outcome}`),
    ).toEqual([
      'rollback 1 released',
      'deploy 3 returned',
      'deploy 3 returned',
      'deploy 2 released',
      'deploy 1 released',
    ])
  })

  it(
    'come through lost answers and an endpoint that is being changed by somebody else',
    { timeout: 60_000 },
    async () => {
      const { faults } = sandbox.workspace
      faults.add({ on: 'serving.create', fault: { kind: 'reply-lost' } })
      expect(await ship('one')).toMatchObject({ outcome: 'released', version: '1' })
      faults.add({ on: 'serving.update', fault: { kind: 'reply-lost' }, times: 2 })

      expect(await ship('two')).toMatchObject({ outcome: 'released', version: '2' })
      faults.add({ on: 'serving.update', fault: { kind: 'reset' } })
      expect(await releases.rollback('prod', ann).result).toMatchObject({ outcome: 'released', version: '1' })
      expect(await stateNow()).toBe('one: Hello? champion 1, previous -')
    },
  )

  it('say what somebody has changed at the endpoint', { timeout: 60_000 }, async () => {
    await ship('one')
    const { signal } = new AbortController()
    const config = (await sandbox.endpoints.find('deckhand', signal))?.config
    const [entity] = config?.entities ?? []
    if (!entity) throw new Error('nothing is served')
    const changed = { entities: [{ ...entity, settings: { ...entity.settings, workload_size: 'Large' } }] }
    await sandbox.endpoints.updateConfig('deckhand', changed, signal)
    await sandbox.endpoints.waitUntilReady('deckhand', changed, { signal, timeoutMs: 60_000 })

    await expect(ship('two')).rejects.toMatchObject({
      code: 'drift',
      message: expect.stringContaining('workload_size was Small, is Large'),
    })
  })
})
