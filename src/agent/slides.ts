import type { z } from 'zod'
import type { Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { slideFits, splitSlides } from '../render/split/split-slides.ts'
import { ChatModelError } from './chat-model/chat-model.ts'
import { completeStructured } from './chat-model/structured.ts'
import type { Turn } from './events.ts'
import type { DeckPlan, Outline, OutlineSlide } from './narrative.ts'
import { fillPrompt } from './prompts.ts'
import { checkDraft, slideDrafts, type CheckedSlide, type SlideDraft } from './slide-draft.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps, type EvidenceText } from './evidence.ts'

/** Most tokens one slide takes; Databricks reserves this much of the rate limit for each of the parallel calls. */
const tokensPerSlide = 1500

/** The slides of a deck, and the facts they show that are not in the sheet. */
export interface WrittenSlides {
  readonly slides: Slide[]
  readonly facts: readonly Fact[]
}

/**
 * The stage `html_generation`: all slides of the outline written at once, each checked against the data as it arrives.
 * A slide the model cannot write well-formed becomes a table of its data under the outline's message; one that says too
 * much becomes several, as far as the plan allows. `onSlide` hears of each slide as soon as it is checked, with its place
 * from zero, and again when another one's parts move it on; of slides with parts when all are written.
 * @throws ChatModelError when no slide could be written
 */
export async function writeSlides(
  turn: Turn,
  outline: DeckPlan,
  evidence: Evidence,
  deps: EvidenceDeps,
  onSlide: (checked: CheckedSlide, index: number, total: number) => void,
  signal: AbortSignal,
): Promise<WrittenSlides> {
  const total = outline.slides.length
  return deps.tracer.span('html_generation', 'CHAIN', { slides: total }, async (span) => {
    const context = {
      question: turn.question,
      outline: outline.slides.map((slide, index) => `${index + 1}. [${slide.layout}] ${slide.message}`).join('\n'),
      ...evidenceAsText(evidence, deps),
    }
    const measured = { language: deps.language, tables: [...evidence.tables] }
    const told = new Map<Slide, number>()
    const failures: ChatModelError[] = []
    const written = await Promise.all(
      outline.slides.map(async (plan, index) => {
        const id = `s${index + 1}`
        let draft: SlideDraft
        try {
          draft = await draftSlide(plan, describePlan(plan, index, outline), context, deps, signal)
        } catch (error) {
          signal.throwIfAborted()
          if (!(error instanceof ChatModelError)) throw error
          failures.push(error)
          deps.log.warn({ slide: index + 1, code: error.code }, 'Slide could not be written, showing its data instead')
          draft = { layout: 'table', title: plan.message, notes: '', columns: [], takeaway: '' }
        }
        const checked = checkDraft(id, draft, plan, evidence)
        if (slideFits(checked.slide, { ...measured, facts: [...evidence.sheet.facts, ...checked.facts] })) {
          told.set(checked.slide, index)
          onSlide(checked, index, total)
        }
        return checked
      }),
    )
    const [failure] = failures
    if (failure && failures.length === total) throw failure
    const facts = written.flatMap((checked) => checked.facts)
    const slides = splitSlides(
      written.map(({ slide }) => slide),
      { ...measured, facts: [...evidence.sheet.facts, ...facts] },
      outline.mostSlides,
    )
    for (const [index, slide] of slides.entries()) {
      if (told.get(slide) !== index) onSlide({ slide, facts }, index, slides.length)
    }
    span.setOutputs({
      slides: slides.map(({ id, layout }) => ({ id, layout })),
      failed: failures.length,
    })
    return { slides, facts }
  })
}

/** One slide from the chat model, in the schema of the layout that `plan` asks for. @throws ChatModelError */
export async function draftSlide(
  plan: OutlineSlide,
  description: string,
  context: EvidenceText & { readonly question: string; readonly outline: string },
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<SlideDraft> {
  const schema: z.ZodType<object> = slideDrafts[plan.layout]
  const { value } = await completeStructured({
    complete: deps.callLlm,
    name: `slide_${plan.layout}`,
    schema,
    messages: fillPrompt(deps.prompts, 'slide', { ...context, slide: description }),
    maxTokens: tokensPerSlide,
    signal,
  })
  // The schema of this very layout has read the value; the compiler cannot follow the two by one key.
  return { layout: plan.layout, ...value } as SlideDraft
}

function describePlan(plan: OutlineSlide, index: number, outline: Outline): string {
  return [
    `number: ${index + 1} of ${outline.slides.length}`,
    `deck: ${outline.title}`,
    `layout: ${plan.layout}`,
    `message: ${plan.message}`,
    `table: ${plan.table}`,
    `facts: ${plan.facts.join(', ')}`,
  ].join('\n')
}
