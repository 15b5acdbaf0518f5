import { plainText } from '../agent/turn-as-text.ts'
import type { Deck, RichText, Slide } from '../render/deck.ts'
import type { Expectations } from './case.ts'
import type { Judged } from './scores.ts'

/**
 * Whether the slides are about what was asked: words in titles, the kind of a chart, and the time and filters named in
 * titles, tables or queries. Undefined when nothing is expected of them.
 */
export function judgeSlides(
  { slides, answer }: Pick<Expectations, 'slides' | 'answer'>,
  deck: Deck | undefined,
  said: string,
): Judged | undefined {
  const titles = deck ? [deck.title, ...deck.slides.map(({ title }) => title)].map((title) => toText(title, deck)) : []
  const takeaways = deck ? deck.slides.flatMap((slide) => takeawayOf(slide)).map((text) => toText(text, deck)) : []
  const queries = deck?.tables.flatMap(({ title, sql }) => [title, sql]) ?? []
  const everywhere = [...titles, ...takeaways, ...queries].join('\n')
  const kinds = new Set(deck?.slides.flatMap((slide) => ('chart' in slide ? [slide.chart.kind] : [])))

  const checks: (readonly [isMet: boolean, fault: string])[] = [
    ...slides.title.map((words) => [mentions(titles.join('\n'), words), `no title has ${oneOf(words)}`] as const),
    ...slides.period.map((words) => [mentions(everywhere, words), `the time is not named as ${oneOf(words)}`] as const),
    ...slides.filters.map((words) => [mentions(everywhere, words), `no filter names ${oneOf(words)}`] as const),
    ...answer.map((words) => [mentions(said, words), `the answer does not say ${oneOf(words)}`] as const),
  ]
  if (slides.chart) {
    const is = kinds.size === 0 ? 'there is none' : `there is ${[...kinds].join(', ')}`
    checks.push([slides.chart.some((kind) => kinds.has(kind as never)), `no chart is ${oneOf(slides.chart)}, ${is}`])
  }
  if (checks.length === 0) return undefined
  const faults = checks.flatMap(([isMet, fault]) => (isMet ? [] : [fault]))
  return { score: 1 - faults.length / checks.length, faults }
}

function toText(text: RichText, deck: Deck): string {
  return plainText(text, deck)
}

function takeawayOf(slide: Slide): readonly RichText[] {
  return 'takeaway' in slide ? [slide.takeaway] : []
}

/** One of the alternatives, as a word or words of its own. */
function mentions(text: string, words: readonly string[]): boolean {
  return words.some((word) =>
    new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(word)}(?![\\p{L}\\p{N}])`, 'iu').test(text),
  )
}

function oneOf(words: readonly string[]): string {
  return words.map((word) => `“${word}”`).join(' or ')
}
