import type { Metric, RunData } from '../backend.ts'
import { limits } from '../limits.ts'

/** What one `runs/log-batch` may carry, in MLflow's own shape. */
export interface RunBatch {
  readonly params: readonly Pair[]
  readonly tags: readonly Pair[]
  readonly metrics: readonly (Omit<Metric, 'at'> & { readonly timestamp: number })[]
}

interface Pair {
  readonly key: string
  readonly value: string
}

type Kind = keyof RunBatch

/** In as few batches as the limits of one request allow; none when there is nothing to log. */
export function toBatches(data: RunData): RunBatch[] {
  const entries: (readonly [Kind, object])[] = [
    ...toPairs(data.params).map((pair) => ['params', pair] as const),
    ...toPairs(data.tags).map((pair) => ['tags', pair] as const),
    ...data.metrics.map(({ at, ...metric }) => ['metrics', { ...metric, timestamp: at }] as const),
  ]
  const batches: Record<Kind, object[]>[] = []
  let sizeBytes = 0
  for (const [kind, entry] of entries) {
    const entryBytes = Buffer.byteLength(JSON.stringify(entry)) + 1
    let batch = batches.at(-1)
    if (!batch || isFull(batch, kind) || sizeBytes + entryBytes > limits.batch.bytes) {
      batch = { params: [], tags: [], metrics: [] }
      batches.push(batch)
      sizeBytes = 0
    }
    batch[kind].push(entry)
    sizeBytes += entryBytes
  }
  // Each entry went under the kind it was listed with.
  return batches as unknown as RunBatch[]
}

function isFull(batch: Readonly<Record<Kind, readonly object[]>>, kind: Kind): boolean {
  const all = batch.params.length + batch.tags.length + batch.metrics.length
  return all >= limits.batch.entries || batch[kind].length >= limits.batch[kind]
}

function toPairs(values: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}
