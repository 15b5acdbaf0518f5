import { describe, expect, it } from 'vitest'
import { Expectations } from '../../src/eval/case.ts'
import { judgeNumbers } from '../../src/eval/right-numbers.ts'
import type { ExpectedRows } from '../../src/eval/scores.ts'
import type { Deck } from '../../src/render/deck.ts'
import type { Table, Unit } from '../../src/render/table.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'

const usd: Unit = { kind: 'currency', code: 'USD' }

function deckWith(rows: Table['rows'], unit: Unit = usd, facts: Deck['facts'] = []): Deck {
  const [table] = salesDeck().tables
  if (!table) throw new Error('The deck has no table')
  const columns: Table['columns'] = [
    { name: 'region', type: 'text', vendorType: 'STRING', unit: { kind: 'plain' } },
    { name: 'amount', type: 'number', vendorType: 'DECIMAL', unit },
  ]
  return { ...salesDeck(), facts, tables: [{ ...table, columns, rows }] }
}

const expected: ExpectedRows = {
  columns: [
    { name: 'region', isNumber: false },
    { name: 'sum', isNumber: true },
  ],
  rows: [
    ['EMEA', '200.00'],
    ['APAC', '100.00'],
  ],
}
const right: Table['rows'] = [
  ['EMEA', '200.00'],
  ['APAC', '100.00'],
]

const judge = (deck: Deck | undefined, wanted: object = {}, rows = expected) =>
  judgeNumbers(rows, Expectations.parse({ unit: 'USD', ...wanted }), deck)

describe('Right numbers', () => {
  it('are those that stand in one column beside the right names, in any order unless told otherwise', () => {
    expect(judge(deckWith(right))).toEqual({ score: 1, faults: [] })
    expect(judge(deckWith(right.toReversed()))).toEqual({ score: 1, faults: [] })
    expect(judge(deckWith(right.toReversed()), { ordered: true })).toMatchObject({ score: 0.5 })
  })

  it.each<[string, Deck | undefined, object, number]>([
    [
      'a wrong number',
      deckWith([
        ['EMEA', '200.00'],
        ['APAC', '101.00'],
      ]),
      {},
      0.5,
    ],
    [
      'numbers of other names',
      deckWith([
        ['EMEA', '100.00'],
        ['APAC', '200.00'],
      ]),
      {},
      0,
    ],
    ['a missing row', deckWith([['EMEA', '200.00']]), {}, 0.5],
    ['a row too many', deckWith([...right, ['Nordics', '9.00'], ['Americas', '9.00']]), {}, 0.5],
    ['another unit', deckWith(right, { kind: 'currency', code: 'EUR' }), {}, 0],
    ['a number without a unit', deckWith(right, { kind: 'plain' }), {}, 0],
    [
      'an empty cell',
      deckWith([
        ['EMEA', null],
        ['APAC', '100.00'],
      ]),
      {},
      0.5,
    ],
    ['no deck', undefined, {}, 0],
  ])('do not count with %s', (_what, deck, wanted, score) => {
    const judged = judge(deck, wanted)

    expect(judged.score).toBe(score)
    expect(judged.faults).not.toEqual([])
  })

  it('may be off by the tolerance, and no more', () => {
    const deck = deckWith([
      ['EMEA', '201.00'],
      ['APAC', '100.00'],
    ])

    expect(judge(deck, { tolerance: 0.005 }).score).toBe(1)
    expect(judge(deck, { tolerance: 0.004 }).score).toBe(0.5)
  })

  it('may be a share where percent are expected, and more rows where those are welcome', () => {
    const shares: ExpectedRows = { ...expected, rows: [['EMEA', '66.67']] }

    expect(judge(deckWith([['EMEA', '0.6667']], { kind: 'ratio' }), { unit: 'percent' }, shares).score).toBe(1)
    expect(judge(deckWith([['EMEA', '0.6667']], { kind: 'ratio' }), { unit: 'count' }, shares).score).toBe(0)
    expect(judge(deckWith(right), { more_rows: true }, { ...expected, rows: [['APAC', '100']] }).score).toBe(1)
  })

  it('may be facts that code computed, where their label says what they are about', () => {
    const fact = (label: string): Deck['facts'][number] => ({
      id: 'F1',
      kind: 'growth',
      label,
      value: '12.5',
      valueType: 'number',
      unit: { kind: 'percent' },
      lineage: { tableId: 'T1', columns: [], rows: [], formula: '' },
    })
    const growth: ExpectedRows = { ...expected, rows: [['EMEA', '12.5']] }

    expect(judge(deckWith(right, usd, [fact('Growth, EMEA')]), { unit: 'percent' }, growth).score).toBe(1)
    expect(judge(deckWith(right, usd, [fact('Growth, APAC')]), { unit: 'percent' }, growth).score).toBe(0)
  })

  it('are none where none are expected: a deck then is an invention', () => {
    const nothing = { ...expected, rows: [] }

    expect(judge(undefined, {}, nothing).score).toBe(1)
    expect(judge(deckWith(right), {}, nothing).score).toBe(0)
  })
})
