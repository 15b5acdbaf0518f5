import { describe, expect, it } from 'vitest'
import { bucketOf, countOf, quantile, type Histogram } from '../../../src/bot/monitoring/histogram.ts'

function histogramOf(durations: readonly number[]): Histogram {
  const counts = new Map<number, number>()
  for (const ms of durations) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1)
  return counts
}

describe('A histogram', () => {
  it('tells percentiles with an error of 2.5 % at most, from a millisecond to hours', () => {
    // A fixed sequence that jumps about between 2 ms and two hours.
    const durations = Array.from({ length: 5000 }, (_, index) => 2 * 1.0018 ** ((index * 2741) % 5000) * 450)
    const sorted = durations.toSorted((a, b) => a - b)
    const histogram = histogramOf(durations)

    expect(countOf(histogram)).toBe(5000)
    for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = sorted[Math.ceil(share * 5000) - 1] ?? 0
      expect(Math.abs((quantile(histogram, share) ?? 0) / exact - 1), `p${share * 100}`).toBeLessThan(0.025)
    }
  })

  it('takes the one that is there for every percentile, and has none where nothing was counted', () => {
    expect(quantile(histogramOf([]), 0.95)).toBeUndefined()
    expect(quantile(histogramOf([1000]), 0.5)).toBe(quantile(histogramOf([1000]), 0.99))
    expect(quantile(histogramOf([0, 0, 0]), 0.5)).toBe(0)
  })

  it('stays small: a day has fewer than 400 buckets, and nothing is longer than a day', () => {
    expect(bucketOf(86_400_000)).toBeLessThan(400)
    expect(bucketOf(Infinity)).toBe(bucketOf(86_400_000))
    expect([bucketOf(-5), bucketOf(0), bucketOf(1), bucketOf(NaN)]).toEqual([0, 0, 0, 0])
  })
})
