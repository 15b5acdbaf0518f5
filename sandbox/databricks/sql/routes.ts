import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Warehouse, WarehouseError } from '../../data/warehouse.ts'
import { badRequest, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'

const Body = z.object({
  statement: z.string().min(1),
  warehouse_id: z.string().min(1),
  disposition: z.enum(['INLINE', 'EXTERNAL_LINKS']).default('INLINE'),
  format: z.enum(['JSON_ARRAY', 'ARROW_STREAM', 'CSV']).default('JSON_ARRAY'),
})

const maxRows = 5000

/** The one SQL warehouse of the sandbox. */
export const warehouseId = 'sandbox-warehouse'

/**
 * Statement execution, as far as small results need it: every statement ends within the first request, results are inline
 * JSON, and nothing but one SELECT is run.
 */
export function statementRoutes(warehouse: Promise<Warehouse>): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/2.0/sql/statements',
      async handle({ json, signal }) {
        const body = Body.safeParse(json)
        if (!body.success) throw badRequest(z.prettifyError(body.error))
        const { statement, warehouse_id: id, disposition, format } = body.data
        if (id !== warehouseId) throw badRequest(`${id} is not a valid endpoint id.`)
        if (disposition !== 'INLINE' || format !== 'JSON_ARRAY') {
          throw badRequest('The sandbox gives results INLINE as JSON_ARRAY only')
        }
        const statementId = randomUUID()
        try {
          const result = await (await warehouse).query(statement, { signal, maxRows })
          return ok({
            statement_id: statementId,
            status: { state: 'SUCCEEDED' },
            manifest: {
              format,
              schema: {
                column_count: result.columns.length,
                columns: result.columns.map(({ name, typeName, typeText }, position) => ({
                  name,
                  position,
                  type_name: typeName,
                  type_text: typeText,
                })),
              },
              total_row_count: Math.min(result.totalRowCount, maxRows),
              truncated: result.totalRowCount > maxRows,
            },
            result: { chunk_index: 0, row_offset: 0, row_count: result.rows.length, data_array: result.rows },
          })
        } catch (error) {
          if (!(error instanceof WarehouseError)) throw error
          const failure = { error_code: 'BAD_REQUEST', message: error.message }
          return ok({ statement_id: statementId, status: { state: 'FAILED', error: failure } })
        }
      },
    },
  ]
}
