import type { TableView } from '../deck.ts'
import { escapeText } from '../escape.ts'
import { columnFormatter, humanizeName, unitLabel } from '../format.ts'
import { cutText, limits } from '../limits.ts'
import { columnIndex, type Table } from '../table.ts'
import type { Box } from '../typography/fit.ts'
import { textWidth, truncateText, wrapText } from '../typography/measure.ts'
import type { DeckContext } from './context.ts'
import { rem } from './geometry.ts'
import { rowsThatMatter, type RowsThatMatter } from './rows-that-matter.ts'

const captionPx = 32
const notePx = 28
const headingSizePx = 13
const headingLinePx = 17
const cellPaddingPx = 24
/** A longer text is cut in its cell rather than take the room of the numbers. */
const mostTextPx = 340
const leastTextPx = 150
/** Columns further apart than this many times their need are hard to read across. */
const mostStretch = 2.2

/** Sizes of text and rows to try, largest first, in px. */
const densities = [
  { sizePx: 17, rowPx: 42 },
  { sizePx: 16, rowPx: 38 },
  { sizePx: 15, rowPx: 34 },
  { sizePx: 14, rowPx: 30 },
  { sizePx: 13, rowPx: 27 },
] as const
type Density = (typeof densities)[number]
/** When rows are left out anyway, the shown ones keep a comfortable size. */
const comfortable = 2

/** No slide has room for more; widths are measured from as many. */
const mostRows = 60

interface ShownColumn {
  readonly heading: string
  readonly isNumber: boolean
  readonly format: (cell: string | null) => string
  readonly index: number
  /** Of the column's first text, for its alignment. */
  readonly isRightToLeft: boolean
}

/** The width at which a table shows all its columns in full, in px. */
export function tableNeedsPx(view: TableView, context: DeckContext): number {
  const table = context.table(view.table)
  const columns = shownColumns(view, table, context)
  const rows = matter(table, columns).take(40)
  return sum(columns.map((column) => naturalWidth(column, cellTexts(rows, column), 15)))
}

/** A cell as shown: its text is cut to the width of its column. */
export interface TableCell {
  readonly text: string
  readonly isNumber: boolean
  readonly isRightToLeft: boolean
}

/** What of a table fits its box, and how large. Widths and heights in px. */
export interface TableLayout {
  readonly title: string
  readonly sizePx: number
  readonly headPx: number
  readonly rowPx: number
  /** One per shown column. */
  readonly widths: readonly number[]
  /** Headings in the lines they take. */
  readonly head: readonly (TableCell & { readonly lines: readonly string[] })[]
  /** Empty when the table has no rows. */
  readonly rows: readonly (readonly TableCell[])[]
  /** Sentences about what is not shown. */
  readonly notes: readonly string[]
}

/** Chooses what fits the box: smaller type first, then cut texts, fewer columns and rows. */
export function layoutTable(view: TableView, box: Box, context: DeckContext): TableLayout {
  const table = context.table(view.table)
  const columns = shownColumns(view, table, context)
  const title = truncateText(cutText(table.title, limits.label), box.widthPx * 0.97, 16, 600)
  const choice = matter(table, columns)
  const likely = choice.take(mostRows)
  const texts = columns.map((column) => cellTexts(likely, column))
  const density = chooseDensity(table, columns, texts, box)
  const widths = fitWidths(columns, texts, box.widthPx, density.sizePx)
  const shown = columns.slice(0, widths.length)
  const head = shown.map((column, index) => {
    const lines = headingLines(column.heading, (widths[index] ?? 0) - cellPaddingPx)
    return { ...cellOf(column, lines.join(' ')), lines }
  })
  const headPx = 14 + headingLinePx * Math.max(1, ...head.map((cell) => cell.lines.length))
  const hiddenColumns = columns.length - shown.length
  const all = captionPx + headPx + density.rowPx * table.rows.length
  const isComplete = all <= box.heightPx && !table.truncated && hiddenColumns === 0
  const room = box.heightPx - captionPx - headPx - (isComplete ? 0 : notePx)
  const rowCount = Math.min(table.rows.length, mostRows, Math.max(1, Math.floor(room / density.rowPx)))
  const rows = choice.take(rowCount).map((row) =>
    shown.map((column, index) => {
      const text = cutText(column.format(row[column.index] ?? null), limits.label)
      return cellOf(column, truncateText(text, (widths[index] ?? 0) - cellPaddingPx, density.sizePx))
    }),
  )
  const notes = [
    ...(rowCount < table.totalRowCount ? [rowsNote(rowCount, choice, table, context)] : []),
    ...(hiddenColumns > 0 ? [context.words.columnsHidden(hiddenColumns)] : []),
  ]
  return { title, ...density, headPx, widths, head, rows, notes }
}

/** A table that fits its box and says what is missing. */
export function dataTable(view: TableView, box: Box, context: DeckContext): string {
  const layout = layoutTable(view, box, context)
  const title = escapeText(layout.title)
  if (layout.rows.length === 0) {
    return (
      `<div class="table-box" style="width:${rem(box.widthPx)}"><p class="caption" dir="auto">${title}</p>` +
      `<p class="empty">${escapeText(context.words.noData)}</p></div>`
    )
  }
  const rows = layout.rows.map((row) => `<tr>${row.map(bodyCell).join('')}</tr>`)
  const cols = layout.widths.map((width) => `<col style="width:${rem(width)}">`).join('')
  const { sizePx, rowPx, headPx, widths, notes } = layout
  return (
    `<div class="table-box" style="width:${rem(box.widthPx)}"><table class="table" style="font-size:${rem(sizePx)};--row:${rem(rowPx)};width:${rem(sum(widths))}">` +
    `<caption dir="auto">${title}</caption><colgroup>${cols}</colgroup>` +
    `<thead><tr style="height:${rem(headPx)}">${layout.head.map(headCell).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>` +
    (notes.length > 0 ? `<p class="note">${escapeText(notes.join(' · '))}</p>` : '') +
    `</div>`
  )
}

function cellOf(column: ShownColumn, text: string): TableCell {
  return { text, isNumber: column.isNumber, isRightToLeft: column.isRightToLeft }
}

function rowsNote(shown: number, choice: RowsThatMatter, table: Table, context: DeckContext): string {
  const number = new Intl.NumberFormat(context.language)
  const counts = [number.format(shown), number.format(table.totalRowCount)] as const
  const { words } = context
  // All rows there are, of more that the warehouse keeps.
  if (choice.kind === 'first' || shown === table.rows.length) return words.rowsShown(...counts)
  if (choice.kind === 'latest') return words.latestRowsShown(...counts)
  return words.largestRowsShown(...counts, cutText(humanizeName(table.columns[choice.by]?.name ?? ''), limits.label))
}

function matter(table: Table, columns: readonly ShownColumn[]): RowsThatMatter {
  return rowsThatMatter(
    table,
    columns.map(({ index }) => index),
  )
}

function shownColumns(view: TableView, table: Table, context: DeckContext): readonly ShownColumn[] {
  const names =
    view.columns !== undefined && view.columns.length > 0 ? view.columns : table.columns.map((column) => column.name)
  return names.slice(0, limits.columns).flatMap((name) => {
    const index = columnIndex(table, name)
    const column = table.columns[index]
    if (column === undefined) return []
    const unit = column.type === 'number' ? unitLabel(column.unit, context.language) : ''
    const heading = cutText(humanizeName(column.name), limits.label)
    const format = columnFormatter(table, index, context.language, { isBare: true })
    const firstText = table.rows
      .map((row) => row[index])
      .find((cell) => cell !== null && cell !== undefined && cell !== '')
    return [
      {
        heading: unit === '' ? heading : `${heading} (${unit})`,
        isNumber: column.type === 'number',
        format,
        index,
        isRightToLeft: column.type === 'text' && isRightToLeft(firstText ?? ''),
      },
    ]
  })
}

function cellTexts(rows: readonly Table['rows'][number][], column: ShownColumn): readonly string[] {
  return rows.map((row) => cutText(column.format(row[column.index] ?? null), limits.label))
}

function chooseDensity(
  table: Table,
  columns: readonly ShownColumn[],
  texts: readonly (readonly string[])[],
  box: Box,
): Density {
  const fitsWidth = (density: Density): boolean =>
    sum(columns.map((column, index) => naturalWidth(column, texts[index] ?? [], density.sizePx))) <= box.widthPx
  const headPx = 14 + headingLinePx * 2
  const fitsHeight = (density: Density): boolean =>
    captionPx + headPx + notePx + density.rowPx * table.rows.length <= box.heightPx
  const complete = densities.find((density) => fitsWidth(density) && fitsHeight(density))
  const partial = densities.slice(comfortable).find(fitsWidth)
  return complete ?? partial ?? densities[densities.length - 1] ?? densities[0]
}

/** Width a column wants. Headings may take two lines, so they ask for their longest word only. */
function naturalWidth(column: ShownColumn, texts: readonly string[], sizePx: number): number {
  const cells = texts.reduce((most, text) => Math.max(most, textWidth(text, sizePx)), 0)
  const heading = textWidth(column.heading, headingSizePx, 600)
  const longestWord = Math.max(...column.heading.split(' ').map((word) => textWidth(word, headingSizePx, 600)))
  const needed = Math.max(cells, longestWord, heading / 1.7) / 0.98 + 1
  return Math.ceil((column.isNumber ? needed : Math.min(mostTextPx, needed)) + cellPaddingPx)
}

/** Column widths that fill the table's width; fewer than the columns when not all have room. */
function fitWidths(
  columns: readonly ShownColumn[],
  texts: readonly (readonly string[])[],
  widthPx: number,
  sizePx: number,
): readonly number[] {
  let natural = columns.map((column, index) => naturalWidth(column, texts[index] ?? [], sizePx))
  let excess = sum(natural) - widthPx
  if (excess > 0) {
    const slack = natural.map((width, index) =>
      columns[index]?.isNumber === true ? 0 : Math.max(0, width - leastTextPx),
    )
    const total = sum(slack)
    const share = total === 0 ? 0 : Math.min(1, excess / total)
    natural = natural.map((width, index) => Math.floor(width - (slack[index] ?? 0) * share))
    excess = sum(natural) - widthPx
  }
  while (natural.length > 1 && sum(natural) > widthPx) natural = natural.slice(0, -1)
  if (natural.length === 1 && sum(natural) > widthPx) return [widthPx]
  const factor = Math.min(mostStretch, widthPx / sum(natural))
  return natural.map((width) => Math.floor(width * factor))
}

function headingLines(heading: string, widthPx: number): readonly string[] {
  const lines = wrapText(heading, widthPx * 0.985, headingSizePx, 600)
  const [first = ''] = lines
  return lines.length <= 2
    ? lines
    : [first, truncateText(heading.slice(first.length).trim(), widthPx * 0.985, headingSizePx, 600)]
}

function headCell(cell: TableLayout['head'][number]): string {
  return `<th scope="col" dir="auto"${classOf(cell)}>${cell.lines.map(escapeText).join(' <br>')}</th>`
}

function bodyCell(cell: TableCell, place: number): string {
  if (cell.isNumber) return `<td class="number">${escapeText(cell.text)}</td>`
  const tag = place === 0 ? 'th' : 'td'
  return `<${tag}${place === 0 ? ' scope="row"' : ''} dir="auto"${classOf(cell)}>${escapeText(cell.text)}</${tag}>`
}

function classOf(cell: TableCell): string {
  return cell.isNumber ? ' class="number"' : cell.isRightToLeft ? ' class="rtl"' : ''
}

/** True when the first letter that has a direction runs from right to left. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0] ?? ''
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(letter)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
