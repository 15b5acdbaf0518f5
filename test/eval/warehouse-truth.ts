import type { Warehouse } from '../../sandbox/data/warehouse.ts'
import type { ExpectedRows } from '../../src/eval/scores.ts'

/** Expected rows straight from the sandbox's warehouse, past Genie and everything that reads its answers. */
export function queryOf(warehouse: Warehouse): (sql: string, signal: AbortSignal) => Promise<ExpectedRows> {
  return async (sql, signal) => {
    const { columns, rows } = await warehouse.query(sql, { signal })
    const numberTypes = new Set(['INT', 'LONG', 'DOUBLE', 'DECIMAL'])
    return {
      columns: columns.map(({ name, typeName }) => ({ name, isNumber: numberTypes.has(typeName) })),
      rows,
    }
  }
}
