import type { TableView } from '../../deck.ts'
import { layoutTable, type TableCell } from '../../html/data-table.ts'
import { lineOfText, type Stage } from './deck-canvas.ts'
import { tableGraphic, type CellBlock, type RowBlock } from './table-graphic.ts'
import type { Rect } from './units.ts'

const captionPx = 32
const notePx = 28
const paddingPx = 12

/** A native table with its title and what is not shown, set as on the page. Returns the height of all of it, in px. */
export function dataTable(stage: Stage, view: TableView, rect: Rect): number {
  const { theme, context } = stage
  const layout = layoutTable(view, { widthPx: rect.w, heightPx: rect.h }, context)
  lineOfText(
    stage,
    layout.title,
    { ...rect, h: 22 },
    { sizePx: 16, colour: theme.ink, isBold: true },
    { name: 'Table title', isOneLine: true },
  )
  if (layout.rows.length === 0) {
    const place = { ...rect, y: rect.y + captionPx + 40, h: 26 }
    lineOfText(stage, stage.context.words.noData, place, { sizePx: 18, colour: theme.muted }, { name: 'Note' })
    return captionPx + 106
  }
  const { widths, head, rows, sizePx, headPx, rowPx, notes } = layout
  const edges = (place: number): { leftPx: number; rightPx: number } => ({
    leftPx: place === 0 ? 0 : paddingPx,
    rightPx: place === widths.length - 1 ? 0 : paddingPx,
  })
  const header: RowBlock = {
    heightPx: headPx,
    cells: head.map((cell, place) => ({
      ...edges(place),
      paragraphs: cell.lines.map((text) => cellParagraph({ ...cell, text }, 13, 17, theme.muted, true)),
      anchor: 'bottom' as const,
      bottomPx: 7,
    })),
    rule: { colour: theme.ink, widthPx: 2 },
  }
  const body = rows.map((row): RowBlock => {
    const cells = row.map((cell, place): CellBlock => {
      const text = cellParagraph(cell, sizePx, Math.ceil(sizePx * 1.2), theme.ink, false)
      return { ...edges(place), paragraphs: [text], anchor: 'middle' }
    })
    return { heightPx: rowPx, cells, rule: { colour: theme.hairline, widthPx: 1 } }
  })
  const heightPx = headPx + rowPx * rows.length
  const place = { x: rect.x, y: rect.y + captionPx, w: widths.reduce((sum, width) => sum + width, 0), h: heightPx }
  const content = tableGraphic(widths, [header, ...body], { hasHeader: true, look: stage.look })
  stage.canvas.graphic(place, 'Table', layout.title, content)
  if (notes.length === 0) return captionPx + heightPx
  const below = { ...rect, y: place.y + heightPx + 8, h: 20 }
  lineOfText(stage, notes.join(' · '), below, { sizePx: 13, colour: theme.muted }, { name: 'Note', isOneLine: true })
  return captionPx + heightPx + notePx
}

function cellParagraph(
  cell: TableCell,
  sizePx: number,
  linePx: number,
  colour: string,
  isBold: boolean,
): CellBlock['paragraphs'][number] {
  const runs = [{ text: cell.text }]
  const align = cell.isNumber || cell.isRightToLeft ? 'end' : undefined
  return { runs, sizePx, linePx, colour, isBold, ...(align === undefined ? {} : { align }) }
}
