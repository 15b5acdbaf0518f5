import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../src/lib/abort.ts'

describe('untilAborted', () => {
  it('gives the value, or the error, of what it waits for', async () => {
    const { signal } = new AbortController()

    await expect(untilAborted(Promise.resolve(7), signal)).resolves.toBe(7)
    await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  })

  it('stops waiting with the reason of the signal and leaves the work alone', async () => {
    const controller = new AbortController()
    const work = Promise.withResolvers<string>()
    const waiting = untilAborted(work.promise, controller.signal)

    controller.abort(new Error('leaving'))

    await expect(waiting).rejects.toThrow('leaving')
    work.resolve('finished')
    await expect(work.promise).resolves.toBe('finished')
  })

  it('does not wait at all for a signal that is aborted already', async () => {
    await expect(untilAborted(new Promise(() => {}), AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
  })
})
