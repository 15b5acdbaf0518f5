import { createHash } from 'node:crypto'
import type { Json } from '../mlflow/tracing.ts'

/**
 * What the finished steps of a turn came to, kept outside of the process: a turn that another process takes up goes on
 * from there, and asks neither Genie nor the chat model again for what is known.
 */
export interface Journal {
  /** What `put` kept under this key in this turn; undefined when nothing was, or it was too big to keep. */
  get(key: string): Promise<Json | undefined>
  /** Rejects when this process no longer owns the turn: whatever it does then must not count. */
  put(key: string, value: Json): Promise<void>
}

/**
 * Names for the steps of one kind within a turn: the same in each run of it, as long as the same is asked. Equal requests
 * are told apart by their order.
 */
export function nameSteps(kind: string): (request: object) => string {
  const seen = new Map<string, number>()
  return (request) => {
    const hash = createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 22)
    const ordinal = (seen.get(hash) ?? 0) + 1
    seen.set(hash, ordinal)
    return `${kind}:${hash}:${ordinal}`
  }
}
