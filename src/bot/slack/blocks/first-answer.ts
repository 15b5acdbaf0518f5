import { type FirstAnswer, tablePart } from '../../chat/table-part.ts'
import { clip, oneLine } from '../../chat/text.ts'
import { limits } from '../limits.ts'
import { type Block, context, shown, words } from './elements.ts'

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
  const part = tablePart(answer, { rows: mostRows, columns: limits.tableColumns })
  if (!part) return []
  const { columns, rows, more } = part
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
    ...(more === '' ? [] : [context(more)]),
  ]
}

/** The same in fixed width, for where Slack has no tables. */
export function fixedWidthTable(answer: FirstAnswer, mostRows: number): Block[] {
  const part = tablePart(answer, { rows: mostRows, columns: limits.tableColumns })
  if (!part) return []
  const { columns, rows, more } = part
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
    ...(more === '' ? [] : [context(more)]),
  ]
}
