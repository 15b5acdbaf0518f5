/**
 * Durations counted in buckets that grow by 5 %: any number of processes add to the same few counters, and a percentile
 * read from them is off by 2.5 % at most.
 */
export type Histogram = ReadonlyMap<number, number>

const growth = 1.05
/** A day; what takes longer counts as that. */
const longestMs = 86_400_000

/** The bucket of a duration; 0 for a millisecond or less. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0
  return Math.ceil(Math.log(Math.min(ms, longestMs)) / Math.log(growth))
}

/** How many durations are in it. */
export function countOf(histogram: Histogram): number {
  let count = 0
  for (const each of histogram.values()) count += each
  return count
}

/** The duration in ms that `share` (0 to 1) of all do not exceed; undefined where nothing was counted. */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const count = countOf(histogram)
  if (count === 0) return undefined
  const rank = Math.max(1, Math.ceil(share * count))
  let seen = 0
  for (const [bucket, each] of [...histogram].toSorted(([a], [b]) => a - b)) {
    seen += each
    if (seen >= rank) return middleOf(bucket)
  }
  return undefined
}

/** The value whose distance from both ends of the bucket is the same share of them. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : (2 * growth ** bucket) / (growth + 1)
}
