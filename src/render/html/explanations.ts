import { escapeText } from '../escape.ts'
import type { Fact } from '../fact.ts'
import { columnFormatter, humanizeName } from '../format.ts'
import { cutText, limits } from '../limits.ts'
import { columnIndex, type Table } from '../table.ts'
import { factsOf } from './backup.ts'
import type { DeckContext } from './context.ts'
import { exactValue, explanationId, lineageText } from './rich-text.ts'
import { screenTable } from './screen-table.ts'

/** Rows shown of those that a number comes from, and characters of the query; the list of sources has more. */
const most = { rows: 8, sql: 1_500 } as const

/**
 * For every number of the deck what opens when it is clicked or chosen by keyboard: its exact value, the formula, the rows
 * it comes from and the query. A popover needs no script; where a browser knows none, the numbers keep their tooltips.
 */
export function explanationsHtml(context: DeckContext): string {
  const facts = new Map(context.deck.slides.flatMap((slide) => factsOf(slide, context)).map((fact) => [fact.id, fact]))
  return [...facts.values()].map((fact) => explanationHtml(fact, context)).join('')
}

function explanationHtml(fact: Fact, context: DeckContext): string {
  const { words, deck } = context
  const at = deck.tables.findIndex((table) => table.id === fact.lineage.tableId)
  const table = deck.tables[at]
  const body =
    table === undefined
      ? ''
      : rowsHtml(fact, table, context) +
        `<p class="about-name">SQL</p><pre tabindex="0"><code>${escapeText(cutText(table.sql, most.sql))}</code></pre>` +
        `<p><a href="#${sourceId(at)}">${escapeText(words.source)}: ${escapeText(cutText(table.title, limits.label))}</a></p>`
  return (
    `<aside popover class="about" id="${explanationId(fact)}" aria-label="${escapeText(cutText(fact.label, limits.label))}">` +
    `<p class="about-value">${escapeText(cutText(exactValue(fact, context), limits.label))}</p>` +
    `<p dir="auto">${escapeText(cutText(fact.label, limits.label))}</p>` +
    `<p class="about-name">${escapeText(words.computed)}</p>` +
    `<p dir="auto">${escapeText(cutText(lineageText(fact, context), limits.text))}</p>${body}</aside>`
  )
}

/** The cells that went into a number, the first rows of them. */
function rowsHtml(fact: Fact, table: Table, context: DeckContext): string {
  const { lineage } = fact
  const names = table.columns.filter((column) => column.type !== 'number').map((column) => column.name)
  const wanted = [...new Set([...names, ...lineage.columns].map((name) => columnIndex(table, name)))]
  const indexes = wanted.filter((index) => index >= 0).slice(0, limits.columns)
  const places = lineage.rows.length > 0 ? lineage.rows : [...table.rows.keys()]
  const formats = indexes.map((index) => columnFormatter(table, index, context.language))
  const rows = places.slice(0, most.rows).flatMap((place) => {
    const row = table.rows[place]
    return row === undefined ? [] : [formats.map((format, at) => format(row[indexes[at] ?? -1] ?? null))]
  })
  if (rows.length === 0 || indexes.length === 0) return ''
  const columns = indexes.map((index) => ({
    heading: humanizeName(table.columns[index]?.name ?? ''),
    isNumber: table.columns[index]?.type === 'number',
  }))
  const number = new Intl.NumberFormat(context.language)
  const shown =
    rows.length < places.length
      ? `<p class="about-name">${escapeText(context.words.rowsShown(number.format(rows.length), number.format(places.length)))}</p>`
      : ''
  return screenTable(columns, rows) + shown
}

/** Id of a table in the list of sources, by its place in the deck. */
export function sourceId(index: number): string {
  return `source-${index + 1}`
}
