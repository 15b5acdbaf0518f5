import { describe, expect, it } from 'vitest'
import { deckToCsv, tableToCsv } from '../../../src/render/office/deck-to-csv.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { makeTable, number, text } from '../../fixtures/decks/tables.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'

/** A reader of RFC 4180, written from the RFC. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (let at = 0; at < csv.length;) {
    let field = ''
    if (csv[at] === '"') {
      at += 1
      while (csv[at] !== '"' || csv[at + 1] === '"') {
        at += csv[at] === '"' ? 1 : 0
        field += csv[at] ?? ''
        at += 1
      }
      at += 1
    } else while (csv[at] !== ',' && csv[at] !== '\r') field += csv[at++] ?? ''
    row.push(field)
    if (csv[at] === ',') at += 1
    else {
      expect(csv.slice(at, at + 2)).toBe('\r\n')
      at += 2
      rows.push(row)
      row = []
    }
  }
  return rows
}

describe('deckToCsv', () => {
  it.each([salesDeck(), uglyDeck()])('gives every row and every cell of every table of $id', (deck) => {
    const files = deckToCsv(deck)

    expect(files.map((file) => file.name)).toEqual(deck.tables.map((table) => `${table.id}.csv`))
    for (const [index, table] of deck.tables.entries()) {
      const bytes = files[index]?.bytes ?? new Uint8Array()
      expect(Array.from(bytes.subarray(0, 3))).toEqual([0xef, 0xbb, 0xbf])
      const rows = readCsv(new TextDecoder().decode(bytes))
      expect(rows).toEqual([
        table.columns.map((column) => column.name),
        ...table.rows.map((row) => row.map((cell) => cell ?? '')),
      ])
    }
  })

  it('keeps ids that are no file names apart and inside the folder', () => {
    const tables = ['../../etc/passwd', '..', 'T1', 't1', ''].map((id) => makeTable(id, 'A table', [text('a')], []))

    const names = deckToCsv(salesDeck({ tables: [...salesDeck().tables, ...tables] })).map((file) => file.name)

    expect(names.slice(-5)).toEqual(['_etc_passwd.csv', '_.csv', 'T1-2.csv', 't1-3.csv', 'table.csv'])
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
  })
})

describe('tableToCsv', () => {
  it('quotes commas, quotes and line ends, and nothing else', () => {
    const table = makeTable(
      'T1',
      'T',
      [text('a')],
      [['plain'], ['a,b'], ['say "hi"'], ['two\nlines'], ['two\r\nlines']],
    )

    expect(tableToCsv(table)).toBe('\uFEFFa\r\nplain\r\n"a,b"\r\n"say ""hi"""\r\n"two\nlines"\r\n"two\r\nlines"\r\n')
  })

  it.each(['=1+1', '+cmd|calc', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")'])(
    'keeps %j from being run as a formula, in a cell as in a heading',
    (formula) => {
      const rows = readCsv(tableToCsv(makeTable('T1', 'T', [text(formula)], [[formula]])).slice(1))

      expect(rows).toEqual([[`'${formula}`], [`'${formula}`]])
    },
  )

  it('leaves numbers as they are, negative ones and numbers in a text column too', () => {
    const table = makeTable(
      'T1',
      'T',
      [number('n'), text('t')],
      [
        ['-12.50', '-7'],
        ['98765432109876543210.12', '+4.5'],
      ],
    )

    expect(readCsv(tableToCsv(table).slice(1)).slice(1)).toEqual([
      ['-12.50', '-7'],
      ['98765432109876543210.12', '+4.5'],
    ])
  })

  it('treats what is no number in a number column as text', () => {
    const table = makeTable('T1', 'T', [number('n')], [['=1+1'], ['NaN']])

    expect(readCsv(tableToCsv(table).slice(1)).slice(1)).toEqual([["'=1+1"], ['NaN']])
  })

  it('writes lone surrogates and zero characters as something every reader takes', () => {
    const bytes = Buffer.from(tableToCsv(makeTable('T1', 'T', [text('a')], [['a\ud800b\0c']])))

    expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toContain('a\ufffdbc')
  })
})
