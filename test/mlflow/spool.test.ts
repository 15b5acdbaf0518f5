import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'
import { openSpool, type Spool, type SpoolBounds } from '../../src/mlflow/sending/spool.ts'
import type { TraceRecord } from '../../src/mlflow/turn/trace-record.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'

describe('openSpool', () => {
  it('gives records back oldest first, whole, and forgets them when done', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    for (const number of [1, 2]) await spool.add(recordOf(number))
    await folder.clock.advance(5)
    await (await folder.open()).add(recordOf(3))

    const seen: TraceRecord[] = []
    for (let claim = await spool.claim(); claim; claim = await spool.claim()) {
      seen.push(claim.record)
      await claim.done()
    }

    expect(seen).toEqual([recordOf(1), recordOf(2), recordOf(3)])
    expect(await spool.waitingCount()).toBe(0)
  })

  it('survives its process: what was added is there for the next one, readable by its owner only', async () => {
    await using folder = await createFolder()
    await (await folder.open()).add(recordOf(1))

    const next = await folder.open()

    expect((await next.claim())?.record).toEqual(recordOf(1))
    const [file = ''] = await folder.files()
    expect((await stat(join(folder.dir, file))).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder.dir, file, 'record.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder.dir)).mode & 0o777).toBe(0o700)
  })

  it('keeps the files of a record beside it, and removes them with it', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    const picture = Uint8Array.of(0, 255, 10, 13)
    await spool.add(recordOf(1), [
      { name: '0-deck.json', bytes: Buffer.from('{}') },
      { name: '1-slide-1.png', bytes: picture },
    ])

    const claim = await (await folder.open()).claim()

    expect(Uint8Array.from((await claim?.readFile('1-slide-1.png')) ?? [])).toEqual(picture)
    await claim?.refresh()
    expect(Buffer.from((await claim?.readFile('0-deck.json')) ?? []).toString()).toBe('{}')
    await claim?.done()
    expect(await folder.files()).toEqual([])
  })

  it('counts the files of what waits towards its bounds', async () => {
    await using folder = await createFolder()
    const spool = await folder.open({ maxTraces: 100, maxBytes: 10_000 })
    const files = [{ name: '0-deck.pdf', bytes: new Uint8Array(4000) }]

    for (const number of [1, 2, 3]) await spool.add(recordOf(number), files)

    expect(await folder.numbers()).toEqual([2, 3])
  })

  it('notices before long that other processes fill it', async () => {
    await using folder = await createFolder()
    const bounds = { maxTraces: 60, maxBytes: 1_000_000_000 }
    const [one, other] = [await folder.open(bounds), await folder.open(bounds)]
    await one.add(recordOf(1))
    for (let number = 2; number <= 61; number += 1) await other.add(recordOf(number))

    for (let number = 101; number <= 160; number += 1) await one.add(recordOf(number))

    expect((await folder.numbers()).length).toBeLessThan(70)
  })

  it('gives each record to one of many claimants', async () => {
    await using folder = await createFolder()
    const spools = await Promise.all([1, 2, 3, 4].map(() => folder.open()))
    const numbers = Array.from({ length: 20 }, (_, index) => index)
    for (const number of numbers) await spools[0]?.add(recordOf(number))

    const claimAll = async (spool: Spool): Promise<string[]> => {
      const names: string[] = []
      for (let claim = await spool.claim(); claim; claim = await spool.claim()) names.push(claim.record.traceId)
      return names
    }
    const claimed = (await Promise.all(spools.map(claimAll))).flat()

    expect(claimed.toSorted()).toEqual(numbers.map((number) => recordOf(number).traceId).toSorted())
  })

  it('gives a released record again, in its old place', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    await spool.add(recordOf(1))
    await spool.add(recordOf(2))

    await (await spool.claim())?.release()

    expect((await spool.claim())?.record).toEqual(recordOf(1))
  })

  it('tells whether somebody has begun to send a record before', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    await spool.add(recordOf(1))
    const isFirstTry = async (): Promise<boolean | undefined> => {
      const claim = await (await folder.open()).claim()
      await claim?.release()
      return claim?.isFirstTry
    }

    expect([await isFirstTry(), await isFirstTry(), await isFirstTry()]).toEqual([true, false, false])
    await (await folder.open()).claim()
    await folder.clock.advance(200_000)
    expect(await isFirstTry()).toBe(false)
  })

  it('takes a claim over that was not refreshed for two minutes, and tells the former owner', async () => {
    await using folder = await createFolder()
    const [slow, other] = [await folder.open(), await folder.open()]
    await slow.add(recordOf(1))
    const claim = await slow.claim()

    await folder.clock.advance(100_000)
    expect(await claim?.refresh()).toBe(true)
    await folder.clock.advance(100_000)
    expect(await other.claim()).toBeUndefined()
    await folder.clock.advance(100_000)
    const taken = await other.claim()

    expect(taken?.record).toEqual(recordOf(1))
    expect(await claim?.refresh()).toBe(false)
    await claim?.done()
    await claim?.release()
    await taken?.release()
    expect(await other.waitingCount()).toBe(1)
  })

  it('tells what waits: how much, and since when', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    const since = folder.clock.now()
    expect(await spool.waiting()).toEqual({ traces: 0, bytes: 0, oldestAt: undefined })

    await spool.add(recordOf(1))
    await folder.clock.advance(60_000)
    await spool.add(recordOf(2), [{ name: 'deck.pdf', bytes: new Uint8Array(5000) }])

    expect(await spool.waiting()).toMatchObject({ traces: 2, oldestAt: since })
    expect((await spool.waiting()).bytes).toBeGreaterThan(5000)
    const claim = await spool.claim()
    expect(await spool.waiting()).toMatchObject({ traces: 1, oldestAt: since + 60_000 })
    await claim?.release()
  })

  it('takes the claim of a process that no longer runs over at once', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    await spool.add(recordOf(1))
    await spool.claim()
    const [claimed = ''] = await folder.files()
    const { pid } = spawnSync(process.execPath, ['--version'])
    await rename(join(folder.dir, claimed), join(folder.dir, claimed.replace(/_\d+_/, `_${pid}_`)))

    expect((await (await folder.open()).claim())?.record).toEqual(recordOf(1))
  })

  it('drops the oldest beyond its bounds, but never the newest nor one that is being sent', async () => {
    await using folder = await createFolder()
    const byCount = await folder.open({ maxTraces: 2, maxBytes: 1_000_000 })
    await byCount.add(recordOf(1))
    const sending = await byCount.claim()
    for (const number of [2, 3, 4]) await byCount.add(recordOf(number))
    expect(await folder.numbers()).toEqual([1, 3, 4])
    expect(folder.warnings).toEqual(['Dropped the oldest unsent trace: the spool is full'])

    await folder.clock.advance(1)
    const bySize = await folder.open({ maxTraces: 100, maxBytes: 10 })
    await bySize.add(recordOf(5))

    expect(await folder.numbers()).toEqual([1, 5])
    expect(await sending?.refresh()).toBe(true)
  })

  it('keeps what the server refused apart, up to a hundred', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    for (let number = 0; number < 102; number += 1) {
      await spool.add(recordOf(number))
      await (await spool.claim())?.reject()
    }

    const kept = await readdir(join(folder.dir, 'rejected'))
    expect(kept).toHaveLength(100)
    expect(kept.toSorted()[0]).toContain(recordOf(2).traceId)
    expect(await spool.claim()).toBeUndefined()
  })

  it.each(['', '{"version":1', '{"version":99}', 'null'])('steps over a file it cannot read: %j', async (content) => {
    await using folder = await createFolder()
    const spool = await folder.open()
    await spool.add(recordOf(1))
    const [file = ''] = await folder.files()
    await writeFile(join(folder.dir, file, 'record.json'), content)
    await spool.add(recordOf(2))

    expect((await spool.claim())?.record).toEqual(recordOf(2))
    expect(await readdir(join(folder.dir, 'rejected'))).toEqual([file])
  })

  it('clears away what a process left that died while it wrote', async () => {
    await using folder = await createFolder()
    const spool = await folder.open()
    await spool.add(recordOf(1))
    await writeFile(join(folder.dir, '.writing-something'), 'half')

    await folder.open()
    expect(await readdir(folder.dir)).toContain('.writing-something')
    await folder.clock.advance(24 * 3_600_000)
    await folder.open()

    expect(await readdir(folder.dir)).not.toContain('.writing-something')
    expect(await spool.waitingCount()).toBe(1)
  })
})

async function createFolder() {
  const parent = await mkdtemp(join(tmpdir(), 'deckhand-spool-'))
  const dir = join(parent, 'spool')
  const clock: ManualClock = createManualClock(Date.now())
  const warnings: string[] = []
  const log = { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) }
  const files = async (): Promise<string[]> => (await readdir(dir)).filter((name) => /^\d/.test(name)).toSorted()
  return {
    dir,
    clock,
    warnings,
    open: (bounds?: SpoolBounds) => openSpool({ dir, clock, log, ...(bounds ? { bounds } : {}) }),
    files,
    /** Of the records in the folder, oldest first. */
    numbers: async () => (await files()).map((name) => Number(/tr-(\d+)/.exec(name)?.[1])),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  }
}

function recordOf(number: number): TraceRecord {
  const traceId = `tr-${String(number).padStart(32, '0')}`
  return {
    version: 2,
    traceId,
    experimentName: '/Tests/spool',
    sessionId: 's',
    userId: 'u',
    tags: {},
    state: 'OK',
    startedAt: number * 1000,
    durationMs: 1000,
    run: { name: 'run', mayExist: false, status: 'FINISHED', tags: {}, params: {}, metrics: [], artifacts: [] },
    prompts: [],
    assessments: [],
    spans: [
      {
        spanId: '00f067aa0ba902b7',
        name: 'agent_orchestration',
        startNs: String(number * 1_000_000_000),
        endNs: String((number + 1) * 1_000_000_000),
        status: 'OK',
        statusMessage: '',
        attributes: { 'mlflow.spanType': 'AGENT' },
        events: [],
      },
    ],
  }
}
