import type { Deck, RichText, Slide } from '../deck.ts'
import { createDeckContext, type DeckContext } from '../html/context.ts'
import { isBlank } from '../html/rich-text.ts'
import { divide, linesOf } from './divide.ts'
import { fits } from './fit-slide.ts'
import { partIds, partTitle, retitleParts } from './parts.ts'

/** What texts are measured with: the facts they show and the language in which these are written. */
export type MeasuredWith = Pick<Deck, 'language' | 'tables' | 'facts'>

/** A slide that is split anyway has its points and takeaways no smaller than this, when there are slides enough. */
const comfortablePx = 18

/**
 * Splits slides whose texts do not fit at the smallest readable size into as many as they need: `s3` becomes `s3`, `s3-2` …
 * titled "Title", "Title (2 of 2)" …, with the points, cards, sides or paragraphs divided between them. All have the
 * sources; the first has the notes. Slides that fit stay the very same objects, as do those that `mayChange` leaves out,
 * save that parts are counted anew when some are gone.
 *
 * There are never more than `most` slides, or than there were: where no further one may be added, the slide shows as much
 * as it can at the smallest size, the rest goes to the end of its notes, and the slide says so. No word is lost.
 * @throws RenderError `bad-deck` when a text refers to a fact that is not there
 */
export function splitSlides(
  slides: readonly Slide[],
  data: MeasuredWith,
  most: number,
  mayChange: (slide: Slide) => boolean = () => true,
): Slide[] {
  const context = measuringContext(data)
  const known = retitleParts(slides, context)
  const tooFull = known.map((slide) => mayChange(slide) && !fits(slide, context))
  const room = Math.max(0, most - known.length)
  const divided = (leastPx: number): Slide[][] =>
    known.map((slide, at) =>
      tooFull[at] === true ? divide(slide, { leastPx, isTight: false, mostParts: room + 1 }, context) : [slide],
    )
  const extra = (parts: readonly Slide[][]): number => parts.reduce((sum, one) => sum + one.length - 1, 0)

  const comfortable = divided(comfortablePx)
  const wanted = extra(comfortable) <= room ? comfortable : divided(0)
  const taken = new Set(known.map((slide) => slide.id))
  let left = room
  return wanted.flatMap((parts, at) => {
    const slide = known[at]
    if (slide === undefined || tooFull[at] !== true) return parts
    const fitting =
      parts.length - 1 <= left
        ? parts
        : keepFirst(divide(slide, { leastPx: 0, isTight: true, mostParts: left + 1 }, context), left + 1, context)
    left -= fitting.length - 1
    return numbered(fitting, slide, taken, context)
  })
}

/** True when every text of the slide is to be seen in full. @throws RenderError `bad-deck` as {@link splitSlides} */
export function slideFits(slide: Slide, data: MeasuredWith): boolean {
  return fits(slide, measuringContext(data))
}

/** The first `count` parts; what the others say goes to the notes of the last. */
function keepFirst(parts: readonly Slide[], count: number, context: DeckContext): Slide[] {
  const kept = parts.slice(0, count)
  const last = kept.pop()
  const lines = parts
    .slice(count)
    .flatMap(linesOf)
    .filter((line) => !isBlank(line, context))
  if (last === undefined || lines.length === 0) return parts.slice(0, count)
  return [...kept, { ...last, notes: withLines(kept.length === 0 ? last.notes : [], lines), moreInNotes: true }]
}

function withLines(notes: RichText, lines: readonly RichText[]): RichText {
  return [...notes, ...lines.flatMap((line, at): RichText => (at === 0 && notes.length === 0 ? line : ['\n', ...line]))]
}

function numbered(parts: readonly Slide[], slide: Slide, taken: Set<string>, context: DeckContext): Slide[] {
  const ids = partIds(slide.id, parts.length, taken)
  const [first = slide] = parts
  return parts.map((part, at) =>
    at === 0
      ? part
      : {
          ...part,
          id: ids[at] ?? part.id,
          title: partTitle(first.title, at + 1, parts.length, context),
          notes: part.moreInNotes === true ? part.notes : [],
        },
  )
}

function measuringContext(data: MeasuredWith): DeckContext {
  const blank = {
    id: '',
    version: 1,
    title: [],
    question: '',
    theme: 'light',
    createdAt: '',
    provenance: '',
    slides: [],
  }
  return createDeckContext({ schemaVersion: 1, ...blank, ...data })
}
