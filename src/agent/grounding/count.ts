import type { Deck, NumberCount, RichText } from '../../render/deck.ts'

/**
 * The numbers a reader meets in the deck's words and cards, and how many of them rest on a fact: title, slides, notes,
 * cards. What charts and tables draw comes straight from the data and is not counted.
 */
export function countNumbers(deck: Deck): NumberCount {
  const known = new Set(deck.facts.map(({ id }) => id))
  let [total, verified] = [0, 0]
  const count = (text: RichText): void => {
    for (const segment of text) {
      if (typeof segment === 'string') continue
      total += 1
      if ('fact' in segment && known.has(segment.fact)) verified += 1
    }
  }
  const card = (id: string | undefined): void => {
    if (id === undefined) return
    total += 1
    if (known.has(id)) verified += 1
  }
  count(deck.title)
  for (const slide of deck.slides) {
    count(slide.title)
    count(slide.notes)
    switch (slide.layout) {
      case 'title':
      case 'section':
        count(slide.subtitle)
        break
      case 'kpis':
        slide.kpis.forEach((kpi) => [kpi.fact, kpi.change].forEach(card))
        count(slide.takeaway)
        break
      case 'chart':
      case 'table':
      case 'chart_table':
        count(slide.takeaway)
        break
      case 'bullets':
      case 'closing':
        slide.bullets.forEach(count)
        break
      case 'comparison':
        for (const side of [slide.left, slide.right]) [side.heading, ...side.bullets].forEach(count)
        break
    }
  }
  return { total, verified }
}

/** The numbers in one text: facts shown and literals marked. */
export function countSegments(text: RichText): NumberCount {
  const facts = text.filter((segment) => typeof segment !== 'string' && 'fact' in segment).length
  const marked = text.filter((segment) => typeof segment !== 'string' && 'unverified' in segment).length
  return { total: facts + marked, verified: facts }
}
