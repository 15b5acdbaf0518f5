import { describe, expect, it } from 'vitest'
import { createGate, GateFull } from '../../src/lib/gate.ts'
import { rejection } from '../support/rejection.ts'

describe('createGate', () => {
  it('runs a few tasks side by side and the others in order, as places come free', async () => {
    const gate = createGate({ sideBySide: 2, mostWaiting: 10 })
    const begun: number[] = []
    const releases = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const runs = releases.map(({ promise }, index) =>
      gate.run(() => {
        begun.push(index)
        return promise
      }),
    )

    expect(begun).toEqual([0, 1])
    releases[1]?.resolve()
    await runs[1]
    await Promise.resolve()
    expect(begun).toEqual([0, 1, 2])
    for (const { resolve } of releases) resolve()
    await Promise.all(runs)
    expect(begun).toEqual([0, 1, 2, 3, 4])
  })

  it('refuses what would wait too long, and takes tasks again when there is room', async () => {
    const gate = createGate({ sideBySide: 1, mostWaiting: 1 })
    const { promise, resolve } = Promise.withResolvers<string>()
    const running = gate.run(() => promise)
    const waiting = gate.run(() => Promise.resolve('second'))

    const refused = await rejection(gate.run(() => Promise.resolve('third')))
    resolve('first')

    expect(refused).toBeInstanceOf(GateFull)
    expect(await Promise.all([running, waiting])).toEqual(['first', 'second'])
    expect(await gate.run(() => Promise.resolve('fourth'))).toBe('fourth')
  })

  it('gives a place back when a task fails', async () => {
    const gate = createGate({ sideBySide: 1, mostWaiting: 0 })

    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')

    expect(await gate.run(() => Promise.resolve('next'))).toBe('next')
  })
})
