import { describe, expect, it } from 'vitest'
import type { Deck } from '../../../src/render/deck.ts'
import type { Table } from '../../../src/render/table.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { tableToCsv } from '../../../src/render/office/deck-to-csv.ts'
import { deckToPptx } from '../../../src/render/office/pptx/deck-to-pptx.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { count, date, dollars, makeTable, number, percent, plain, text } from '../../fixtures/decks/tables.ts'
import { paragraphs, readOffice } from '../office/read-office.ts'

const day = (at: number): string => new Date(Date.UTC(2023, 0, 1 + at)).toISOString().slice(0, 10)
/** Every number from 0 to 199 once, in no order. */
const mixed = Array.from({ length: 200 }, (_, at) => (at * 77 + 13) % 200)

function deckOf(table: Table, columns?: string[]): Deck {
  const view = { table: table.id, ...(columns === undefined ? {} : { columns }) }
  const base = { id: 's1', title: ['Rows'], notes: [], sources: [table.id] }
  return salesDeck({
    tables: [table],
    facts: [],
    title: ['Rows'],
    slides: [{ ...base, layout: 'table', table: view, takeaway: [] }],
  })
}

/** First cells of the rows on the slide, and what the slide says about the others. */
function shown(deck: Deck): { readonly first: readonly string[]; readonly note: string } {
  const html = deckToHtml(deck, { for: 'print' })
  const first = [...html.matchAll(/<tr><t[hd][^>]*>([^<]*)</g)].map((match) => match[1] ?? '')
  return { first, note: /<p class="note">([^<]*)</.exec(html)?.[1] ?? '' }
}

describe('a table with more rows than a slide', () => {
  it('shows the latest when it runs up in time, oldest of them first', () => {
    const table = makeTable(
      'T1',
      'Orders',
      [date('day'), number('orders', count)],
      mixed.map((value, at) => [day(at), value]),
    )

    const { first, note } = shown(deckOf(table))

    expect(first.at(-1)).toBe('Jul 19, 2023')
    expect(first[0]).toMatch(/^Jul \d, 2023$/)
    expect(note).toBe(`Showing the latest ${first.length} of 200 rows`)
  })

  it('shows the largest by its first measure when the query gave it no order', () => {
    const columns = [text('product'), number('year', plain), number('margin', percent), number('net_revenue', dollars)]
    const table = makeTable(
      'T1',
      'Products',
      columns,
      mixed.map((value, at) => [`P${value}`, 2020 + (at % 3), (at * 7) % 50, value]),
    )

    const { first, note } = shown(deckOf(table))

    expect(first.slice(0, 3)).toEqual(['P199', 'P198', 'P197'])
    expect(note).toBe(`Showing the ${first.length} largest of 200 rows by Net revenue`)
  })

  it.each([
    ['downwards', mixed.toSorted((one, other) => other - one)],
    ['upwards', mixed.toSorted((one, other) => one - other)],
  ])('shows the first when the query ordered them %s', (_, values) => {
    const table = makeTable(
      'T1',
      'Products',
      [text('product'), number('revenue', dollars)],
      values.map((value) => [`P${value}`, value]),
    )

    const { first, note } = shown(deckOf(table))

    expect(first[0]).toBe(`P${values[0]}`)
    expect(note).toBe(`Showing ${first.length} of 200 rows`)
  })

  it('shows the first of what was cut by the warehouse, which may hold larger ones', () => {
    const whole = makeTable(
      'T1',
      'Products',
      [text('product'), number('revenue', dollars)],
      mixed.map((value) => [`P${value}`, value]),
    )

    const { first, note } = shown(deckOf({ ...whole, truncated: true, totalRowCount: 9000 }))

    expect(first[0]).toBe('P13')
    expect(note).toBe(`Showing ${first.length} of 9,000 rows`)
  })

  it('decides by the columns it shows', () => {
    const table = makeTable(
      'T1',
      'Orders',
      [date('day'), text('product'), number('revenue', dollars)],
      mixed.map((value, at) => [day(at), `P${value}`, value]),
    )

    expect(shown(deckOf(table, ['product', 'revenue'])).first[0]).toBe('P199')
  })

  it('shows the same rows in PowerPoint, and all of them in the CSV', async () => {
    const table = makeTable(
      'T1',
      'Products',
      [text('product'), number('revenue', dollars)],
      mixed.map((value) => [`P${value}`, value]),
    )
    const deck = deckOf(table)

    const slide = paragraphs(readOffice(await deckToPptx(deck)).text('ppt/slides/slide1.xml'))
    const csv = tableToCsv(table)

    const { first, note } = shown(deck)
    expect(slide.filter((line) => /^P\d+$/.test(line))).toEqual(first)
    expect(slide).toContain(note)
    expect(csv.match(/^P\d+,/gm)).toHaveLength(200)
  })

  it('keeps the order of the query when all rows have room', () => {
    const table = makeTable(
      'T1',
      'Products',
      [text('product'), number('revenue', dollars)],
      mixed.slice(0, 6).map((value) => [`P${value}`, value]),
    )

    expect(shown(deckOf(table))).toEqual({ first: mixed.slice(0, 6).map((value) => `P${value}`), note: '' })
  })
})
