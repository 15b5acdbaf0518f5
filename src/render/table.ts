import { z } from 'zod'

/**
 * What a column measures, read from its name and type (see `agent/facts.ts`); `plain` when nothing says more.
 * `percent` values are stored as percent points (12.5 means 12.5 %), `ratio` as a fraction (0.125 means 12.5 %).
 */
export const Unit = z.discriminatedUnion('kind', [
  /** `isPoints` for a difference of percentages, which is in percentage points (1.2 for 4.1 % less 2.9 %). */
  z.object({ kind: z.literal('plain'), isPoints: z.literal(true).optional() }),
  z.object({ kind: z.literal('count') }),
  /** `code` is ISO 4217. */
  z.object({ kind: z.literal('currency'), code: z.string().length(3) }),
  z.object({ kind: z.literal('percent') }),
  z.object({ kind: z.literal('ratio') }),
  z.object({ kind: z.literal('duration'), unit: z.enum(['days', 'hours', 'minutes', 'seconds']) }),
])
export type Unit = z.infer<typeof Unit>

export const Column = z.object({
  name: z.string(),
  type: z.enum(['number', 'date', 'text', 'boolean']),
  /** The warehouse's own type name, such as DECIMAL or TIMESTAMP. */
  vendorType: z.string(),
  unit: Unit,
})
export type Column = z.infer<typeof Column>

/**
 * A query result, parsed once. Cells are canonical text so that decimals and 64-bit integers stay exact:
 * numbers as plain decimal text ("-12.50", never "1e3"), dates as ISO 8601 ("2023-10-01", "2023-10-01T08:00:00Z"),
 * booleans as "true" or "false", missing as null. `rows[r][c]` belongs to `columns[c]`.
 */
export const Table = z.object({
  /** "T1", "T2" … unique within a thread's deck. */
  id: z.string(),
  title: z.string(),
  /** The question in words that this table answers. */
  question: z.string(),
  sql: z.string(),
  columns: z.array(Column),
  rows: z.array(z.array(z.string().nullable())),
  /** True when the warehouse holds more rows than are here. */
  truncated: z.boolean(),
  totalRowCount: z.number().int(),
  /** Where the rows come from, for lineage: Genie's ids. */
  source: z.object({
    spaceId: z.string(),
    conversationId: z.string(),
    messageId: z.string(),
    attachmentId: z.string(),
    statementId: z.string(),
  }),
})
export type Table = z.infer<typeof Table>

/** Index of a column by exact name, then ignoring case; -1 when there is none. */
export function columnIndex(table: Table, name: string): number {
  const exact = table.columns.findIndex((column) => column.name === name)
  if (exact >= 0) return exact
  const lower = name.toLowerCase()
  return table.columns.findIndex((column) => column.name.toLowerCase() === lower)
}

/** A cell as a floating-point number for drawing; null when missing or not a number. Sums for people use exact decimals. */
export function numberAt(table: Table, row: number, column: number): number | null {
  const cell = table.rows[row]?.[column]
  if (cell === null || cell === undefined || cell === '') return null
  const value = Number(cell)
  return Number.isFinite(value) ? value : null
}
