import type { Table } from '../../render/table.ts'
import { periodLabel } from './periods.ts'
import type { TimeAxis } from './time-axis.ts'

/** Why rows that would count are not in the table: cut off by the warehouse, or left out by the query itself. */
export type Partiality = 'truncated' | 'limited'

/**
 * Null when the rows are all there are. A query that keeps the five best rows, or drops groups by HAVING, gives rows whose
 * sum is no total. A LIMIT that was not reached left nothing out.
 */
export function partialityOf(table: Table): Partiality | null {
  if (table.truncated) return 'truncated'
  const sql = table.sql.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/--.*$/gm, '')
  const limits = [...sql.matchAll(/\b(?:limit|top|fetch\s+(?:first|next))\s+\(?(\d+)/gi)].map(([, n]) => Number(n))
  const reached = limits.some((limit) => table.rows.length >= limit)
  const ranked =
    /\bqualify\b/i.test(sql) || (/\b(?:row_number|rank|dense_rank)\s*\(/i.test(sql) && /(?:<=?|=)\s*\d/.test(sql))
  return reached || ranked || /\bhaving\b/i.test(sql) ? 'limited' : null
}

/** Sentence for the model and for people about what such rows cannot tell. */
export function partialNote(table: Table, partial: Partiality): string {
  return partial === 'truncated'
    ? `${table.id} is cut off: ${table.rows.length} of ${table.totalRowCount} rows are here, so it has no totals, averages, shares, ranks or extremes.`
    : `${table.id} holds only the rows its query keeps, so it has no totals, averages, shares or ranks of the whole.`
}

/** A sentence when the last period is still running on `today` (days since 1970-01-01). */
export function runningNotes(table: Table, axis: TimeAxis | null, today: number | null): readonly string[] {
  const last = axis?.ordered.at(-1)
  if (!last || today === null || last.year === null || last.lastDay < today || last.firstDay > today) return []
  return [`${table.id}: ${periodLabel(last)} is not over yet, so it is not compared with earlier periods.`]
}
