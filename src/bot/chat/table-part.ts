import type { Reply } from '../reply.ts'

export type FirstAnswer = NonNullable<Reply['firstAnswer']>

/** Rows of a first answer: while it is all there is, and beside a deck. */
export const rowsShown = { alone: 10, besideDeck: 5 } as const

/** The part of a table that is shown, and in words how much there is beside it; '' when that is all. */
export interface TablePart extends Pick<FirstAnswer, 'columns' | 'rows'> {
  readonly more: string
}

/** The first rows and columns; undefined when nothing is left to show. */
export function tablePart(
  answer: Omit<FirstAnswer, 'headline'>,
  most: { readonly rows: number; readonly columns: number },
): TablePart | undefined {
  const columns = answer.columns.slice(0, most.columns)
  // A line about one more row would take the place of that row.
  const isOneMore = answer.rows.length === most.rows + 1 && answer.moreRows === 0
  const rows = answer.rows.slice(0, isOneMore ? most.rows + 1 : most.rows)
  if (columns.length === 0 || rows.length === 0) return undefined
  const hidden = [
    countOf(answer.rows.length - rows.length + answer.moreRows, 'more row'),
    countOf(answer.columns.length - columns.length, 'more column'),
  ]
  return { columns, rows, more: hidden.filter(Boolean).join(' and ') }
}

function countOf(count: number, what: string): string {
  return count > 0 ? `${count} ${what}${count === 1 ? '' : 's'}` : ''
}
