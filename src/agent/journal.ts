import type { Json } from '../mlflow/tracing.ts'

/**
 * What the finished steps of a turn came to, kept outside of the process: a turn that another process takes up goes on
 * from there, and asks neither Genie nor the chat model again for what is known.
 */
export interface Journal {
  /** What `put` kept under this key in this turn; undefined when nothing was. */
  get(key: string): Promise<Json | undefined>
  /** Rejects when this process no longer owns the turn: whatever it does then must not count. */
  put(key: string, value: Json): Promise<void>
}
