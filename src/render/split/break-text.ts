import type { RichText, Segment } from '../deck.ts'
import type { DeckContext } from '../html/context.ts'
import { richPlain } from '../html/rich-text.ts'

/** A text parted in two. `isOpen` when that is inside of a sentence. */
export interface Broken {
  readonly head: RichText
  readonly tail: RichText
  readonly isOpen: boolean
}

/** The end of a sentence, clause or word is only worth taking when it keeps at least this much of what would have fitted. */
const leastShare = { sentence: 0.25, clause: 0.5, word: 0.4 } as const

/**
 * Parts a text after as much as `fits`: at the end of a sentence, else behind a comma or the like, else between words,
 * and inside of a word only when nothing else helps; never inside of a number. Null when not even a letter fits.
 * `fits` is asked for beginnings of the text, with an ellipsis where they end inside of a sentence.
 */
export function breakText(text: RichText, fits: (head: RichText) => boolean, context: DeckContext): Broken | null {
  const atoms = atomsOf(text, context)
  const plain = atoms.map((atom) => atom.plain).join('')
  const mayCut = cutter(atoms)
  const fitsUpTo = (at: number): boolean => fits([...head(atoms, at), '…'])
  const words = [...new Intl.Segmenter(context.language, { granularity: 'word' }).segment(plain)].map(
    (part) => part.index,
  )
  const letters = [...new Intl.Segmenter(context.language).segment(plain)].map((part) => part.index)
  const word = lastFitting(
    words.filter((at) => at > 0 && mayCut(at) && !closing.test(plain.slice(at, at + 1))),
    fitsUpTo,
  )
  const letter = lastFitting(
    letters.filter((at) => at > 0 && mayCut(at)),
    fitsUpTo,
  )
  if (letter === null) return null
  // A long word that would leave most of the room empty is cut instead.
  const limit = word === null || word < letter * leastShare.word ? letter : word
  const within = (places: readonly number[], share: number): number | undefined =>
    places.findLast((at) => at <= limit && at >= limit * share && mayCut(at))
  const sentence = within(sentenceEnds(plain, context.language), leastShare.sentence)
  const at = sentence ?? within(clauseEnds(plain), leastShare.clause) ?? limit
  return { head: trimEnd(head(atoms, at)), tail: trimStart(tail(atoms, at)), isOpen: sentence === undefined }
}

/** The sentences of a text; each keeps the space behind it, so that together they are the text again. */
export function sentencesOf(text: RichText, context: DeckContext): RichText[] {
  const atoms = atomsOf(text, context)
  const plain = atoms.map((atom) => atom.plain).join('')
  const ends = sentenceEnds(plain, context.language).filter(cutter(atoms))
  const places = [0, ...ends, plain.length]
  return places.slice(1).map((end, index) => tail(atomsOf(head(atoms, end), context), places[index] ?? 0))
}

/** With an ellipsis in place of a comma or the like at its end. */
export function withEllipsis(text: RichText): RichText {
  const last = text.at(-1)
  const kept = typeof last === 'string' ? [...text.slice(0, -1), last.replace(/[\s,;:،；，、：—–-]+$/u, '')] : text
  return [...kept, '…']
}

/** A segment, how it reads, and where it begins in the whole text. */
interface Atom {
  readonly segment: Segment
  readonly plain: string
  readonly start: number
}

function atomsOf(text: RichText, context: DeckContext): readonly Atom[] {
  let start = 0
  return text.map((segment) => {
    const plain = typeof segment === 'string' ? segment : richPlain([segment], context)
    const atom = { segment, plain, start }
    start += plain.length
    return atom
  })
}

/** Whether a place is not inside of a number. */
function cutter(atoms: readonly Atom[]): (at: number) => boolean {
  const closed = atoms.filter(({ segment }) => typeof segment !== 'string')
  return (at) => !closed.some(({ start, plain }) => at > start && at < start + plain.length)
}

function head(atoms: readonly Atom[], end: number): RichText {
  return atoms
    .filter(({ start }) => start < end)
    .map(({ segment, start }) => (typeof segment === 'string' ? segment.slice(0, end - start) : segment))
}

function tail(atoms: readonly Atom[], begin: number): RichText {
  return atoms
    .filter(({ start, plain }) => start + plain.length > begin)
    .map(({ segment, start }) => (typeof segment === 'string' ? segment.slice(Math.max(0, begin - start)) : segment))
}

/** What no line may begin with. */
const closing = /[\s\p{Pe}\p{Pf}\p{Po}\p{Pd}%]/u
/** "Co. KG" and "U.S. sales": the dot of a short word that begins with a capital ends no sentence. */
const abbreviation = /(?:^|[\s(.])\p{Lu}\p{L}{0,3}\.\s*$/u

/** Where sentences end but the last: the first character of the next one. */
function sentenceEnds(plain: string, language: string): readonly number[] {
  const starts = [...new Intl.Segmenter(language, { granularity: 'sentence' }).segment(plain)].map((part) => part.index)
  return starts.filter((at) => at > 0 && !abbreviation.test(plain.slice(Math.max(0, at - 12), at)))
}

function clauseEnds(plain: string): readonly number[] {
  return [...plain.matchAll(/(?:[,;:،؛](?=\s)|\s[—–-](?=\s)|[，、；：])\s*/gu)].map(
    (match) => match.index + match[0].length,
  )
}

function lastFitting(places: readonly number[], fits: (at: number) => boolean): number | null {
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (fits(places[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return places[low - 1] ?? null
}

function trimEnd(text: RichText): RichText {
  const last = text.at(-1)
  return typeof last === 'string' ? [...text.slice(0, -1), last.trimEnd()] : text
}

function trimStart(text: RichText): RichText {
  const [first, ...rest] = text
  return typeof first === 'string' ? [first.trimStart(), ...rest] : text
}
