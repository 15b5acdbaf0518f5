import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Releases } from '../../../src/mlflow/release.ts'
import { ann, ben, deploy, folder, minute, nobody, openBench, resumeAll, stateOf, type Bench } from './bench.ts'
import { killAfter, loseAnswer, type Fuse } from './fuse.ts'
import type { Call, Workspace } from './stand-ins.ts'

/**
 * Each way through a release is walked once to count its calls (to the workspace and to Redis), then once for each call
 * with a process that ends right after it. What the next process finds must lead to one of two ends, and to nothing between.
 */
interface Way {
  readonly what: string
  readonly prepare: (bench: Bench) => Promise<void>
  /** With a process that may end at any call. */
  readonly go: (releases: Releases) => Promise<unknown>
  readonly before: string
  readonly after: string
}

const canary = [
  { trafficPercent: 0, holdMs: 0 },
  { trafficPercent: 25, holdMs: minute },
]

const ways: readonly Way[] = [
  {
    what: 'a deploy that registers, with a canary',
    prepare: async (bench) => {
      bench.workspace.addVersion()
      await deploy(bench.open())
    },
    go: (releases) => deploy(releases, { folder }),
    before: 'v1 100 | champion 1, previous -',
    after: 'v2 100 | champion 2, previous 1',
  },
  {
    what: 'a first deploy',
    prepare: async (bench) => void bench.workspace.addVersion(),
    go: (releases) => deploy(releases),
    before: 'no endpoint | champion -, previous -',
    after: 'v1 100 | champion 1, previous -',
  },
  {
    what: 'a deploy that fails and returns',
    prepare: async (bench) => {
      bench.workspace.addVersion()
      await deploy(bench.open())
      bench.workspace.answers.set(bench.workspace.addVersion(), () => 'not what was asked for')
    },
    go: (releases) => deploy(releases),
    before: 'v1 100 | champion 1, previous -',
    after: 'v1 100 | champion 1, previous -',
  },
  {
    what: 'a rollback',
    prepare: async (bench) => {
      for (let version = 1; version <= 3; version += 1) {
        bench.workspace.addVersion()
        await deploy(bench.open())
      }
    },
    go: (releases) => releases.rollback('prod', ben).result,
    before: 'v3 100 | champion 3, previous 2',
    after: 'v2 100 | champion 2, previous 1',
  },
]

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

/** Where a way begins, to be put back before each walk: Redis by key, and the workspace. */
interface Start {
  readonly keys: ReadonlyMap<string, Buffer>
  readonly workspace: Pick<Workspace, 'endpoints' | 'versions' | 'aliases'>
}

async function prepare(way: Way): Promise<Start> {
  await way.prepare(bench)
  const keys = new Map<string, Buffer>()
  for (const key of await bench.redis.keys('*')) {
    const dump = await bench.redis.dumpBuffer(key)
    if (dump) keys.set(key, dump)
  }
  const { endpoints, versions, aliases } = bench.workspace
  return { keys, workspace: structuredClone({ endpoints, versions, aliases }) }
}

async function startOver({ keys, workspace }: Start): Promise<void> {
  await bench.redis.flushdb()
  for (const [key, dump] of keys) await bench.redis.restore(key, 0, dump)
  const { endpoints, versions, aliases, changes } = bench.workspace
  const copy = structuredClone(workspace)
  for (const each of [endpoints, aliases]) each.clear()
  for (const [name, endpoint] of copy.endpoints) endpoints.set(name, endpoint)
  for (const [alias, version] of copy.aliases) aliases.set(alias, version)
  versions.splice(0, Infinity, ...copy.versions)
  changes.length = 0
}

function openWith(fuse: Fuse): Releases {
  return bench.open({ call: fuse.call, environment: { canary } })
}

/** How many calls the way has, when nobody ends it. */
async function callsOf(way: Way, start: Start): Promise<readonly string[]> {
  await startOver(start)
  const all = killAfter(Infinity)
  await way.go(openWith(all))
  expect(stateOf(bench)).toBe(way.after)
  return all.names
}

describe.each(ways)('a process that ends during $what', (way) => {
  it('leaves a release that the next process ends, whichever call was its last', { timeout: 120_000 }, async () => {
    const start = await prepare(way)
    const calls = await callsOf(way, start)
    expect(calls.length).toBeGreaterThan(30)

    for (const [index, last] of calls.entries()) {
      const where = `killed after call ${index + 1} of ${calls.length}, ${last}`
      await startOver(start)
      const fuse = killAfter(index + 1)
      await Promise.resolve(way.go(openWith(fuse))).catch(() => {})
      const isBegun = (await bench.redis.exists('deckhand:release:{prod}:operation')) === 1
      await bench.expireLease()

      const next = bench.open({ environment: { canary } })
      const results = await resumeAll(next)

      expect(
        results.map(({ outcome }) => outcome !== 'unfinished'),
        where,
      ).toEqual(isBegun ? [true] : [])
      expect([way.before, way.after], where).toContain(stateOf(bench))
      const [status] = await next.status('prod')
      expect(status, where).toMatchObject({ running: undefined, drift: [] })
      expect(status?.endpoint?.update ?? 'none', where).toBe('none')
      const [newest, older] = await next.history('prod')
      expect(newest?.id, where).not.toBe(older?.id ?? '')
      // A release that has begun is gone on with, not thrown away.
      if (isBegun) expect(stateOf(bench), where).toBe(way.after)
      // Nothing was done twice: each change of the endpoint differs from the one before.
      const puts = bench.workspace.changes.filter((change) => /^(put|create|delete)/.test(change))
      expect(
        puts.filter((change, place) => change === puts[place - 1]),
        where,
      ).toEqual([])
    }
  })

  it('comes to the same end when any one answer of the workspace gets lost', { timeout: 120_000 }, async () => {
    const start = await prepare(way)
    const calls = await callsOf(way, start)

    for (const [index, lost] of calls.entries()) {
      if (lost.startsWith('store ')) continue
      const where = `lost the answer to call ${index + 1}, ${lost}`
      await startOver(start)
      const failed = await Promise.resolve(way.go(openWith(loseAnswer(index + 1)))).then(
        () => false,
        () => true,
      )

      // Before a release begins a lost answer is told to whoever asked; after that it is no reason to fail.
      expect(stateOf(bench), where).toBe(failed ? way.before : way.after)
      expect(await bench.redis.exists('deckhand:release:{prod}:operation'), where).toBe(0)
      const puts = bench.workspace.changes.filter((change) => /^(put|create)/.test(change))
      expect(new Set(puts).size, where).toBe(puts.length)
    }
  })
})

describe('a release whose process is gone', () => {
  beforeEach(async () => {
    bench.workspace.addVersion()
    await deploy(bench.open())
    bench.workspace.addVersion()
  })

  /** Ends in the middle: the new version is on its way up. */
  async function leave(): Promise<void> {
    let isGone = false
    const call: Call = async (name, work) => {
      if (isGone) throw new Error('the process is gone')
      isGone = name === 'put config'
      return work()
    }
    await deploy(bench.open({ call })).catch(() => {})
    await bench.expireLease()
  }

  it('turns back when it was left alone for too long', async () => {
    await leave()
    await bench.clock.sleep(3 * 60 * minute)

    const results = await resumeAll(bench.open())

    expect(results).toMatchObject([{ outcome: 'returned', reason: 'It was left alone for too long' }])
    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')
  })

  it('turns back when somebody cancels it meanwhile', async () => {
    await leave()
    await bench.open().cancel('prod', ben)

    const results = await resumeAll(bench.open())

    expect(results).toMatchObject([{ outcome: 'returned', reason: 'Ben has cancelled the release of prod' }])
    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')
  })

  it('is ended by the next command, which then does its own work', async () => {
    await leave()

    const result = await bench.open().rollback('prod', ann).result

    expect(result).toMatchObject({ outcome: 'released', kind: 'rollback', version: '1' })
    expect((await bench.open().history('prod')).map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'rollback 1',
      'deploy 2',
      'deploy 1',
    ])
  })

  it('is left alone while its process lives', async () => {
    await leave()
    await bench.redis.set('deckhand:release:{prod}:lease', '99')

    expect(await bench.open().resume(nobody)).toEqual([])
  })
})

describe('a process that was only slow', () => {
  it('does nothing more once another has taken over', async () => {
    bench.workspace.addVersion()
    await deploy(bench.open())
    bench.workspace.addVersion()
    const slow = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const late = deploy(
      bench.open({
        call: async (name, work) => {
          if (name === 'invoke') {
            reached.resolve()
            await slow.promise
          }
          return work()
        },
      }),
    )
    late.catch(() => {})
    await reached.promise
    await bench.expireLease()

    const results = await resumeAll(bench.open())
    const changes = [...bench.workspace.changes]
    slow.resolve()

    await expect(late).rejects.toMatchObject({ code: 'lease-lost' })
    expect(results).toMatchObject([{ outcome: 'released', version: '2' }])
    expect(bench.workspace.changes).toEqual(changes)
  })
})
