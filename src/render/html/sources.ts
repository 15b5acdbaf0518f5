import { escapeText } from '../escape.ts'
import { columnFormatter, humanizeName } from '../format.ts'
import { cutText, limits } from '../limits.ts'
import type { Table } from '../table.ts'
import type { DeckContext } from './context.ts'
import { sourceId } from './explanations.ts'
import { screenTable } from './screen-table.ts'

/** Every table with its question, SQL and rows, after the slides and on screen only. */
export function sourcesHtml(context: DeckContext): string {
  const { tables } = context.deck
  if (tables.length === 0) return ''
  return `<section class="sources" id="sources"><h2>${context.words.sources}</h2>${tables.map((table, index) => sourceHtml(table, index, context)).join('')}</section>`
}

function sourceHtml(table: Table, index: number, context: DeckContext): string {
  const number = new Intl.NumberFormat(context.language)
  const columns = table.columns.slice(0, limits.columns)
  const formats = columns.map((_, index) => columnFormatter(table, index, context.language))
  const rows = table.rows
    .slice(0, limits.screenRows)
    .map((row) => formats.map((format, index) => format(row[index] ?? null)))
  const count =
    rows.length < table.totalRowCount
      ? context.words.rowsShown(number.format(rows.length), number.format(table.totalRowCount))
      : context.words.rowCount(number.format(table.totalRowCount), table.totalRowCount === 1)
  const heads = columns.map((column) => ({ heading: humanizeName(column.name), isNumber: column.type === 'number' }))
  const { source } = table
  const ids = [
    ['space', source.spaceId],
    ['conversation', source.conversationId],
    ['message', source.messageId],
    ['statement', source.statementId],
  ].filter(([, id]) => id !== '')
  return (
    `<article class="source-table" id="${sourceId(index)}"><h3 dir="auto">${escapeText(cutText(table.title, limits.label))}</h3>` +
    `<p dir="auto">${escapeText(cutText(table.question, limits.text))}</p>` +
    `<p class="ids">${ids.map(([name, id]) => escapeText(`${name} ${id}`)).join(' · ')}</p>` +
    `<details><summary>SQL</summary><pre tabindex="0"><code>${escapeText(cutText(table.sql, limits.sql))}</code></pre></details>` +
    `<details><summary>${escapeText(count)}</summary>${screenTable(heads, rows)}</details></article>`
  )
}
