import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Releases } from '../../../src/mlflow/release.ts'
import { ann, deploy, openBench, stateOf, type Bench } from './bench.ts'

let bench: Bench
let releases: Releases

beforeEach(async () => {
  bench = await openBench()
  releases = bench.open()
  for (let version = 1; version <= 3; version += 1) {
    bench.workspace.addVersion()
    await deploy(releases)
  }
  bench.workspace.changes.length = 0
})
afterEach(() => bench[Symbol.asyncDispose]())

const back = (to?: string) => releases.rollback('prod', ann, to === undefined ? {} : { to }).result

describe('a rollback', () => {
  it('puts back what served before, in one change of the endpoint', async () => {
    const result = await back()

    expect(result).toMatchObject({ outcome: 'released', kind: 'rollback', version: '2', warnings: [] })
    expect(bench.workspace.changes).toEqual(['put v2 100', 'previous → 1', 'champion → 2'])
  })

  it('walks back through history when it is done twice', async () => {
    await back()
    await back()

    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')
    await expect(back()).rejects.toMatchObject({ code: 'nothing-before' })
  })

  it('goes on from where it led when something is deployed after it', async () => {
    await back()
    bench.workspace.addVersion()
    await deploy(releases, { version: '4' })

    expect(stateOf(bench)).toBe('v4 100 | champion 4, previous 2')
    await back()
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous 1')
  })

  it('leads to a version that is named, and back from there', async () => {
    await back('1')
    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')

    await back('3')
    expect(stateOf(bench)).toBe('v3 100 | champion 3, previous 2')
    await back()
    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')
  })

  it('does not lead to what has never served', async () => {
    bench.workspace.addVersion()

    await expect(back('4')).rejects.toMatchObject({
      code: 'nothing-before',
      message: 'Version 4 has never served prod; deploy it instead',
    })
    await expect(back('3')).rejects.toMatchObject({ code: 'nothing-to-do' })
    expect(bench.workspace.changes).toEqual([])
  })

  it('works when the present version is broken', async () => {
    bench.workspace.answers.set('3', () => 'broken')
    const stored = bench.workspace.endpoints.get('deckhand')
    if (stored) stored.update = 'failed'

    expect(await back()).toMatchObject({ outcome: 'released', version: '2' })
  })

  it('waits for a change of somebody else to get out of the way', async () => {
    const stored = bench.workspace.endpoints.get('deckhand')
    const pendingAt = bench.clock.now() + 30_000
    if (stored) Object.assign(stored, { pending: structuredClone(stored.config), pendingAt, update: 'running' })

    expect(await back()).toMatchObject({ outcome: 'released', version: '2' })
  })

  it('works although somebody has changed the endpoint by hand', async () => {
    const [entity] = bench.workspace.endpoints.get('deckhand')?.config?.entities ?? []
    if (entity) entity.settings = { ...entity.settings, workload_size: 'Large' }

    expect(await back()).toMatchObject({ outcome: 'released', version: '2' })
  })

  it('stays, and says so, when what it has put back fails its test: nobody wants the present version again', async () => {
    bench.workspace.answers.set('2', () => 'broken, too')

    const result = await back()

    expect(result).toMatchObject({
      outcome: 'released',
      warnings: [expect.stringContaining('The smoke test failed')],
    })
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous 1')
  })

  it('keeps the present version when the earlier cannot be brought up', async () => {
    bench.workspace.unbuildable.add('2')

    expect(await back()).toMatchObject({ outcome: 'returned', failedStep: 'wait' })
    expect(stateOf(bench)).toBe('v3 100 | champion 3, previous 2')
    expect(await back('1')).toMatchObject({ outcome: 'released', version: '1' })
  })

  it('leads further back when a failed deploy cannot return, because the version before it cannot be built any more', async () => {
    bench.workspace.answers.set(bench.workspace.addVersion(), () => 'broken')
    const stuck = await deploy(
      bench.open({
        async call(name, work) {
          // It breaks after the new version stands beside it.
          if (name === 'invoke') bench.workspace.unbuildable.add('3')
          return work()
        },
      }),
      { version: '4' },
    )
    expect(stuck).toMatchObject({ outcome: 'unfinished', failedStep: 'wait-back' })
    await expect(deploy(releases, { version: '1' })).rejects.toMatchObject({ code: 'busy' })

    expect(await back()).toMatchObject({ outcome: 'released', version: '2' })
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous 1')
    expect((await releases.status('prod'))[0]).toMatchObject({ running: undefined, drift: [] })
  })

  it('finds the previous version by its alias when Redis has forgotten', async () => {
    await bench.redis.flushdb()

    expect(await releases.previewRollback('prod')).toMatchObject({ from: '3', to: '2' })
    expect(await back()).toMatchObject({ outcome: 'released', version: '2' })
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous -')
  })
})
