/** What stands before and after a number and belongs to it. */
import type { Numeral } from './numeral.ts'

const stops = new Set(
  'in on at of for from to by with and or but as than is was were are be been had has have via per vs versus while which that the a an this its their our due over under up down since during between across among after before into against so then it they we each all both only just not compared who where when more less higher lower fewer above below ahead behind across plus minus respectively alone overall combined total in grew rose fell declined dropped increased decreased made came led sold won lost went remained reached generated contributed accounted followed driven up annually yearly monthly quarterly today now again'.split(
    ' ',
  ),
)

/** What is counted: the words after a number up to the first that cannot belong to it, three at most. */
export function nounAfter(text: string, from: number): string[] {
  const words: string[] = []
  for (const match of text.slice(from, from + 60).matchAll(/(?<gap>^|[\s-]+)(?<word>\p{L}[\p{L}'’-]*)|[^\s]/gu)) {
    const word = match.groups?.['word']?.toLowerCase()
    if (word === undefined || (words.length === 0 && match.index > 1) || stops.has(word)) break
    words.push(word)
    if (words.length === 3) break
  }
  return words
}

const bounds: readonly (readonly [RegExp, 'above' | 'below' | 'around'])[] = [
  [
    /(?:(?:just|slightly|well|a little|a bit) )?(?:more than|over|above|exceeding|exceeds|exceeded|at least|north of|upwards of|mehr als|über|plus de|más de) $/iu,
    'above',
  ],
  [
    /(?:(?:just|slightly|a little) )?(?:less than|under|below|nearly|almost|close to|at most|fewer than|fast|knapp|weniger als|presque|moins de|casi|menos de) $/iu,
    'below',
  ],
  [/(?:about|around|approximately|approx\.|roughly|some|circa|ca\.|~|≈|rund|etwa|environ|unos) ?$/iu, 'around'],
]

export function boundBefore(text: string, start: number): Numeral['bound'] {
  const head = text.slice(Math.max(0, start - 30), start)
  for (const [form, side] of bounds) {
    const match = form.exec(head)
    if (match && !/\p{L}$/u.test(head.slice(0, match.index))) return { side, start: start - head.length + match.index }
  }
  return null
}
