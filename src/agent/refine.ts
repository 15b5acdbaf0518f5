import type { Deck, Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { barePart, continues } from '../render/split/parts.ts'
import { slideFits, splitSlides } from '../render/split/split-slides.ts'
import { themeInShade } from '../render/theme.ts'
import { addSlide, freeSlideId, gatherAdditions, type AskGenie } from './refine/add-slide.ts'
import { changeSlide, type SlideChanger } from './refine/change-slide.ts'
import { readWishes, type Change, type Wishes } from './refine/wishes.ts'
import { gatherEvidence, type Evidence, type EvidenceDeps } from './evidence.ts'
import type { Turn } from './events.ts'
import type { CheckedSlide } from './slide-draft.ts'

export interface Refined {
  /** Absent when nothing was understood or nothing changed. */
  readonly deck?: Deck
  /** One sentence for the person, not yet checked for numbers. */
  readonly reply: string
  /** What could not be done and why, in sentences for the person. */
  readonly problems: readonly string[]
}

export interface RefineDeps extends EvidenceDeps {
  readonly unverified: 'mark' | 'block'
  /** For slides that need rows the deck does not have. */
  readonly askGenie: AskGenie
  /** An earlier version of the thread's deck; undefined when it cannot be had any more. */
  readonly earlierDeck: (version: number) => Promise<Deck | undefined>
}

/** Hears of each slide that is new, with its place from zero and the deck around it, with the facts there are by then. */
type OnSlide = (slide: Slide, index: number, total: number, deck: Omit<Deck, 'slides'>) => void

/**
 * Changes the deck that is there as the person asked. Slides that nobody asked about stay the very same objects: they are
 * neither written nor drawn again; but parts of a slide that was split are counted anew when one goes. A changed slide that
 * says too much becomes several while the deck may have more.
 * @throws ChatModelError
 */
export async function refineDeck(
  turn: Turn,
  deck: Deck,
  evidence: Evidence,
  deps: RefineDeps,
  onSlide: OnSlide,
  signal: AbortSignal,
): Promise<Refined> {
  return deps.tracer.span('html_generation', 'CHAIN', { question: turn.question }, async (span) => {
    const wishes = await readWishes(turn, deck, evidence, deps, signal)
    span.setOutputs(wishes)
    if (wishes.restore !== 0) return restore(wishes, deck, deps)
    return carryOut(wishes, turn, deck, evidence, deps, onSlide, signal)
  })
}

/** Going back makes a new version too, so that "undo" can be undone. */
async function restore(wishes: Wishes, deck: Deck, deps: RefineDeps): Promise<Refined> {
  const wanted = wishes.restore < 0 ? deck.version - 1 : wishes.restore
  if (wanted === deck.version) return { reply: '', problems: [`The deck is at version ${wanted}.`] }
  const earlier = wanted >= 1 && wanted < deck.version ? await deps.earlierDeck(wanted) : undefined
  if (earlier) return { deck: { ...earlier, version: deck.version + 1 }, reply: wishes.reply, problems: [] }
  const problem =
    deck.version === 1 ? 'This is the first version of the deck.' : `I have no version ${wanted} of this deck.`
  return { reply: '', problems: [problem] }
}

async function carryOut(
  wishes: Wishes,
  turn: Turn,
  deck: Deck,
  present: Evidence,
  given: RefineDeps,
  onSlide: OnSlide,
  signal: AbortSignal,
): Promise<Refined> {
  const language = wishes.language || deck.language
  const deps = { ...given, language }
  const asked = wishes.changes.filter((change) => change.action === 'add')
  const questions = asked.map(questionOf).filter((question) => question !== '')
  // Numbers are read and written as the language of the texts wants them.
  const known = gatherEvidence(present.tables, present.sheet, turn, deps)
  const added = await gatherAdditions(questions, given.askGenie, deck, known, deps, turn, signal)
  const { evidence, tableFor } = added
  const problems = [...missingSlides(wishes.changes, deck), ...added.problems]
  const changer: SlideChanger = { deck, evidence, deps, question: turn.question }

  const title = wishes.title.trim() === '' ? undefined : evidence.grounder.text(wishes.title)
  const facts: Fact[] = [...evidence.sheet.facts, ...(title?.facts ?? [])]
  const head = {
    ...deck,
    version: deck.version + 1,
    title: title && title.text.length > 0 ? title.text : deck.title,
    theme: wishes.theme === '' ? deck.theme : themeInShade(deck.theme, wishes.theme),
    language,
    tables: [...evidence.tables],
  }
  const additions = asked.filter((change) => questionOf(change) === '' || tableFor.has(questionOf(change)))
  const order = arrange(deck, wishes.changes, additions)
  const told = new Map<Slide, number>()
  const tell = (slide: Slide, index: number, total: number): void => {
    if (deck.slides.includes(slide) || told.get(slide) === index) return
    told.set(slide, index)
    onSlide(slide, index, total, { ...head, facts: unique(facts) })
  }

  const written = await Promise.all(
    order.map(async (place, index) => {
      const checked = await write(place)
      facts.push(...checked.facts)
      if (slideFits(checked.slide, { ...head, facts: unique(facts) })) tell(checked.slide, index, order.length)
      return checked.slide
    }),
  )
  const measured = { language, tables: head.tables, facts: unique(facts) }
  const slides = splitSlides(written, measured, turn.maxSlides, (slide) => !deck.slides.includes(slide))
  for (const [index, slide] of slides.entries()) tell(slide, index, slides.length)

  const isSame =
    head.theme === deck.theme &&
    head.title === deck.title &&
    language === deck.language &&
    slides.length === deck.slides.length &&
    slides.every((slide, index) => slide === deck.slides[index])
  // A reply that says "done" would not be true.
  if (isSame || slides.length === 0) return { reply: problems.length > 0 ? '' : wishes.reply, problems }
  return { deck: { ...head, slides, facts: unique(facts) }, reply: wishes.reply, problems }

  async function write(place: Place): Promise<CheckedSlide> {
    if (place.kind === 'new')
      return addSlide(place.change, place.id, tableFor.get(questionOf(place.change)), changer, signal)
    const { slide, number } = place
    const own = wishes.changes.filter((change) => change.slide === number)
    const isRewritten = own.some((change) => change.action === 'rewrite')
    const wanted = wishes.language !== '' && !isRewritten ? [...own, translation(language)] : own
    // The count behind a part's title is ours: it is put back when the slide keeps the title.
    const bare = barePart(slide, deck.language)
    let current: CheckedSlide = { slide: bare, facts: [] }
    for (const change of wanted) {
      const { slide: next, facts: found } = await changeSlide(change, current.slide, number - 1, changer, signal)
      current = { slide: next, facts: [...current.facts, ...found] }
    }
    return current.slide === bare ? { slide, facts: [] } : current
  }
}

/** A slide of the new deck: one there was, with its number from 1, or one more. */
type Place =
  | { readonly kind: 'present'; readonly slide: Slide; readonly number: number }
  | { readonly kind: 'new'; readonly change: Change; readonly id: string }

/**
 * Leaves dropped slides out, puts moved ones at their new place along with the slides that continue them, then new ones
 * where they were asked for, else at the end, but before the closing slide.
 */
function arrange({ slides, language }: Deck, changes: readonly Change[], additions: readonly Change[]): Place[] {
  const isDropped = (number: number): boolean =>
    changes.some((change) => change.action === 'drop' && change.slide === number)
  const places = slides
    .map((slide, index): Place => ({ kind: 'present', slide, number: index + 1 }))
    .filter((_, index) => !isDropped(index + 1))
  for (const change of changes) {
    if (change.action !== 'move') continue
    const from = places.findIndex((place) => place.kind === 'present' && place.number === change.slide)
    const first = slides[change.slide - 1]
    if (from < 0 || !first) continue
    const isPart = (place: Place): boolean => place.kind === 'present' && continues(place.slide, first, language)
    const behind = places.slice(from + 1).findIndex((place) => !isPart(place))
    const moved = places.splice(from, behind < 0 ? places.length : behind + 1)
    places.splice(Math.max(0, Math.min(places.length, change.to - 1)), 0, ...moved)
  }
  const idOf = freeSlideId(slides)
  for (const [index, change] of additions.entries()) {
    const last = places.at(-1)
    const isClosed = last?.kind === 'present' && last.slide.layout === 'closing'
    const end = isClosed ? places.length - 1 : places.length
    const at = change.to >= 1 ? Math.min(change.to - 1, places.length) : end
    places.splice(at, 0, { kind: 'new', change, id: idOf(index) })
  }
  return places
}

function missingSlides(changes: readonly Change[], deck: Deck): string[] {
  const count = deck.slides.length
  const asked = changes.filter((change) => change.action !== 'add').map((change) => change.slide)
  const missing = [...new Set(asked)].filter((number) => number < 1 || number > count)
  return missing.map((number) => `There is no slide ${number}: the deck has ${count}.`)
}

function translation(language: string): Change {
  const instruction = `Say the same in the language "${language}", nothing added and nothing left out.`
  return { action: 'rewrite', slide: 0, to: 0, kind: '', instruction, question: '' }
}

function questionOf(change: Change): string {
  return change.question.trim()
}

function unique(facts: readonly Fact[]): Fact[] {
  return [...new Map(facts.map((fact) => [fact.id, fact])).values()]
}
