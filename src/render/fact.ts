import { z } from 'zod'
import { Unit } from './table.ts'

/** How a fact was computed. `cell` is a value straight from a table. */
const factKinds = [
  'cell',
  'count',
  'total',
  'average',
  'maximum',
  'minimum',
  'share',
  'rank',
  'difference',
  'growth',
  'contribution',
  'missing',
  'outlier',
] as const

/** One number (or date, or name) that code computed from a table, with the way back to the rows it came from. */
export const Fact = z.object({
  /** "F1", "F2" … unique within a deck. */
  id: z.string().regex(/^F\d+$/),
  kind: z.enum(factKinds),
  /** What it is, in words: "Total revenue", "Revenue, EMEA", "Growth of revenue, Q3 to Q4 2023". */
  label: z.string(),
  /** Exact decimal text for numbers, else the text itself. In the unit's own scale (see {@link Unit}). */
  value: z.string(),
  valueType: z.enum(['number', 'date', 'text']),
  unit: Unit,
  lineage: z.object({
    tableId: z.string(),
    /** Column names that went in. */
    columns: z.array(z.string()),
    /** Zero-based indexes of the rows it is about; empty means the whole table. */
    rows: z.array(z.number().int()),
    /** Readable formula, such as `sum(revenue)` or `(revenue[Q4] - revenue[Q3]) / revenue[Q3]`. */
    formula: z.string(),
  }),
})
export type Fact = z.infer<typeof Fact>
