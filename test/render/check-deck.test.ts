import { describe, expect, it } from 'vitest'
import { assertDeck, checkDeck, type DeckProblem } from '../../src/render/check-deck.ts'
import type { Chart, Deck, Slide } from '../../src/render/deck.ts'
import { RenderError } from '../../src/render/renderer.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { uglyDeck } from '../fixtures/decks/ugly.ts'

const base = { id: 's1', title: ['Title'], notes: [], sources: ['T1'] }

function problemsOf(slide: Slide): readonly DeckProblem[] {
  return checkDeck(salesDeck({ slides: [slide] }))
}

function chartSlide(chart: Partial<Chart>): Slide {
  return {
    ...base,
    layout: 'chart',
    takeaway: [],
    chart: { kind: 'bar', table: 'T1', x: 'region', y: ['revenue'], ...chart },
  }
}

describe('checkDeck', () => {
  it('has nothing to say about decks that can be drawn', () => {
    expect(checkDeck(salesDeck())).toEqual([])
    expect(checkDeck(uglyDeck())).toEqual([])
  })

  it.each<[Partial<Chart>, string, string]>([
    [{ table: 'T99' }, 'chart.table', 'unknown table "T99", expected one of T1, T2, T3, T4, T5, T6'],
    [{ x: 'continent' }, 'chart.x', 'unknown column "continent", expected one of region, revenue, orders, return_rate'],
    [{ y: ['profit'] }, 'chart.y', 'unknown column "profit", expected one of region, revenue, orders, return_rate'],
    [{ y: ['region'] }, 'chart.y', 'column "region" is of type text, expected number'],
    [{ series: 'year' }, 'chart.series', 'unknown column "year", expected one of region, revenue, orders, return_rate'],
    [{ series: 'Region' }, 'chart.series', 'column "Region" is also x, expected another column'],
    [
      { table: 'T2', x: 'month', y: ['revenue', 'revenue'], series: 'region' },
      'chart.y',
      '2 columns together with series, expected one',
    ],
  ])('finds what is wrong with a chart of %j', (chart, field, message) => {
    expect(problemsOf(chartSlide(chart))).toEqual([{ slide: 's1', field, message }])
  })

  it('finds unknown facts wherever they stand', () => {
    const fact = { fact: 'F99' }
    const slides: Slide[] = [
      { ...base, layout: 'title', subtitle: [fact] },
      { ...base, layout: 'bullets', bullets: [['fine'], [fact]] },
      { ...base, layout: 'kpis', kpis: [{ label: 'x', fact: 'F1', change: 'F99' }], takeaway: [] },
      {
        ...base,
        layout: 'comparison',
        left: { heading: [fact], bullets: [] },
        right: { heading: [], bullets: [[fact]] },
      },
      { ...base, layout: 'closing', bullets: [], notes: [fact] },
    ]

    const found = slides.map((slide) => problemsOf(slide).map((problem) => problem.message))

    expect(found).toEqual([1, 1, 1, 2, 1].map((times) => Array.from({ length: times }, () => 'unknown fact "F99"')))
    expect(checkDeck(salesDeck({ title: [fact] }))).toEqual([
      { slide: null, field: 'title', message: 'unknown fact "F99"' },
    ])
  })

  it('finds unknown tables and columns of table slides and sources', () => {
    const slide: Slide = {
      ...base,
      layout: 'table',
      takeaway: [],
      table: { table: 'T1', columns: ['region', 'profit'] },
      sources: ['T1', 'T98'],
    }

    expect(problemsOf(slide).map((problem) => [problem.field, problem.message])).toEqual([
      ['sources', 'unknown table "T98", expected one of T1, T2, T3, T4, T5, T6'],
      ['table.columns', 'unknown column "profit", expected one of region, revenue, orders, return_rate'],
    ])
  })

  it('refuses a deck of ten thousand slides without looking at them', () => {
    const slide = salesDeck().slides[0]
    const slides = Array.from({ length: 10_000 }, () => slide) as Deck['slides']

    expect(checkDeck({ ...salesDeck(), slides })).toEqual([
      { slide: null, field: 'slides', message: '10000 slides, expected at most 100' },
    ])
  })
})

describe('assertDeck', () => {
  it('throws an error that operators can act on and people can read', () => {
    const attempt = (): void => assertDeck(salesDeck({ slides: [chartSlide({ x: 'continent' })] }))

    expect(attempt).toThrow(RenderError)
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'bad-deck',
        message: expect.stringContaining('s1 chart.x: unknown column "continent"') as string,
        userMessage: expect.stringContaining('could not be drawn') as string,
      }),
    )
  })
})
