import { z } from 'zod'
import { chartKinds, type Deck, type Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { chooseChart, isDrawable } from './choose-chart.ts'
import { completeStructured } from './chat-model/structured.ts'
import type { AgentEvent, Turn } from './events.ts'
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
 * Changes the deck that is there as the person asked; slides that nobody asked about stay the very same objects.
 * @throws ChatModelError
 */
export async function refineDeck(
  turn: Turn,
  deck: Deck,
  evidence: Evidence,
  deps: EvidenceDeps,
  emit: (event: AgentEvent) => void,
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
    const facts: Fact[] = [...deck.facts]
    const edited = await Promise.all(
      deck.slides.map(async (slide, index) => {
        const wishes = value.changes.filter((change) => change.slide === index + 1)
        let current: Slide | undefined = slide
        for (const change of wishes) {
          if (current) current = await apply(change, current, index)
        }
        if (current && current !== slide) emit({ type: 'slide', index, total: deck.slides.length, slide: current })
        return current
      }),
    )
    const slides = arrange(edited, value.changes)
    const theme = value.theme === '' ? deck.theme : value.theme
    const same =
      theme === deck.theme &&
      slides.length === deck.slides.length &&
      slides.every((slide, i) => slide === deck.slides[i])
    if (same || slides.length === 0) return { reply: value.reply }
    const known = new Set<string>()
    const allFacts = facts.filter((fact) => !known.has(fact.id) && known.add(fact.id))
    return { deck: { ...deck, version: deck.version + 1, theme, slides, facts: allFacts }, reply: value.reply }

    async function apply(change: Change, slide: Slide, index: number): Promise<Slide | undefined> {
      if (change.action === 'drop') return undefined
      if (change.action === 'move') return slide
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
        `number: ${index + 1} of ${deck.slides.length}`,
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
function arrange(edited: readonly (Slide | undefined)[], changes: readonly Change[]): Slide[] {
  const slides = edited.filter((slide): slide is Slide => slide !== undefined)
  for (const change of changes) {
    if (change.action !== 'move') continue
    const moved = edited[change.slide - 1]
    const from = moved ? slides.indexOf(moved) : -1
    if (!moved || from < 0) continue
    slides.splice(from, 1)
    slides.splice(Math.max(0, Math.min(slides.length, change.to - 1)), 0, moved)
  }
  return slides
}
