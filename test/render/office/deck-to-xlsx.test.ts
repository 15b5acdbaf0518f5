import { describe, expect, it } from 'vitest'
import type { Deck } from '../../../src/render/deck.ts'
import { deckToXlsx } from '../../../src/render/office/deck-to-xlsx.ts'
import type { Column } from '../../../src/render/table.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { count, date, dollars, makeTable, number, percent, plain, ratio, text } from '../../fixtures/decks/tables.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'
import { cellsOf, decode, officeProblems, readOffice, type OfficeFile } from './read-office.ts'

async function workbookOf(deck: Deck): Promise<OfficeFile> {
  return readOffice(await deckToXlsx(deck))
}

/** The first sheet of a workbook with one table. */
async function sheetOf(
  columns: readonly Column[],
  rows: readonly (readonly (string | number | null)[])[],
): Promise<OfficeFile> {
  return await workbookOf(salesDeck({ tables: [makeTable('T1', 'Table', columns, rows)] }))
}

function sheetNamesOf(file: OfficeFile): readonly string[] {
  return [...file.text('xl/workbook.xml').matchAll(/<sheet name="([^"]*)"/g)].map(([, name = '']) => decode(name))
}

/** Number format of a cell, through its style. */
function formatOf(file: OfficeFile, place: string): string | undefined {
  const style = new RegExp(`<c r="${place}" s="(\\d+)"`).exec(file.text('xl/worksheets/sheet1.xml'))?.[1]
  const styles = file.text('xl/styles.xml')
  const looks = [...(/<cellXfs.*?<\/cellXfs>/s.exec(styles)?.[0] ?? '').matchAll(/<xf numFmtId="(\d+)" fontId="(\d)"/g)]
  const id = looks[Number(style)]?.[1]
  const code = new RegExp(`<numFmt numFmtId="${id}" formatCode="([^"]*)"`).exec(styles)?.[1]
  return code === undefined ? undefined : decode(code)
}

describe('deckToXlsx', () => {
  it.each([salesDeck(), uglyDeck()])(
    'is a sound workbook with a sheet for each table of $id and one for the sources',
    async (deck) => {
      const file = await workbookOf(deck)

      expect(officeProblems(file)).toEqual([])
      const names = sheetNamesOf(file)
      expect(names).toHaveLength(deck.tables.length + 1)
      expect(names.at(-1)).toBe('Sources')
      expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(31)
    },
  )

  it('stores numbers as numbers and every row of the table', async () => {
    const deck = salesDeck()
    const products = deck.tables.findIndex((table) => table.id === 'T3')

    const cells = cellsOf((await workbookOf(deck)).text(`xl/worksheets/sheet${products + 1}.xml`))

    const table = deck.tables[products]
    expect(cells.get('A1')).toBe('product')
    for (const [index, row] of (table?.rows ?? []).entries()) {
      expect(cells.get(`A${index + 2}`)).toBe(row[0])
      expect(cells.get(`D${index + 2}`)).toBe(Number(row[3]))
    }
    expect(cells.get(`A${(table?.rows.length ?? 0) + 2}`)).toBeUndefined()
  })

  it('keeps a number as text when Excel would lose digits of it', async () => {
    const exact = [
      '0',
      '-12.5',
      '0.1',
      '123456789012345',
      '1000000000000000000',
      '00012',
      '-0.000000000123456789012345',
    ]
    const lossy = ['1234567890123456', '9007199254740993', '123456789012345.67', '0.12345678901234567', 'NaN', '1e3']

    const cells = cellsOf(
      (
        await sheetOf(
          [number('n')],
          [...exact, ...lossy].map((cell) => [cell]),
        )
      ).text('xl/worksheets/sheet1.xml'),
    )

    expect(exact.map((_, at) => cells.get(`A${at + 2}`))).toEqual(exact.map(Number))
    expect(lossy.map((_, at) => cells.get(`A${at + exact.length + 2}`))).toEqual(lossy)
  })

  it('stores dates as dates, and text where Excel has no such date', async () => {
    const rows = ['2024-02-29', '1900-03-01', '1899-12-31', '0001-01-01', 'not a date'].map((cell) => [cell])

    const file = await sheetOf([date('day')], rows)

    const cells = cellsOf(file.text('xl/worksheets/sheet1.xml'))
    expect(['A2', 'A3', 'A4', 'A5', 'A6'].map((place) => cells.get(place))).toEqual([
      45_351,
      61,
      '1899-12-31',
      '0001-01-01',
      'not a date',
    ])
    expect(formatOf(file, 'A2')).toBe('yyyy-mm-dd')
  })

  it('keeps the time of day down to the second', async () => {
    const file = await sheetOf([date('at')], [['2024-01-01T18:30:45Z']])

    expect(cellsOf(file.text('xl/worksheets/sheet1.xml')).get('A2')).toBeCloseTo(
      45_292 + (18 * 3600 + 30 * 60 + 45) / 86_400,
      9,
    )
    expect(formatOf(file, 'A2')).toBe('yyyy-mm-dd hh:mm:ss')
  })

  it('formats numbers by their unit', async () => {
    const columns = [
      number('revenue', dollars),
      number('orders', count),
      number('margin', percent),
      number('rate', ratio),
      number('year'),
      number('days', { kind: 'duration', unit: 'days' }),
      number('score', plain),
    ]

    const file = await sheetOf(columns, [['12.5', '1000', '12.5', '0.125', '2023', '3', '1.25']])

    expect(['A2', 'B2', 'C2', 'D2', 'E2', 'F2', 'G2'].map((place) => formatOf(file, place))).toEqual([
      '"$"#,##0.00',
      '#,##0',
      '#,##0.0"%"',
      '0.0%',
      '0',
      '#,##0" days"',
      '#,##0.00',
    ])
  })

  it('puts the sign of a currency where the language has it', async () => {
    const euros = { kind: 'currency', code: 'EUR' } as const
    const deck = salesDeck({ language: 'de', tables: [makeTable('T1', 'T', [number('umsatz', euros)], [['12']])] })

    expect(formatOf(await workbookOf(deck), 'A2')).toBe('#,##0"\u00a0€"')
  })

  it('writes the heading in bold and keeps it in sight', async () => {
    const file = await sheetOf([text('a')], [['x']])

    const sheet = file.text('xl/worksheets/sheet1.xml')
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>')
    const style = Number(/<c r="A1" s="(\d+)"/.exec(sheet)?.[1])
    const looks = [...file.text('xl/styles.xml').matchAll(/<xf numFmtId="\d+" fontId="(\d)"[^>]*xfId="0"/g)]
    expect(looks[style]?.[1]).toBe('1')
    expect(file.text('xl/styles.xml')).toContain('<fonts count="2"><font><sz')
  })

  it('gives safe names to sheets, all different, whatever the tables are called', async () => {
    const titles = [
      'Revenue / region: [2023]?*\\',
      "'quoted'",
      'History',
      'sources',
      'A'.repeat(40),
      'A'.repeat(45),
      'a'.repeat(31),
      '',
      '😀'.repeat(20),
      '\u0007',
    ]

    const file = await workbookOf(
      salesDeck({ tables: titles.map((title, at) => makeTable(`T${at}`, title, [text('a')], [])) }),
    )

    expect(officeProblems(file)).toEqual([])
    const names = sheetNamesOf(file)
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(titles.length + 1)
    for (const name of names) {
      expect(name).toMatch(/^[^[\]:*?/\\]{1,31}$/)
      expect(name).not.toMatch(/^'|'$|^history$/i)
      expect(name.isWellFormed()).toBe(true)
    }
    expect(names).toContain('Revenue region 2023')
  })

  it('says where each sheet comes from', async () => {
    const deck = salesDeck()

    const file = await workbookOf(deck)

    const cells = cellsOf(file.text(`xl/worksheets/sheet${deck.tables.length + 1}.xml`))
    const [first] = deck.tables
    expect([...'ABCDEFGHIJKL'].map((column) => cells.get(`${column}2`))).toEqual([
      sheetNamesOf(file)[0],
      first?.id,
      first?.title,
      first?.question,
      first?.rows.length,
      first?.totalRowCount,
      first?.sql,
      first?.source.spaceId,
      first?.source.conversationId,
      first?.source.messageId,
      first?.source.attachmentId,
      first?.source.statementId,
    ])
  })

  it('stores hostile text as text', async () => {
    const cells = [
      '=1+1',
      '<script>]]>&amp;',
      'a\u0000\u0008\ud800b',
      '_x0041_',
      ' spaces ',
      'x'.repeat(40_000),
      '🧪 العربية',
    ]

    const file = await sheetOf(
      [text('a')],
      cells.map((cell) => [cell]),
    )

    expect(officeProblems(file)).toEqual([])
    const sheet = file.text('xl/worksheets/sheet1.xml')
    expect(sheet).not.toContain('<f>')
    const found = cellsOf(sheet)
    expect(['A2', 'A3', 'A4', 'A5', 'A6', 'A8'].map((place) => found.get(place))).toEqual([
      '=1+1',
      '<script>]]>&amp;',
      'a\ufffdb',
      '_x005F_x0041_',
      ' spaces ',
      '🧪 العربية',
    ])
    expect(String(found.get('A7'))).toHaveLength(32_767)
  })
})
