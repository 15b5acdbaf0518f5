import { describe, expect, it } from 'vitest'
import { waitUntilFinal, type Seen } from '../../../src/agent/genie/waiting.ts'
import { DatabricksError } from '../../../src/lib/databricks/error.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'

const { signal } = new AbortController()

/** Work that goes through states at given times; `look` sees the one of now. */
function work(clock: ManualClock, timetable: Readonly<Record<number, string>>): () => Promise<Seen<string>> {
  return async () => {
    const state = Object.entries(timetable).findLast(([at]) => Number(at) <= clock.now())?.[1] ?? ''
    return { state, final: state === 'DONE', value: `${state} seen at ${clock.now()}` }
  }
}

function options(clock: ManualClock, timetable: Readonly<Record<number, string>>, deadlineAt = 600_000) {
  return { look: work(clock, timetable), deadlineAt, late: (state: string) => new Error(`late in ${state}`), clock }
}

describe('waitUntilFinal', () => {
  it('sees the end of an 8 s answer within 300 ms, and of a short last step within 150 ms', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const timetable = { 0: 'SUBMITTED', 400: 'ASKING_AI', 5400: 'EXECUTING_QUERY', 8000: 'DONE' }

    await waitUntilFinal(options(clock, timetable), signal)

    expect(clock.now() - 8000).toBeLessThanOrEqual(150)
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(300)
  })

  it('looks less often the longer nothing happens, at least every two seconds', async () => {
    const clock = createManualClock(0, { autoAdvance: true })

    await waitUntilFinal(options(clock, { 0: 'ASKING_AI', 300_000: 'DONE' }), signal)

    expect(clock.sleeps[0]).toBe(150)
    expect(clock.sleeps.toSorted((a, b) => a - b)).toEqual([...clock.sleeps])
    expect(Math.max(...clock.sleeps)).toBe(2000)
    expect(clock.sleeps.length).toBeLessThan(230)
  })

  it('tells each new state once', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const states: string[] = []

    await waitUntilFinal(
      { ...options(clock, { 0: 'SUBMITTED', 1000: 'BRAND_NEW', 3000: 'DONE' }), onNews: (state) => states.push(state) },
      signal,
    )

    expect(states).toEqual(['SUBMITTED', 'BRAND_NEW', 'DONE'])
  })

  it('ends at the deadline with the last state', async () => {
    const clock = createManualClock(0, { autoAdvance: true })

    await expect(waitUntilFinal(options(clock, { 0: 'ASKING_AI' }, 10_000), signal)).rejects.toThrow(
      'late in ASKING_AI',
    )
    expect(clock.now()).toBeLessThanOrEqual(10_000)
  })

  it('waits out passing failures of looking', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const base = options(clock, { 0: 'ASKING_AI', 60_000: 'DONE' })
    const look = async () => {
      if (clock.now() > 5000 && clock.now() < 45_000) throw new DatabricksError('unavailable', 'no connection')
      return base.look()
    }

    await expect(waitUntilFinal({ ...base, look }, signal)).resolves.toMatch(/^DONE/)
  })

  it('gives up when looking fails for more than a minute', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const look = async () => Promise.reject(new DatabricksError('unavailable', 'no connection'))

    await expect(waitUntilFinal({ ...options(clock, {}), look }, signal)).rejects.toThrow('no connection')
    expect(clock.now()).toBeGreaterThan(60_000)
  })

  it('gives up at once on a lasting failure', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const look = async () => Promise.reject(new DatabricksError('no-access', 'not yours'))

    await expect(waitUntilFinal({ ...options(clock, {}), look }, signal)).rejects.toThrow('not yours')
    expect(clock.sleeps).toEqual([])
  })

  it("ends with the caller's reason on abort", async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const waiting = waitUntilFinal(options(clock, { 0: 'ASKING_AI' }), controller.signal)
    waiting.catch(() => {})

    await clock.advance(1000)
    controller.abort(new Error('stopped'))

    await expect(waiting).rejects.toThrow('stopped')
  })
})
