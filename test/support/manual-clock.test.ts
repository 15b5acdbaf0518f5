import { describe, expect, it } from 'vitest'
import { createManualClock } from './manual-clock.ts'

describe('createManualClock', () => {
  it('wakes sleepers in the order of their time', async () => {
    const clock = createManualClock(1000)
    const woken: string[] = []
    const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push(`${name} at ${clock.now()}`))
    const all = Promise.all([sleep('late', 30), sleep('early', 10), sleep('never', 100)])

    await clock.advance(50)

    expect(woken).toEqual(['early at 1010', 'late at 1030'])
    expect(clock.now()).toBe(1050)
    await clock.advance(100)
    await all
  })

  it('runs until a promise settles', async () => {
    const clock = createManualClock()
    const work = (async () => {
      await clock.sleep(5000)
      await clock.sleep(5000)
      return clock.now()
    })()

    await expect(clock.runUntil(work)).resolves.toBe(10_000)
  })

  it('rejects a sleep with the reason of its signal', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const sleep = clock.sleep(1000, controller.signal)

    controller.abort(new Error('enough'))

    await expect(sleep).rejects.toThrow('enough')
  })

  it('moves on by itself with autoAdvance', async () => {
    const clock = createManualClock(0, { autoAdvance: true })

    await clock.sleep(60_000)

    expect(clock.now()).toBe(60_000)
    expect(clock.sleeps).toEqual([60_000])
  })
})
