import type { Deck, Slide } from '../../src/render/deck.ts'
import { salesDeck } from '../../test/fixtures/decks/sales.ts'

const layouts = salesDeck().slides

/**
 * The sample deck with `slideCount` slides, its ten repeated as often as needed. Every slide tells the round, so that no
 * round finds in a cache what an earlier one drew.
 */
export function sampleDeck(slideCount: number, round: number | string): Deck {
  const slides = Array.from({ length: slideCount }, (_, index): Slide => {
    const slide = layouts[index % 10]
    if (slide === undefined) throw new Error('Cannot make the sample deck: it has fewer than ten slides')
    return { ...slide, id: `s${index + 1}`, title: [...slide.title, ` · ${round}`] }
  })
  return salesDeck({ slides })
}
