import { parseDate, toUtcDate } from '../dates.ts'
import type { Deck } from '../deck.ts'
import { columnFormatter } from '../format.ts'
import { createDeckContext } from '../html/context.ts'
import { richPlain } from '../html/rich-text.ts'
import type { Column, Table } from '../table.ts'
import { daySerial } from './day-serial.ts'
import { columnNumberFormat } from './number-format.ts'
import { sheetNames } from './sheet-names.ts'
import { writeWorkbook, type WorkbookCell, type WorksheetData } from './workbook.ts'

const sourcesName = 'Sources'
/** Excel's own limit, the header included. */
const mostRows = 1_048_576
const widthRange = { least: 8, most: 60 } as const

/**
 * Every table of a deck as a sheet of one workbook, with real numbers and dates, and a last sheet that says where each
 * comes from. A number that a double cannot hold exactly stays text, so that no digit is lost.
 */
export async function deckToXlsx(deck: Deck): Promise<Uint8Array> {
  const context = createDeckContext(deck)
  const { language } = context
  const title = richPlain(deck.title, context)
  const [last = sourcesName, ...names] = sheetNames([
    sourcesName,
    ...deck.tables.map((table) => table.title || table.id),
  ])
  const sheets = deck.tables.map((table, index) => tableSheet(table, names[index] ?? table.id, language))
  const sources = sourcesSheet(deck.tables, names, last)
  const properties = { title, subject: deck.question, language, createdAt: deck.createdAt }
  return await writeWorkbook([...sheets, sources], properties)
}

function tableSheet(table: Table, name: string, language: string): WorksheetData {
  const formats = table.columns.map((column, index) => columnFormat(column, table, index, language))
  const head = table.columns.map((column) => ({ value: column.name, isBold: true }))
  const rows = table.rows
    .slice(0, mostRows - 1)
    .map((row) => table.columns.map((column, index) => toCell(column, row[index] ?? null, formats[index])))
  const shown = table.columns.map((_, index) => columnFormatter(table, index, language))
  const widths = table.columns.map((column, index) => {
    const texts = table.rows.slice(0, 200).map((row) => shown[index]?.(row[index] ?? null).length ?? 0)
    return Math.min(widthRange.most, Math.max(widthRange.least, column.name.length + 2, ...texts) + 2)
  })
  return { name, rows: [head, ...rows], widths, hasHeader: true }
}

function toCell(column: Column, cell: string | null, format: string | undefined): WorkbookCell {
  if (cell === null) return { value: null }
  switch (column.type) {
    case 'number': {
      const value = exactNumber(cell)
      return value === null ? { value: cell === '' ? null : cell } : { value, format }
    }
    case 'date': {
      const serial = dateSerial(cell)
      return serial === null ? { value: cell } : { value: serial, format }
    }
    case 'boolean':
      return { value: cell === 'true' ? true : cell === 'false' ? false : cell }
    case 'text':
      return { value: cell }
  }
}

/** The number when a double holds exactly what the text says; null when digits would be lost. */
function exactNumber(text: string): number | null {
  const match = /^([+-]?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text)
  if (match === null || text === '') return null
  const [, , whole = '', decimals = ''] = match
  // Excel keeps 15 significant digits, fewer than a double's shortest text may have.
  if (`${whole}${decimals}`.replace(/^0+/, '').replace(/0+$/, '').length > 15) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** A date or a time as Excel counts them; null for what is none there. */
function dateSerial(text: string): number | null {
  const parts = parseDate(text)
  if (parts === null) return null
  const seconds = /[T ]\d{2}:\d{2}:(\d{2}(?:\.\d+)?)/.exec(text)?.[1]
  return daySerial(toUtcDate(parts).getTime() + Number(seconds ?? 0) * 1000)
}

function columnFormat(column: Column, table: Table, index: number, language: string): string | undefined {
  if (column.type === 'date') {
    const hasTime = table.rows.some((row) => /[T ]\d{2}:\d{2}/.test(row[index] ?? ''))
    return hasTime ? 'yyyy-mm-dd hh:mm:ss' : 'yyyy-mm-dd'
  }
  if (column.type !== 'number') return undefined
  // Years and ids name something: they are written without a sign for thousands, there as here.
  if (columnFormatter(table, index, 'en')('2023') === '2023') return '0'
  const decimals = table.rows.reduce((most, row) => {
    const digits = /\.(\d*?)0*$/.exec(row[index] ?? '')?.[1]?.length ?? 0
    return Math.max(most, digits)
  }, 0)
  const shown = column.unit.kind === 'currency' && decimals > 0 ? Math.max(2, decimals) : decimals
  return columnNumberFormat(column.unit, Math.min(shown, 6), language)
}

function sourcesSheet(tables: readonly Table[], names: readonly string[], name: string): WorksheetData {
  const head = [
    'Sheet',
    'Table',
    'Title',
    'Question',
    'Rows here',
    'Rows in all',
    'SQL',
    'Genie space',
    'Genie conversation',
    'Genie message',
    'Genie attachment',
    'Statement',
  ]
  const rows = tables.map((table, index): WorkbookCell[] => [
    { value: names[index] ?? '' },
    { value: table.id },
    { value: table.title, wraps: true },
    { value: table.question, wraps: true },
    { value: table.rows.length },
    { value: table.totalRowCount },
    { value: table.sql, wraps: true },
    { value: table.source.spaceId },
    { value: table.source.conversationId },
    { value: table.source.messageId },
    { value: table.source.attachmentId },
    { value: table.source.statementId },
  ])
  return {
    name,
    rows: [head.map((value) => ({ value, isBold: true })), ...rows],
    widths: [28, 8, 36, 36, 10, 11, 70, 34, 34, 34, 34, 38],
    hasHeader: true,
  }
}
