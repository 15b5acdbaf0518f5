import { describe, expect, it } from 'vitest'
import { assessAnswer, assessFailedRender } from '../../src/agent/assess-answer.ts'
import { countNumbers } from '../../src/agent/grounding.ts'
import type { Deck } from '../../src/render/deck.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'

const named = (name: string, deck: Deck, words?: Parameters<typeof assessAnswer>[0]['words']) =>
  assessAnswer({ deck, words, numbers: countNumbers(deck) }).find((assessment) => assessment.name === name)

/** The deck with other words in the title of its first slide. */
function withTitle(title: Deck['title'], more: object = {}): Deck {
  const deck = salesDeck()
  const [first, ...rest] = deck.slides
  if (!first) throw new Error('The deck has no slides')
  return { ...deck, slides: [{ ...first, title, ...more }, ...rest] }
}

describe('What code says about an answer', () => {
  it('is only its accuracy when there is nothing to doubt', () => {
    const deck = { ...salesDeck(), slides: salesDeck().slides.slice(0, 9) }
    const { total, verified } = countNumbers(deck)

    const said = assessAnswer({ deck, numbers: { total, verified } })

    expect(total).toBeGreaterThan(0)
    expect(verified).toBe(total)
    expect(said).toEqual([
      {
        name: 'data_accuracy',
        source: { type: 'CODE', id: 'deckhand' },
        value: 1,
        rationale: `${total} of ${total} numbers rest on data`,
      },
    ])
  })

  it('names each number that matches no data, its sentence, and where that stands', () => {
    const deck = withTitle(['Revenue rose by ', { unverified: '37 %' }, ' in Q4'])
    const words = { text: ['We sold ', { unverified: '4,711' }, ' chairs'], facts: [], language: 'en' }

    expect(named('unverified_numbers', deck, words)).toMatchObject({
      value: ['4,711', '37 %', '350 customers'],
      rationale: [
        '4,711 (answer): We sold 4,711 chairs',
        '37 % (slide 1): Revenue rose by 37 % in Q4',
        '350 customers (slide 10): Support expects another 350 customers to leave when the old plan ends.',
      ].join('\n'),
    })
    expect(named('data_accuracy', deck)?.value).toBeLessThan(1)
  })

  it('names slides without room, and what cannot be drawn', () => {
    const deck = withTitle([{ fact: 'F999' }], { moreInNotes: true })

    const problems = named('render_problems', deck)

    expect(problems?.value).toHaveLength(2)
    expect(problems?.rationale).toContain('slide 1: not all of it has room')
    expect(problems?.rationale).toContain('F999')
  })

  it('says why there are no files when the rendering failed', () => {
    expect(assessFailedRender('Browser crashed')).toMatchObject({
      name: 'render_problems',
      value: ['Browser crashed'],
    })
  })

  it('is nothing about an answer without numbers', () => {
    expect(assessAnswer({ numbers: { total: 0, verified: 0 } })).toEqual([])
  })
})
