import type { RichText, Slide } from '../deck.ts'
import type { DeckContext } from '../html/context.ts'
import type { Words } from '../words.ts'
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

/** True when `slide` continues `first`, or a part of it. */
export function continues(slide: Slide, first: Slide, words: Words): boolean {
  return slide.id !== first.id && rootId(slide.id) === rootId(first.id) && isPart(slide, words)
}

/**
 * The slides with the titles of parts as they have to be now that some were dropped, moved or rewritten. A slide whose
 * title is right stays the very same object.
 */
export function retitleParts(slides: readonly Slide[], context: DeckContext): Slide[] {
  const { words } = context
  return slides.map((slide, at) => {
    if (!isPart(slide, words)) return slide
    const group = slides.filter((one) => rootId(one.id) === rootId(slide.id))
    const [first = slide] = group
    const place = group.indexOf(slide) + 1
    const bare = isPart(first, words) ? first.title.slice(0, -1) : first.title
    const title = place === 1 || at === 0 ? bare : partTitle(bare, place, group.length, context)
    return isSame(title, slide.title) ? slide : { ...slide, title }
  })
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
