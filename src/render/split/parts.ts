import type { RichText, Slide } from '../deck.ts'
import type { DeckContext } from '../html/context.ts'
import { wordsFor, type Words } from '../words.ts'
import { safeLanguage } from '../format.ts'
import { breakText, withEllipsis } from './break-text.ts'
import { titleFits } from './fit-slide.ts'

// A slide that was split is recognised by two things that belong together: its id, "s3-2", and the last segment of its
// title, " (2 of 2)". The first part keeps the id and the title.

/** The title of a part; the first has none of its own. Shortened when the words behind it need the room. */
export function partTitle(title: RichText, place: number, count: number, context: DeckContext): RichText {
  const suffix = ` ${context.words.part(place, count)}`
  if (titleFits([...title, suffix], context)) return [...title, suffix]
  const broken = breakText(title, (head) => titleFits([...head, suffix], context), context)
  return broken === null ? [suffix] : [...(broken.isOpen ? withEllipsis(broken.head) : broken.head), suffix]
}

/** Ids for the parts of a slide: its own, then "s3-2", "s3-3" … as far as they are free. Adds them to `taken`. */
export function partIds(id: string, count: number, taken: Set<string>): readonly string[] {
  const ids = [id]
  for (let number = 2; ids.length < count; number += 1) {
    const next = `${rootId(id)}-${number}`
    if (taken.has(next)) continue
    taken.add(next)
    ids.push(next)
  }
  return ids
}

/** True when `slide` is a further part of `first`, in a deck of that language. */
export function continues(slide: Slide, first: Slide, language: string): boolean {
  return slide.id !== first.id && rootId(slide.id) === first.id && isPart(slide, wordsFor(safeLanguage(language)))
}

/** The slide without the count behind its title; the very same object when it is no further part. */
export function barePart(slide: Slide, language: string): Slide {
  return isPart(slide, wordsFor(safeLanguage(language))) ? { ...slide, title: slide.title.slice(0, -1) } : slide
}

/**
 * The slides with the titles of parts as they have to be now that some were dropped, moved or rewritten: parts follow the
 * title of the first that is left. One that was given another title is a part no more. A slide whose title is right stays
 * the very same object.
 */
export function retitleParts(slides: readonly Slide[], context: DeckContext): Slide[] {
  const groups = Map.groupBy(slides, (slide) => rootId(slide.id))
  return slides.map((slide) => {
    const group = groups.get(rootId(slide.id)) ?? []
    const [first = slide] = group
    const bare = bareTitle(first, context.words)
    const parts = group.filter((one) => one === first || isPart(one, context.words) || isSame(one.title, first.title))
    const place = parts.indexOf(slide)
    if (place < 0) return slide
    const title = place === 0 ? bare : partTitle(bare, place + 1, parts.length, context)
    return isSame(title, slide.title) ? slide : { ...slide, title }
  })
}

function bareTitle(slide: Slide, words: Words): RichText {
  return isPart(slide, words) ? slide.title.slice(0, -1) : slide.title
}

function isPart(slide: Slide, words: Words): boolean {
  const last = slide.title.at(-1)
  if (rootId(slide.id) === slide.id || typeof last !== 'string') return false
  const [place = 0, count = 0] = (last.match(/\d+/g) ?? []).map(Number)
  return last === ` ${words.part(place, count)}`
}

function rootId(id: string): string {
  return id.replace(/-\d+$/, '')
}

function isSame(one: RichText, other: RichText): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
