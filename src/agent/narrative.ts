import { z } from 'zod'
import { completeStructured } from './chat-model/structured.ts'
import type { Turn } from './events.ts'
import type { Intent } from './intent.ts'
import { fillPrompt } from './prompts.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps } from './evidence.ts'

const layouts = [
  'title',
  'section',
  'kpis',
  'chart',
  'table',
  'chart_table',
  'bullets',
  'comparison',
  'closing',
] as const

export const OutlineSlide = z.object({
  layout: z.enum(layouts),
  /** The sentence the slide proves, with references to facts. */
  message: z.string().trim().min(1),
  /** Id of the table it shows; '' when none. */
  table: z.string(),
  /** Ids of the facts it uses. */
  facts: z.array(z.string()),
})
export type OutlineSlide = z.infer<typeof OutlineSlide>

export const Outline = z.object({ title: z.string().trim().min(1), slides: z.array(OutlineSlide).min(1) })
export type Outline = z.infer<typeof Outline>

/** A storyline, and how many slides the deck may have in the end, as the person or the settings have it. */
export interface DeckPlan extends Outline {
  readonly mostSlides: number
}

/** The deck's storyline: one message per slide, never more slides than asked for or than the data carries. @throws ChatModelError */
export async function outlineDeck(
  turn: Turn,
  intent: Intent,
  evidence: Evidence,
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<DeckPlan> {
  const mostSlides = intent.wanted_slides > 0 ? Math.min(intent.wanted_slides, turn.maxSlides) : turn.maxSlides
  const maxSlides = slideBudget(mostSlides, evidence)
  return deps.tracer.span('narrative_construction', 'CHAIN', { max_slides: maxSlides }, async (span) => {
    const { value } = await completeStructured({
      complete: deps.callLlm,
      name: 'outline',
      schema: Outline,
      messages: fillPrompt(deps.prompts, 'narrative_construction', {
        question: turn.question,
        audience: intent.audience,
        max_slides: String(maxSlides),
        ...evidenceAsText(evidence, deps),
      }),
      signal,
    })
    const outline = { title: value.title, slides: settle(value.slides, evidence).slice(0, maxSlides) }
    span.setOutputs(outline)
    return { ...outline, mostSlides }
  })
}

/** A small answer gets a small deck: the most slides that these rows can carry. */
function slideBudget(asked: number, evidence: Evidence): number {
  const carried = evidence.tables.reduce((sum, table) => {
    const values = table.rows.length * table.columns.length
    if (table.rows.length === 1 && table.columns.length <= 2) return sum + 1
    if (values <= 6) return sum + 3
    return sum + 6
  }, 0)
  return Math.max(1, Math.min(asked, carried))
}

/** A slide that needs a table and names none, or one that is not there, gets the first. */
function settle(slides: readonly OutlineSlide[], evidence: Evidence): OutlineSlide[] {
  const fallback = evidence.tables[0]?.id ?? ''
  return slides.map((slide) =>
    evidence.tables.some((table) => table.id === slide.table) ? slide : { ...slide, table: fallback },
  )
}
