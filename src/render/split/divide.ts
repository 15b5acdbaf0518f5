import type { Kpi, RichText, Slide } from '../deck.ts'
import type { DeckContext } from '../html/context.ts'
import type { SlideOf } from '../html/layouts/slide-of.ts'
import { isBlank, richPlain } from '../html/rich-text.ts'
import { wrapText } from '../typography/measure.ts'
import { breakText, sentencesOf, withEllipsis } from './break-text.ts'
import { fits } from './fit-slide.ts'
import { partTitle } from './parts.ts'
import { balance, longestFitting } from './partition.ts'

export interface Manner {
  /** No point or takeaway of a part is smaller, in px. */
  readonly leastPx: number
  /** Fills each part before the next begins, instead of giving all about the same. */
  readonly isTight: boolean
  /** Nobody asks for more parts: the one behind them holds all that is left, whether it fits or not. */
  readonly mostParts: number
}

/**
 * The parts of a slide that is too full, in order, each of which fits, up to `mostParts`. All have the id, title and notes of the slide;
 * the first part's title may be shorter, and its end then stands below it. The first part keeps chart and table.
 */
export function divide(slide: Slide, manner: Manner, context: DeckContext): Slide[] {
  const { headed, rest } = shortenTitle(slide, context)
  const body = rest.length === 0 ? headed : withLead(headed, rest, context)
  switch (body.layout) {
    case 'bullets':
    case 'closing':
      return divideList(body.bullets, (bullets) => ({ ...body, bullets }), 0, manner, context)
    case 'comparison':
      return [...divideSides(body, manner, context), ...asPoints(body, rest, manner, context)]
    case 'kpis': {
      const { parts, left } = divideCards(body, manner, context)
      const [first = body, ...others] = parts
      const told = keepText((takeaway) => ({ ...first, takeaway }), body.takeaway, manner, context)
      return [told.slide, ...others, ...asPoints(body, [...sentencesOf(told.left, context), ...left], manner, context)]
    }
    case 'title':
    case 'section': {
      const told = keepText((subtitle) => ({ ...body, subtitle }), body.subtitle, manner, context)
      return [told.slide, ...asPoints(body, sentencesOf(told.left, context), manner, context)]
    }
    case 'chart':
    case 'table':
    case 'chart_table': {
      const told = keepText((takeaway) => ({ ...body, takeaway }), body.takeaway, manner, context)
      return [told.slide, ...asPoints(body, sentencesOf(told.left, context), manner, context)]
    }
  }
}

/** Everything a part says but its title, line by line, for the notes. */
export function linesOf(slide: Slide): readonly RichText[] {
  switch (slide.layout) {
    case 'bullets':
    case 'closing':
      return slide.bullets
    case 'comparison':
      return [slide.left, slide.right].flatMap(({ heading, bullets }) => [heading, ...bullets])
    case 'kpis':
      return [...slide.kpis.map(lineOfCard), slide.takeaway]
    case 'title':
    case 'section':
      return [slide.subtitle]
    case 'chart':
    case 'table':
    case 'chart_table':
      return [slide.takeaway]
  }
}

function lineOfCard(kpi: Kpi): RichText {
  const change = kpi.change === undefined ? [] : [' (', { fact: kpi.change }, ')']
  return [`${kpi.label}: `, { fact: kpi.fact }, ...change]
}

/** The slide with as much of its title as has room over an empty body. `rest` is what has to stand elsewhere. */
function shortenTitle(
  slide: Slide,
  context: DeckContext,
): { readonly headed: Slide; readonly rest: readonly RichText[] } {
  const empty = emptied(slide)
  if (fits(empty, context)) return { headed: slide, rest: [] }
  const broken = breakText(slide.title, (title) => fits({ ...empty, title }, context), context)
  if (broken === null) return { headed: slide, rest: [] }
  const { head, tail, isOpen } = broken
  return { headed: { ...slide, title: isOpen ? withEllipsis(head) : head }, rest: [isOpen ? ['…', ...tail] : tail] }
}

/** What the title had no room for, at the head of the body. A comparison has no place for it. */
function withLead(slide: Slide, rest: readonly RichText[], context: DeckContext): Slide {
  const end = /[.!?…。！？؟]\s*$/u.test(richPlain(rest.flat(), context)) ? ' ' : sentenceEnd(context.language)
  const before = (text: RichText): RichText => [...rest.flat(), ...(text.length > 0 ? [end, ...text] : [])]
  switch (slide.layout) {
    case 'bullets':
    case 'closing':
      return { ...slide, bullets: [...rest, ...slide.bullets] }
    case 'comparison':
      return slide
    case 'title':
    case 'section':
      return { ...slide, subtitle: before(slide.subtitle) }
    case 'kpis':
    case 'chart':
    case 'table':
    case 'chart_table':
      return { ...slide, takeaway: before(slide.takeaway) }
  }
}

function sentenceEnd(language: string): string {
  return /^(ja|zh)\b/.test(language) ? '。' : '. '
}

function emptied(slide: Slide): Slide {
  switch (slide.layout) {
    case 'bullets':
    case 'closing':
      return { ...slide, bullets: [] }
    case 'comparison':
      return { ...slide, left: { heading: [], bullets: [] }, right: { heading: [], bullets: [] } }
    case 'kpis':
      return { ...slide, kpis: [], takeaway: [] }
    case 'title':
    case 'section':
      return { ...slide, subtitle: [] }
    case 'chart':
    case 'table':
    case 'chart_table':
      return { ...slide, takeaway: [] }
  }
}

/** As much of one text as fits where it belongs; the rest is for points on the next slide. */
function keepText<Part extends Slide>(
  build: (text: RichText) => Part,
  text: RichText,
  { leastPx }: Manner,
  context: DeckContext,
): { readonly slide: Part; readonly left: RichText } {
  const whole = build(text)
  // One that fits stays in one piece, however small: it is not what the slide is split for.
  if (fits(whole, context)) return { slide: whole, left: [] }
  const broken = breakText(text, (head) => fits(build(head), context, leastPx), context)
  if (broken === null) return { slide: build([]), left: text }
  const { head, tail, isOpen } = broken
  return isOpen ? { slide: build(withEllipsis(head)), left: ['…', ...tail] } : { slide: build(head), left: tail }
}

/** Slides with points that continue a slide of another layout. */
function asPoints(slide: Slide, points: readonly RichText[], manner: Manner, context: DeckContext): Slide[] {
  const said = points.filter((point) => !isBlank(point, context))
  if (said.length === 0) return []
  const { id, title, notes, sources, look } = slide
  const base = { id, title, notes, sources, ...(look === undefined ? {} : { look }) }
  const build = (bullets: RichText[]): Slide => ({ ...base, layout: 'bullets', bullets })
  return divideList(said, build, 1, manner, context)
}

/** A piece of a point that stays together. Pieces of one point that meet on a slide become one point again. */
interface Unit {
  readonly text: RichText
  readonly point: number
  /** Ends inside of a sentence. */
  readonly isOpen: boolean
  readonly lines: number
}

/** `firstPlace` is how many parts there are before. */
function divideList(
  points: readonly RichText[],
  build: (points: RichText[]) => Slide,
  firstPlace: number,
  manner: Manner,
  context: DeckContext,
): Slide[] {
  const isFit = (part: RichText[], place: number): boolean => fitsAsPart(build(part), place, manner, context)
  const units = unitsOf(points, (part) => isFit(part, 1), context)
  const runs = runsOf(units, (run, place) => isFit(joined(run), firstPlace + place), manner)
  return runs.map((run) => build(joined(run)))
}

/** Both sides of a comparison, divided alike. A side with fewer points than parts shows its last ones again. */
function divideSides(slide: SlideOf<'comparison'>, manner: Manner, context: DeckContext): Slide[] {
  const none = { heading: [], bullets: [] }
  const left = divideSide(slide.left, (one) => ({ ...slide, left: one, right: none }), manner, context)
  const right = divideSide(slide.right, (one) => ({ ...slide, left: none, right: one }), manner, context)
  const count = Math.max(left.length, right.length)
  return Array.from({ length: count }, (_, place) => ({
    ...slide,
    left: left[place] ?? left.at(-1) ?? none,
    right: right[place] ?? right.at(-1) ?? none,
  }))
}

type SideOfComparison = SlideOf<'comparison'>['left']

/** `alone` builds the slide with nothing on its other side. What a heading has no room for becomes the first point. */
function divideSide(
  { heading, bullets }: SideOfComparison,
  alone: (side: SideOfComparison) => Slide,
  manner: Manner,
  context: DeckContext,
): SideOfComparison[] {
  const headed = (head: RichText): Slide => alone({ heading: head, bullets: [] })
  const broken = fits(headed(heading), context)
    ? null
    : breakText(heading, (head) => fits(headed(head), context), context)
  const shown = broken === null ? heading : broken.isOpen ? withEllipsis(broken.head) : broken.head
  const lead = broken === null ? [] : [broken.isOpen ? ['…', ...broken.tail] : broken.tail]
  const isFit = (part: RichText[], place: number): boolean =>
    fitsAsPart(alone({ heading: shown, bullets: part }), place, manner, context)
  const units = unitsOf([...lead, ...bullets], (part) => isFit(part, 1), context)
  return runsOf(units, (run, place) => isFit(joined(run), place), manner).map((run) => ({
    heading: shown,
    bullets: joined(run),
  }))
}

/** Cards in equal shares. What a card cannot show in full, although it is alone, is told in a point. */
function divideCards(
  slide: SlideOf<'kpis'>,
  manner: Manner,
  context: DeckContext,
): { readonly parts: readonly SlideOf<'kpis'>[]; readonly left: readonly RichText[] } {
  const left: RichText[] = []
  const build = (kpis: Kpi[]): SlideOf<'kpis'> => ({ ...slide, kpis, takeaway: [] })
  const cards = slide.kpis.map((kpi) => {
    const bare = { ...kpi, label: '' }
    // A label may be as long as two cards to a slide allow, unless the figure alone needs more room than that.
    const company = fits(build([bare, bare]), context) ? 2 : 1
    const isFit = (label: string): boolean =>
      fits(build(Array.from({ length: company }, () => ({ ...kpi, label }))), context)
    if (isFit(kpi.label)) return kpi
    left.push(lineOfCard(kpi))
    const broken = breakText([kpi.label], (head) => isFit(richPlain(head, context)), context)
    return broken === null ? kpi : { ...kpi, label: richPlain(withEllipsis(broken.head), context) }
  })
  const units = cards.map((card) => ({ card, lines: 1 }))
  const isFit = (run: readonly { card: Kpi }[], place: number): boolean =>
    fitsAsPart(build(run.map(({ card }) => card)), place, manner, context)
  const runs = runsOf(units, isFit, manner)
  return { parts: runs.map((run) => build(run.map(({ card }) => card))), left }
}

/** Whether a slide fits as the part at that place, counted from zero. */
function fitsAsPart(slide: Slide, place: number, { leastPx }: Manner, context: DeckContext): boolean {
  // How many parts there will be is not known yet: two figures are the widest.
  const title = place === 0 ? slide.title : partTitle(slide.title, 88, 88, context)
  return fits({ ...slide, title }, context, leastPx)
}

function runsOf<One extends { readonly lines: number }>(
  units: readonly One[],
  isFit: (run: readonly One[], place: number) => boolean,
  { isTight, mostParts }: Manner,
): (readonly One[])[] {
  if (units.length === 0) return [[]]
  const full: (readonly One[])[] = []
  for (let start = 0; start < units.length;) {
    if (full.length === mostParts) return [...full, units.slice(start)]
    const end =
      start + longestFitting(units.length - start, (count) => isFit(units.slice(start, start + count), full.length))
    full.push(units.slice(start, end))
    start = end
  }
  if (isTight || full.length === 1) return full
  const weights = units.map(({ lines }) => lines)
  let start = 0
  const even = balance(weights, full.length).map((end) => {
    const run = units.slice(start, end)
    start = end
    return run
  })
  return even.length === full.length && even.every((run, place) => isFit(run, place)) ? even : full
}

/** Whole points; one that is too long for a slide of its own in sentences, and those in pieces where they must be. */
function unitsOf(points: readonly RichText[], isFit: (points: RichText[]) => boolean, context: DeckContext): Unit[] {
  const unit = (text: RichText, point: number, isOpen: boolean): Unit => ({
    text,
    point,
    isOpen,
    lines: linesIn(text, context),
  })
  return points
    .filter((point) => !isBlank(point, context))
    .flatMap((whole, point) => {
      if (isFit([whole])) return [unit(whole, point, false)]
      return sentencesOf(whole, context).flatMap((sentence) => {
        const pieces: Unit[] = []
        let left = sentence
        while (!isFit([['…', ...left, '…']])) {
          const broken = breakText(left, (head) => isFit([['…', ...head]]), context)
          if (broken === null) break
          pieces.push(unit(broken.head, point, broken.isOpen))
          left = broken.tail
        }
        return [...pieces, unit(left, point, false)]
      })
    })
}

function joined(units: readonly Unit[]): RichText[] {
  const points: { text: RichText; point: number; isOpen: boolean }[] = []
  for (const unit of units) {
    const last = points.at(-1)
    if (last?.point === unit.point)
      points[points.length - 1] = { ...unit, text: [...last.text, ...(last.isOpen ? [' '] : []), ...unit.text] }
    else points.push({ ...unit })
  }
  return points.map(({ text, isOpen }) => (isOpen ? withEllipsis(text) : text))
}

/** Lines of a point at a usual size, with the gap behind it. */
function linesIn(text: RichText, context: DeckContext): number {
  return wrapText(richPlain(text, context), 900, 18, 600).length + 0.6
}
