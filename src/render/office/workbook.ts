import { packParts, type Part } from './package.ts'
import { propertyParts, propertyRelationships, type DocumentProperties } from './properties.ts'
import { tag, xmlDocument, xmlText } from './xml.ts'

export interface WorkbookCell {
  /** Numbers and booleans are stored as such, null is an empty cell. */
  readonly value: string | number | boolean | null
  /** Computes the value again when the others change, such as `SUM(B2:D2)`. */
  readonly formula?: string
  /** An Excel number format; General when left out. */
  readonly format?: string | undefined
  readonly isBold?: boolean
  /** Breaks long text into lines instead of letting it run over. */
  readonly wraps?: boolean
}

export interface WorksheetData {
  /** Must already be a safe name, see `sheetNames`. */
  readonly name: string
  readonly rows: readonly (readonly WorkbookCell[])[]
  /** In characters, one per column. */
  readonly widths: readonly number[]
  /** Keeps the first row in sight. */
  readonly hasHeader: boolean
}

/** Excel takes no more in a cell; the rest is in the CSV. */
const mostCellCharacters = 32_767

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const typeOf = (kind: string): string => `application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml`

/** An Excel workbook with a sheet for each entry, in order. */
export async function writeWorkbook(
  sheets: readonly WorksheetData[],
  properties: DocumentProperties,
): Promise<Uint8Array> {
  const styles = createStyles()
  const sheetParts = sheets.map((sheet, index): Part => ({
    path: `/xl/worksheets/sheet${index + 1}.xml`,
    contentType: typeOf('worksheet'),
    content: xmlDocument(worksheetXml(sheet, styles, index === 0)),
  }))
  const workbook = tag(
    'workbook',
    { xmlns: main, 'xmlns:r': relationships },
    tag(
      'sheets',
      {},
      ...sheets.map((sheet, index) =>
        tag('sheet', { name: sheet.name, sheetId: index + 1, 'r:id': `rId${index + 1}` }),
      ),
    ),
  )
  const parts: Part[] = [
    {
      path: '/xl/workbook.xml',
      contentType: typeOf('sheet.main'),
      content: xmlDocument(workbook),
      relationships: [
        ...sheetParts.map((part, index) => ({ id: `rId${index + 1}`, type: 'worksheet', target: part.path })),
        { id: 'rIdStyles', type: 'styles', target: '/xl/styles.xml' },
      ],
    },
    { path: '/xl/styles.xml', contentType: typeOf('styles'), content: xmlDocument(styles.xml()) },
    ...sheetParts,
    ...propertyParts(properties),
  ]
  return await packParts(parts, [
    { id: 'rIdWorkbook', type: 'officeDocument', target: '/xl/workbook.xml' },
    ...propertyRelationships,
  ])
}

function worksheetXml(sheet: WorksheetData, styles: Styles, isFirst: boolean): string {
  const pane = sheet.hasHeader
    ? tag('pane', { ySplit: 1, topLeftCell: 'A2', activePane: 'bottomLeft', state: 'frozen' }) +
      tag('selection', { pane: 'bottomLeft' })
    : ''
  const columns = sheet.widths.map((width, index) =>
    tag('col', { min: index + 1, max: index + 1, width: Math.min(255, width), customWidth: 1 }),
  )
  const rows = sheet.rows.map((row, r) => {
    const cells = row.map((cell, c) => cellXml(cell, `${columnName(c)}${r + 1}`, styles))
    return `<row r="${r + 1}">${cells.join('')}</row>`
  })
  return tag(
    'worksheet',
    { xmlns: main },
    tag('sheetViews', {}, tag('sheetView', { tabSelected: isFirst ? 1 : undefined, workbookViewId: 0 }, pane)),
    columns.length === 0 ? '' : tag('cols', {}, ...columns),
    `<sheetData>${rows.join('')}</sheetData>`,
  )
}

function cellXml(cell: WorkbookCell, place: string, styles: Styles): string {
  const style = styles.indexOf(cell)
  const start = `<c r="${place}"${style === 0 ? '' : ` s="${style}"`}`
  const { value } = cell
  if (value === null) return style === 0 ? '' : `${start}/>`
  const formula = cell.formula === undefined ? '' : tag('f', {}, xmlText(cell.formula))
  if (typeof value === 'number') return `${start}>${formula}<v>${value}</v></c>`
  if (typeof value === 'boolean') return `${start} t="b"><v>${value ? 1 : 0}</v></c>`
  const space = value === value.trim() ? '' : ' xml:space="preserve"'
  return `${start} t="inlineStr"><is><t${space}>${cellText(value)}</t></is></c>`
}

/** Excel reads `_x0041_` in a cell as the letter A: an underscore that would start one is written as such a code itself. */
function cellText(text: string): string {
  const short = text.length <= mostCellCharacters ? text : `${text.slice(0, mostCellCharacters - 1).toWellFormed()}…`
  return xmlText(short.replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_'))
}

/** "A" for 0, "Z" for 25, "AA" for 26. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter
}

interface Styles {
  /** Index of the cell's look; 0 is the plain one. */
  indexOf(cell: WorkbookCell): number
  xml(): string
}

/** Collects the looks that cells ask for while sheets are written. */
function createStyles(): Styles {
  const formats = new Map<string, number>()
  const looks = new Map([['||', { index: 0, formatId: 0, isBold: false, wraps: false }]])
  const firstCustomFormat = 164
  return {
    indexOf({ format = '', isBold = false, wraps = false }) {
      const key = `${format}|${isBold ? 'bold' : ''}|${wraps ? 'wraps' : ''}`
      const known = looks.get(key)
      if (known !== undefined) return known.index
      if (format !== '' && !formats.has(format)) formats.set(format, firstCustomFormat + formats.size)
      const look = { index: looks.size, formatId: formats.get(format) ?? 0, isBold, wraps }
      looks.set(key, look)
      return look.index
    },
    xml() {
      const font = (isBold: boolean): string =>
        tag(
          'font',
          {},
          isBold ? '<b/>' : '',
          tag('sz', { val: 11 }),
          tag('name', { val: 'Calibri' }),
          tag('family', { val: 2 }),
        )
      const cells = [...looks.values()].map(({ formatId, isBold, wraps }) =>
        tag(
          'xf',
          {
            numFmtId: formatId,
            fontId: isBold ? 1 : 0,
            fillId: 0,
            borderId: 0,
            xfId: 0,
            applyNumberFormat: formatId === 0 ? undefined : 1,
            applyFont: isBold ? 1 : undefined,
            applyAlignment: wraps ? 1 : undefined,
          },
          wraps ? tag('alignment', { vertical: 'top', wrapText: 1 }) : '',
        ),
      )
      const numberFormats = [...formats].map(([formatCode, numFmtId]) => tag('numFmt', { numFmtId, formatCode }))
      return tag(
        'styleSheet',
        { xmlns: main },
        formats.size === 0 ? '' : tag('numFmts', { count: formats.size }, ...numberFormats),
        tag('fonts', { count: 2 }, font(false), font(true)),
        tag(
          'fills',
          { count: 2 },
          tag('fill', {}, tag('patternFill', { patternType: 'none' })),
          tag('fill', {}, tag('patternFill', { patternType: 'gray125' })),
        ),
        tag('borders', { count: 1 }, tag('border', {}, '<left/><right/><top/><bottom/><diagonal/>')),
        tag('cellStyleXfs', { count: 1 }, tag('xf', { numFmtId: 0, fontId: 0, fillId: 0, borderId: 0 })),
        tag('cellXfs', { count: cells.length }, ...cells),
        tag('cellStyles', { count: 1 }, tag('cellStyle', { name: 'Normal', xfId: 0, builtinId: 0 })),
      )
    },
  }
}
