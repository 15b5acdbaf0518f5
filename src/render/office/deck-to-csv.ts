import type { Deck } from '../deck.ts'
import type { Table } from '../table.ts'

export interface TableFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Every table of a deck with all its rows, one file each, named after the table's id. */
export function deckToCsv(deck: Deck): readonly TableFile[] {
  const taken = new Set<string>()
  return deck.tables.map((table) => ({ name: fileName(table.id, taken), bytes: Buffer.from(tableToCsv(table)) }))
}

/**
 * A table as RFC 4180 text, with a mark at its start from which Excel knows that it is UTF-8. Cells are exactly the table's
 * own text; only a text that a spreadsheet would run as a formula gets an apostrophe in front.
 */
export function tableToCsv(table: Table): string {
  const head = table.columns.map((column) => field(harmless(clean(column.name))))
  const rows = table.rows.map((row) =>
    table.columns.map((column, index) => {
      const cell = clean(row[index] ?? '')
      return field(column.type === 'number' && isNumber(cell) ? cell : harmless(cell))
    }),
  )
  return `\uFEFF${[head, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('')}`
}

/** Characters that no program keeps: what stands behind them would come first. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

/**
 * The text as one that no spreadsheet runs. Where a semicolon separates fields, as Excel has it in half of Europe, a cell can also
 * begin in the middle of a text.
 * @see https://owasp.org/www-community/attacks/CSV_Injection for the characters that start a formula
 */
function harmless(text: string): string {
  if (isNumber(text)) return text
  const start = /^(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])|(?<=;["' ]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g
  return text.replace(start, "'")
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?$/.test(text)
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** An id may be any text; a file name may not. */
function fileName(id: string, taken: Set<string>): string {
  const safe = id.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60) || 'table'
  let name = safe
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${safe}-${count}`
  taken.add(name.toLowerCase())
  return `${name}.csv`
}
