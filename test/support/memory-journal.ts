import type { Journal } from '../../src/agent/journal.ts'
import type { Json } from '../../src/mlflow/tracing.ts'

/** A turn's journal in memory. Values go through JSON, as they do in Redis. */
export function memoryJournal(): Journal & { readonly kept: ReadonlyMap<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    async get(key) {
      const text = kept.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as Json)
    },
    async put(key, value) {
      kept.set(key, JSON.stringify(value))
    },
  }
}
