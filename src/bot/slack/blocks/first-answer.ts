import type { Reply } from '../../reply.ts'
import { limits } from '../limits.ts'
import { clip } from '../mrkdwn.ts'
import { type Block, context, shown, words } from './elements.ts'

export type FirstAnswer = NonNullable<Reply['firstAnswer']>

/** Of a message's text, so that a table cannot crowd out what is said. */
const tableText = 2400
const longestCell = 80
const longestHeadline = 600
/** What a phone shows side by side in fixed width. */
const lineWidth = 64

/** What could be said as soon as the rows were there. */
export function headlineOf({ headline }: FirstAnswer): Block[] {
  return headline === '' ? [] : [words(clip(headline, longestHeadline), { bold: true })]
}

/** The first `mostRows` rows as a table, and how many there are beside them. */
export function tableOf(answer: FirstAnswer, mostRows: number): Block[] {
  const { columns, rows, more } = visiblePart(answer, mostRows)
  if (columns.length === 0 || rows.length === 0) return []
  const cellText = Math.max(8, Math.min(longestCell, Math.floor(tableText / (columns.length * (rows.length + 1)))))
  const cell = (text: string) => ({ type: 'raw_text' as const, text: shown(text, cellText) })
  return [
    {
      type: 'table',
      column_settings: columns.map(({ isNumber }) => ({ align: isNumber ? 'right' : 'left' })),
      rows: [
        columns.map(({ title }) => cell(title)),
        ...rows.map((row) => columns.map((_, index) => cell(row[index] ?? ''))),
      ],
    },
    ...more,
  ]
}

/** The same in fixed width, for where Slack has no tables. */
export function fixedWidthTable(answer: FirstAnswer, mostRows: number): Block[] {
  const { columns, rows, more } = visiblePart(answer, mostRows)
  if (columns.length === 0 || rows.length === 0) return []
  const width = Math.max(4, Math.floor(lineWidth / columns.length))
  const lines = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map((_, index) => clip(oneLine(row[index] ?? ''), width)),
  )
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  const text = lines
    .map((line) =>
      line
        .map((cell, index) => {
          const most = widths[index] ?? 0
          return columns[index]?.isNumber ? cell.padStart(most) : cell.padEnd(most)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
  return [
    { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] },
    ...more,
  ]
}

function visiblePart(answer: FirstAnswer, mostRows: number) {
  const columns = answer.columns.slice(0, limits.tableColumns)
  // A line about one more row would take the place of that row.
  const isOneMore = answer.rows.length === mostRows + 1 && answer.moreRows === 0
  const rows = answer.rows.slice(0, isOneMore ? mostRows + 1 : mostRows)
  const hidden = [
    countOf(answer.rows.length - rows.length + answer.moreRows, 'more row'),
    countOf(answer.columns.length - columns.length, 'more column'),
  ].filter(Boolean)
  return { columns, rows, more: hidden.length > 0 ? [context(hidden.join(' and '))] : [] }
}

function countOf(count: number, what: string): string {
  return count > 0 ? `${count} ${what}${count === 1 ? '' : 's'}` : ''
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
