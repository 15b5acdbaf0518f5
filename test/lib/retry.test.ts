import { describe, expect, it } from 'vitest'
import { retry } from '../../src/lib/retry.ts'
import { createManualClock } from '../support/manual-clock.ts'

const doubling = { attempts: 4, delayMs: (_error: unknown, attempt: number) => 100 * 2 ** (attempt - 1) }

describe('retry', () => {
  it('tries until it succeeds, waiting as the policy says', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const fn = async (attempt: number) => {
      if (attempt < 3) throw new Error(`try ${attempt}`)
      return `done at try ${attempt}`
    }

    await expect(retry(fn, doubling, clock)).resolves.toBe('done at try 3')
    expect(clock.sleeps).toEqual([100, 200])
  })

  it('gives up after the last attempt with its error', async () => {
    const clock = createManualClock(0, { autoAdvance: true })
    const fn = async (attempt: number) => {
      throw new Error(`try ${attempt}`)
    }

    await expect(retry(fn, doubling, clock)).rejects.toThrow('try 4')
    expect(clock.sleeps).toEqual([100, 200, 400])
  })

  it('stops at once when the policy says null', async () => {
    const clock = createManualClock()
    let tries = 0
    const fn = async () => {
      tries += 1
      throw new Error('no use')
    }

    await expect(retry(fn, { attempts: 4, delayMs: () => null }, clock)).rejects.toThrow('no use')
    expect(tries).toBe(1)
  })

  it('ends a wait when the caller aborts', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const work = retry(async () => Promise.reject(new Error('busy')), doubling, clock, controller.signal)
    work.catch(() => {})

    await clock.advance(50)
    controller.abort(new Error('stopped'))

    await expect(work).rejects.toThrow('stopped')
  })

  it('does not try again when the caller aborted during a try', async () => {
    const controller = new AbortController()
    let tries = 0
    const fn = async () => {
      tries += 1
      controller.abort(new Error('stopped'))
      throw new Error('broken by the abort')
    }

    await expect(retry(fn, doubling, createManualClock(), controller.signal)).rejects.toThrow('stopped')
    expect(tries).toBe(1)
  })
})
