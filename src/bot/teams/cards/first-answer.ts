import { type FirstAnswer, tablePart } from '../../chat/table-part.ts'
import { clip } from '../../chat/text.ts'
import type { CardElement } from './card.ts'
import { paragraphs, small, table } from './elements.ts'
import { limits } from './limits.ts'

/** Of a message, so that a table cannot crowd out what is said. */
const tableText = 2400
const longestCell = 80
const longestHeadline = 600

/** What could be said as soon as the rows were there. */
export function headlineOf({ headline }: FirstAnswer): CardElement[] {
  return paragraphs(clip(headline, longestHeadline), { weight: 'bolder', size: 'medium' })
}

/** The first `mostRows` rows as a table, and how many there are beside them. */
export function tableOf(answer: Omit<FirstAnswer, 'headline'>, mostRows: number): CardElement[] {
  const part = tablePart(answer, { rows: mostRows, columns: limits.tableColumns })
  if (!part) return []
  const { columns, rows, more } = part
  const cells = columns.length * (rows.length + 1)
  const cellText = Math.max(8, Math.min(longestCell, Math.floor(tableText / cells)))
  return [table(columns, rows, cellText), ...(more === '' ? [] : [small(more)])]
}
