import { describe, expect, it } from 'vitest'
import { durationInWords } from '../../src/lib/duration.ts'

describe('durationInWords', () => {
  it.each([
    [0, '1 second'],
    [1000, '1 second'],
    [1001, '2 seconds'],
    [89_000, '89 seconds'],
    [90_000, '2 minutes'],
    [600_000, '10 minutes'],
    [5_400_000, '2 hours'],
  ])('says %i ms as %s, never less than it is', (ms, words) => {
    expect(durationInWords(ms)).toBe(words)
  })
})
