/**
 * Divides weighted units, in order, into at most `count` runs so that the heaviest run is as light as can be. Returns the
 * ends of the runs (exclusive); the last is the number of units.
 */
export function balance(weights: readonly number[], count: number): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let [low, high] = [Math.max(total / count, ...weights), total]
  // Weights are lines and fractions of them: a tenth is as good as exact.
  while (high - low > 0.1) {
    const middle = (low + high) / 2
    if (fill(weights, middle).length <= count) high = middle
    else low = middle
  }
  return fill(weights, high)
}

function fill(weights: readonly number[], most: number): readonly number[] {
  const ends: number[] = []
  let sum = 0
  for (const [at, weight] of weights.entries()) {
    if (at > 0 && sum + weight > most + 1e-9) {
      ends.push(at)
      sum = 0
    }
    sum += weight
  }
  return [...ends, weights.length]
}

/** The most of `count` units from the first on that `fits`, at least one. A run that fits does so without its last unit. */
export function longestFitting(count: number, fits: (end: number) => boolean): number {
  let [low, high] = [1, count]
  // Most runs are short: doubling finds that out without a look at all the rest.
  while (low < high) {
    const next = Math.min(low * 2, high)
    if (!fits(next)) {
      high = next - 1
      break
    }
    low = next
  }
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}
