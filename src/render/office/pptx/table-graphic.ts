import { tag } from '../xml.ts'
import { paragraphXml, type Paragraph, type TextLook } from './text.ts'
import { emu } from './units.ts'

export interface CellBlock {
  readonly paragraphs: readonly Paragraph[]
  readonly anchor: 'middle' | 'bottom'
  /** Between the text and the edges at its sides. */
  readonly leftPx: number
  readonly rightPx: number
  readonly bottomPx?: number
  /** Ground of the cell; none when left out. */
  readonly fill?: string
  /** Leaves a thin line of the slide's ground between this cell and the one before. */
  readonly hasGap?: boolean
}

export interface RowBlock {
  readonly heightPx: number
  readonly cells: readonly CellBlock[]
  /** Under the row. */
  readonly rule: { readonly colour: string; readonly widthPx: number } | null
}

/** A native table without a style of its own: what it looks like is on its cells. The first row is its header. */
export function tableGraphic(
  widthsPx: readonly number[],
  rows: readonly RowBlock[],
  options: { readonly hasHeader: boolean; readonly look: TextLook },
): string {
  const { look } = options
  const grid = widthsPx.map((width) => tag('a:gridCol', { w: emu(width) }))
  return tag(
    'a:graphicData',
    { uri: 'http://schemas.openxmlformats.org/drawingml/2006/table' },
    tag(
      'a:tbl',
      {},
      tag('a:tblPr', { rtl: look.isMirrored ? 1 : undefined, firstRow: options.hasHeader ? 1 : undefined }),
      tag('a:tblGrid', {}, ...grid),
      ...rows.map((row) => rowXml(row, look)),
    ),
  )
}

function rowXml(row: RowBlock, look: TextLook): string {
  const none = tag('a:noFill')
  const side = (name: string): string => tag(name, { w: 0 }, none)
  const bottom = row.rule === null ? side('a:lnB') : ruleXml('a:lnB', row.rule, look)
  const cells = row.cells.map((cell) =>
    tag(
      'a:tc',
      {},
      tag(
        'a:txBody',
        {},
        '<a:bodyPr/><a:lstStyle/>',
        cell.paragraphs.map((paragraph) => paragraphXml(paragraph, look)).join('') || '<a:p/>',
      ),
      tag(
        'a:tcPr',
        {
          marL: emu(cell.leftPx),
          marR: emu(cell.rightPx),
          marT: 0,
          marB: emu(cell.bottomPx ?? 0),
          anchor: cell.anchor === 'middle' ? 'ctr' : 'b',
        },
        cell.hasGap === true && row.rule !== null ? ruleXml('a:lnL', row.rule, look) : side('a:lnL'),
        side('a:lnR'),
        side('a:lnT'),
        bottom,
        cell.fill === undefined ? none : tag('a:solidFill', {}, look.colour(cell.fill)),
      ),
    ),
  )
  return tag('a:tr', { h: emu(row.heightPx) }, ...cells)
}

function ruleXml(name: 'a:lnL' | 'a:lnB', rule: NonNullable<RowBlock['rule']>, look: TextLook): string {
  return tag(name, { w: emu(rule.widthPx) }, tag('a:solidFill', {}, look.colour(rule.colour)))
}

/** A cell with one line of text, in the middle of its height. */
export function gridCell(
  text: string,
  style: {
    readonly sizePx: number
    readonly colour: string
    readonly isBold?: boolean
    readonly align?: 'start' | 'centre' | 'end'
    readonly leftPx?: number
  },
): CellBlock {
  const { sizePx, colour, isBold = false, align, leftPx = 0 } = style
  const paragraph = { runs: [{ text }], sizePx, linePx: Math.ceil(sizePx * 1.25), colour, isBold }
  return {
    paragraphs: [align === undefined ? paragraph : { ...paragraph, align }],
    anchor: 'middle',
    leftPx,
    rightPx: 0,
  }
}
