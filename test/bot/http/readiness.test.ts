import { describe, expect, it } from 'vitest'
import { createReadiness, type Check } from '../../../src/bot/http/readiness.ts'
import { silentLogger, type Logger } from '../../../src/lib/log.ts'
import { RedisError } from '../../../src/lib/redis.ts'
import { createManualClock } from '../../support/manual-clock.ts'

/** A check that does as `run` says, and counts. */
function checkOf(name: string, run: Check['run'], more: Partial<Check> = {}): Check & { calls: number } {
  return {
    name,
    isRequired: true,
    freshMs: 1000,
    calls: 0,
    run(signal) {
      this.calls += 1
      return run(signal)
    },
    ...more,
  }
}

const fine = async (): Promise<void> => {}
const gone = async (): Promise<void> => {
  throw new RedisError('unreachable', 'Cannot reach Redis at 10.0.0.7:6379')
}

describe('Readiness', () => {
  it('is ready when all that is required is there, whatever else is not', async () => {
    const checks = [checkOf('redis', fine), checkOf('mlflow', gone, { isRequired: false })]

    const report = await createReadiness({ checks, clock: createManualClock(), log: silentLogger }).check()

    expect(report).toEqual({
      ready: true,
      checks: { redis: { status: 'ok', ms: 0 }, mlflow: { status: 'warning', problem: 'unreachable', ms: 0 } },
    })
  })

  it('is not ready when something required is missing, and says in one word what; never where it is', async () => {
    const checks = [checkOf('redis', gone), checkOf('other', () => Promise.reject(new TypeError('detail')))]

    const report = await createReadiness({ checks, clock: createManualClock(), log: silentLogger }).check()

    expect(report.ready).toBe(false)
    expect(report.checks).toMatchObject({
      redis: { status: 'failed', problem: 'unreachable' },
      other: { status: 'failed', problem: 'unavailable' },
    })
    expect(JSON.stringify(report)).not.toMatch(/10\.0|detail/)
  })

  it('answers when a check hangs, and cancels it', async () => {
    let cancelled = false
    const hanging = checkOf('genie', (signal) => {
      signal.addEventListener('abort', () => (cancelled = true))
      return new Promise(() => undefined)
    })
    const readiness = createReadiness({ checks: [hanging], clock: createManualClock(), log: silentLogger, withinMs: 5 })

    const report = await readiness.check()

    expect(report.checks['genie']).toMatchObject({ status: 'failed', problem: 'timeout' })
    expect(cancelled).toBe(true)
  })

  it('asks once for probes that come together, and again when the answer is old', async () => {
    const clock = createManualClock()
    const check = checkOf('redis', fine)
    const readiness = createReadiness({ checks: [check], clock, log: silentLogger })

    await Promise.all([readiness.check(), readiness.check(), readiness.check()])
    await clock.advance(999)
    await readiness.check()
    expect(check.calls).toBe(1)

    await clock.advance(1)
    await readiness.check()
    expect(check.calls).toBe(2)
  })

  it('tells the operator when a check begins to fail and when it is well again, not at every probe', async () => {
    const lines: string[] = []
    const note = (_fields: object, message: string): void => void lines.push(message)
    const log: Logger = { debug: note, info: note, warn: note, error: note }
    const clock = createManualClock()
    let run = gone
    const readiness = createReadiness({ checks: [checkOf('redis', () => run())], clock, log })

    for (const next of [gone, gone, fine, fine]) {
      run = next
      await readiness.check()
      await clock.advance(1000)
    }

    expect(lines).toEqual(['A check of readiness fails', 'A check of readiness is well again'])
  })
})
