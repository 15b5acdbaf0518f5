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
  const head = table.columns.map((column) => field(harmless(column.name)))
  const rows = table.rows.map((row) =>
    table.columns.map((column, index) => {
      const cell = row[index] ?? ''
      return field(column.type === 'number' && isNumber(cell) ? cell : harmless(cell))
    }),
  )
  return `\uFEFF${[head, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('')}`
}

/** @see https://owasp.org/www-community/attacks/CSV_Injection for the characters that start a formula */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !isNumber(text) ? `'${text}` : text
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?$/.test(text)
}

function field(text: string): string {
  const clean = text.toWellFormed().replaceAll('\0', '')
  return /[",\r\n]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean
}

/** An id may be any text; a file name may not. */
function fileName(id: string, taken: Set<string>): string {
  const safe = id.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60) || 'table'
  let name = safe
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${safe}-${count}`
  taken.add(name.toLowerCase())
  return `${name}.csv`
}
