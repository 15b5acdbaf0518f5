import { expect, it } from 'vitest'
import { startResuming } from '../../../src/bot/admin/resume-releases.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import type { ReleaseResult, ReleaseRun } from '../../../src/mlflow/release.ts'
import { createManualClock } from '../../support/manual-clock.ts'

function run(result: Promise<ReleaseResult>): ReleaseRun {
  return { environment: 'dev', result, async *[Symbol.asyncIterator]() {} }
}

it('looks for interrupted releases again and again, also when one could not be gone on with, until it ends', async () => {
  const clock = createManualClock(0)
  let looks = 0
  const resuming = startResuming({
    releases: {
      resume() {
        looks += 1
        if (looks === 1) return Promise.resolve([run(Promise.reject(new Error('another process was faster')))])
        return looks === 2 ? Promise.reject(new Error('Redis is away')) : Promise.resolve([])
      },
    },
    clock,
    log: silentLogger,
  })
  await clock.advance(0)
  expect(looks).toBe(1)
  await clock.advance(30_000)
  await clock.advance(30_000)
  expect(looks).toBe(3)

  await resuming[Symbol.asyncDispose]()
  await clock.advance(60_000)
  expect(looks).toBe(3)
})
