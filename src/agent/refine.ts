import { z } from 'zod'
import { chartKinds, type Deck, type Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { chooseChart, isDrawable } from './choose-chart.ts'
import { completeStructured } from './chat-model/structured.ts'
import type { Turn } from './events.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps } from './evidence.ts'
import { fillPrompt } from './prompts.ts'
import { checkDraft } from './slide-draft.ts'
import { draftSlide } from './slides.ts'
import { deckAsText, modelText } from './turn-as-text.ts'

const Change = z.object({
  action: z.enum(['drop', 'move', 'chart', 'table', 'rewrite']),
  /** Counts from 1 in the deck as it was before any change. */
  slide: z.number().int(),
  /** New position for `move`, counting from 1; 0 otherwise. */
  to: z.number().int(),
  /** Chart kind for `chart`; '' otherwise. */
  kind: z.string(),
  /** What `rewrite` should do; '' otherwise. */
  instruction: z.string(),
})
type Change = z.infer<typeof Change>

const Refinement = z.object({ changes: z.array(Change), theme: z.enum(['', 'light', 'dark']), reply: z.string() })

export interface Refined {
  /** Absent when nothing was understood or nothing changed. */
  readonly deck?: Deck
  /** One sentence for the person, not yet checked for numbers. */
  readonly reply: string
}

/**
 * Changes the deck that is there as the person asked; slides that nobody asked about stay the very same objects. `onSlide`
 * hears of each changed slide as soon as it is done, with its place (from zero) in the deck as it will be, and that deck with
 * the facts there are by then.
 * @throws ChatModelError
 */
export async function refineDeck(
  turn: Turn,
  deck: Deck,
  evidence: Evidence,
  deps: EvidenceDeps,
  onSlide: (slide: Slide, index: number, total: number, deck: Omit<Deck, 'slides'>) => void,
  signal: AbortSignal,
): Promise<Refined> {
  return deps.tracer.span('html_generation', 'CHAIN', { question: turn.question }, async (span) => {
    const { value } = await completeStructured({
      complete: deps.callLlm,
      name: 'refinement',
      schema: Refinement,
      messages: fillPrompt(deps.prompts, 'refine', {
        question: turn.question,
        deck: deckAsText(deck),
        ...evidenceAsText(evidence, deps),
      }),
      signal,
    })
    span.setOutputs(value)
    const order = arrange(deck.slides, value.changes)
    const theme = value.theme === '' ? deck.theme : value.theme
    const { slides: before, ...head } = { ...deck, version: deck.version + 1, theme }
    const facts: Fact[] = [...deck.facts]
    const slides = await Promise.all(
      order.map(async (slide, place) => {
        const number = before.indexOf(slide) + 1
        let current = slide
        for (const change of value.changes) {
          if (change.slide === number) current = await apply(change, current, number)
        }
        if (current !== slide) onSlide(current, place, order.length, { ...head, facts: [...facts] })
        return current
      }),
    )
    const same =
      theme === deck.theme && slides.length === before.length && slides.every((slide, i) => slide === before[i])
    if (same || slides.length === 0) return { reply: value.reply }
    const known = new Set<string>()
    const allFacts = facts.filter((fact) => !known.has(fact.id) && known.add(fact.id))
    return { deck: { ...head, slides, facts: allFacts }, reply: value.reply }

    async function apply(change: Change, slide: Slide, number: number): Promise<Slide> {
      if (change.action === 'drop' || change.action === 'move') return slide
      const tableId = 'table' in slide ? slide.table.table : 'chart' in slide ? slide.chart.table : slide.sources[0]
      const table = evidence.tables.find((candidate) => candidate.id === tableId)
      const { id, title, notes, sources } = slide
      const base = { id, title, notes, sources, takeaway: 'takeaway' in slide ? slide.takeaway : [] }
      if (change.action === 'table') return table ? { ...base, layout: 'table', table: { table: table.id } } : slide
      if (change.action === 'chart') {
        const kind = chartKinds.find((candidate) => candidate === change.kind)
        const suggested = 'chart' in slide ? slide.chart : table ? chooseChart(table) : undefined
        if (!suggested || !table) return slide
        const chart = { ...suggested, kind: kind ?? suggested.kind }
        return isDrawable(chart, table) ? { ...base, layout: 'chart', chart } : slide
      }
      const plan = { layout: slide.layout, message: modelText(slide.title), table: tableId ?? '', facts: [] }
      const description = [
        `number: ${number} of ${deck.slides.length}`,
        `layout: ${slide.layout}`,
        `message: ${plan.message}`,
        `table: ${plan.table}`,
        `present content: ${JSON.stringify(slide)}`,
        `change it so: ${change.instruction || turn.question}`,
      ].join('\n')
      const context = { question: turn.question, outline: deckAsText(deck), ...evidenceAsText(evidence, deps) }
      const checked = checkDraft(slide.id, await draftSlide(plan, description, context, deps, signal), plan, evidence)
      facts.push(...checked.facts)
      return checked.slide
    }
  })
}

/** Leaves dropped slides out and puts moved ones at their new place. */
function arrange(slides: readonly Slide[], changes: readonly Change[]): Slide[] {
  const dropped = new Set(changes.filter(({ action }) => action === 'drop').map(({ slide }) => slide - 1))
  const order = slides.filter((_, index) => !dropped.has(index))
  for (const change of changes) {
    if (change.action !== 'move') continue
    const moved = slides[change.slide - 1]
    const from = moved ? order.indexOf(moved) : -1
    if (!moved || from < 0) continue
    order.splice(from, 1)
    order.splice(Math.max(0, Math.min(order.length, change.to - 1)), 0, moved)
  }
  return order
}
