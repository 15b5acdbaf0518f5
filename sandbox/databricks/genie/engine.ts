import { loadSemanticLayer } from '../../data/semantic-layer.ts'
import type { QueryResult, Warehouse } from '../../data/warehouse.ts'
import { describe } from './describe.ts'
import { compile } from './sql/compile.ts'
import { suggest } from './suggest.ts'
import { createUnderstander, type Memory, type Scope } from './understand.ts'

/** What Genie has to say to one message. */
export type Answer =
  | {
      readonly kind: 'query'
      readonly title: string
      /** How the question was read. */
      readonly description: string
      readonly sql: string
      readonly suggestions: readonly string[]
      readonly thoughts: readonly { readonly type: string; readonly text: string }[]
      readonly memory: Memory
    }
  | {
      readonly kind: 'text'
      readonly text: string
      /** True for a question back, false for a plain "I cannot". */
      readonly asksBack: boolean
      readonly suggestions: readonly string[]
      /** Stays as it was when the message was not understood. */
      readonly memory: Memory | undefined
    }

export interface GenieEngine {
  /** Reads a message in its conversation and writes the SQL for it; runs nothing. */
  answer(message: string, scope: Scope, memory: Memory | undefined): Answer
  /** Runs the SQL of an answer. @throws WarehouseError, or the signal's reason */
  run(sql: string, maxRows: number, signal: AbortSignal): Promise<QueryResult>
}

/** Questions in, SQL out, over the semantic layer of this data set. */
export async function createGenieEngine(warehouse: Warehouse): Promise<GenieEngine> {
  const layer = await loadSemanticLayer(warehouse)
  const { today } = warehouse
  const understander = createUnderstander({ layer, today })
  const deps = { layer, today, understander }
  return {
    answer(message, scope, memory) {
      const understood = understander.understand(message, scope, memory)
      if (understood.kind !== 'intent') {
        const asksBack = understood.kind === 'clarify'
        return {
          kind: 'text',
          text: understood.text,
          asksBack,
          suggestions: suggest(undefined, scope, deps),
          memory: asksBack ? (understood.memory ?? memory) : memory,
        }
      }
      const { intent, corrections } = understood
      const { title, reading, notes } = describe(intent, deps, corrections)
      return {
        kind: 'query',
        title,
        description: [`${reading}.`, ...notes].join(' '),
        sql: compile(intent, deps),
        suggestions: suggest(intent, scope, deps),
        thoughts: [
          { type: 'THOUGHT_TYPE_DESCRIPTION', text: reading },
          ...(notes.length > 0 ? [{ type: 'THOUGHT_TYPE_UNDERSTANDING', text: notes.join(' ') }] : []),
        ],
        memory: understood.memory,
      }
    },
    run: (sql, maxRows, signal) => warehouse.query(sql, { maxRows, signal }),
  }
}
