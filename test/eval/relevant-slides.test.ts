import { describe, expect, it } from 'vitest'
import { Expectations } from '../../src/eval/case.ts'
import { judgeSlides } from '../../src/eval/relevant-slides.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'

const judge = (slides: object, answer: readonly string[] = [], said = '') =>
  judgeSlides(Expectations.parse({ slides, answer: answer.map((words) => [words]) }), salesDeck(), said)

const deck = salesDeck()
const kinds = deck.slides.flatMap((slide) => ('chart' in slide ? [slide.chart.kind] : []))
const [titleWord = ''] = deck.slides
  .flatMap(({ title }) => title)
  .flatMap((segment) => (typeof segment === 'string' ? (segment.match(/\p{L}{5,}/gu) ?? []) : []))

describe('Relevant slides', () => {
  it('meet what is expected of titles, charts, queries and the answer', () => {
    expect(titleWord).not.toBe('')
    expect(judge({ title: [['nonsense', titleWord]], chart: [kinds[0]] }, ['EMEA'], 'EMEA leads')).toEqual({
      score: 1,
      faults: [],
    })
  })

  it('lose a share for each expectation that is not met, and each is named', () => {
    const judged = judge(
      { title: ['zebra', titleWord], chart: ['no-such-kind'], period: ['Q7 1999'] },
      ['APAC'],
      'EMEA',
    )

    expect(judged?.score).toBeCloseTo(1 / 5)
    expect(judged?.faults).toHaveLength(4)
    expect(judged?.faults.join('\n')).toContain('no title has “zebra”')
    expect(judged?.faults.join('\n')).toContain('no chart is “no-such-kind”, there is')
    expect(judged?.faults.join('\n')).toContain('the answer does not say “APAC”')
  })

  it('are words of their own: a part of a word is not enough', () => {
    expect(judge({ title: [titleWord.slice(0, -2)] })?.score).toBe(0)
  })

  it('have no score where nothing is expected of them', () => {
    expect(judge({})).toBeUndefined()
  })
})
