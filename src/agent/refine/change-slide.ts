import { chartKinds, type Deck, type Slide } from '../../render/deck.ts'
import { chooseChart, isDrawable } from '../choose-chart.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps } from '../evidence.ts'
import { checkDraft, type CheckedSlide } from '../slide-draft.ts'
import { draftSlide } from '../slides.ts'
import { deckAsText, modelText } from '../turn-as-text.ts'
import type { Change } from './wishes.ts'

/** What changing one slide works with. */
export interface SlideChanger {
  readonly deck: Deck
  readonly evidence: Evidence
  readonly deps: EvidenceDeps
  /** The person's own words. */
  readonly question: string
}

/**
 * One wish carried out on one slide. The very same slide comes back where the wish makes no sense for it, so that nothing
 * is drawn anew that nobody changed.
 * @throws ChatModelError
 */
export async function changeSlide(
  change: Change,
  slide: Slide,
  index: number,
  changer: SlideChanger,
  signal: AbortSignal,
): Promise<CheckedSlide> {
  const same: CheckedSlide = { slide, facts: [] }
  switch (change.action) {
    case 'chart':
      return { ...same, slide: asChart(change.kind, slide, changer.evidence) }
    case 'table':
      return { ...same, slide: asTable(slide, changer.evidence) }
    case 'look':
      return change.kind === 'light' || change.kind === 'dark'
        ? { ...same, slide: { ...slide, look: change.kind } }
        : same
    case 'rewrite':
      return rewrite(change.instruction, slide, index, changer, signal)
    default:
      return same
  }
}

function asTable(slide: Slide, evidence: Evidence): Slide {
  const table = tableOf(slide, evidence)
  return table && slide.layout !== 'table' ? { ...bare(slide), layout: 'table', table: { table: table.id } } : slide
}

function asChart(asked: string, slide: Slide, evidence: Evidence): Slide {
  const table = tableOf(slide, evidence)
  const present = 'chart' in slide ? slide.chart : table ? chooseChart(table) : undefined
  if (!present || !table) return slide
  const kind = chartKinds.find((candidate) => candidate === asked) ?? present.kind
  const chart = { ...present, kind }
  if ('chart' in slide && kind === slide.chart.kind) return slide
  return isDrawable(chart, table) ? { ...bare(slide), layout: 'chart', chart } : slide
}

async function rewrite(
  instruction: string,
  slide: Slide,
  index: number,
  { deck, evidence, deps, question }: SlideChanger,
  signal: AbortSignal,
): Promise<CheckedSlide> {
  const table = tableOf(slide, evidence)?.id ?? ''
  const plan = { layout: slide.layout, message: modelText(slide.title), table, facts: [] }
  const description = [
    `number: ${index + 1} of ${deck.slides.length}`,
    `layout: ${slide.layout}`,
    `message: ${plan.message}`,
    `table: ${table}`,
    `language: ${deps.language}`,
    `present content: ${JSON.stringify(slide)}`,
    `change it so: ${instruction || question}`,
  ].join('\n')
  const context = { question, outline: deckAsText(deck), ...evidenceAsText(evidence, deps) }
  const checked = checkDraft(slide.id, await draftSlide(plan, description, context, deps, signal), plan, evidence)
  const look = slide.look === undefined ? {} : { look: slide.look }
  return { ...checked, slide: { ...checked.slide, ...look } }
}

/** What a slide keeps when its layout changes. */
function bare(slide: Slide): Pick<Slide, 'id' | 'title' | 'notes' | 'sources' | 'look'> & { takeaway: Slide['title'] } {
  const { id, title, notes, sources } = slide
  const look = slide.look === undefined ? {} : { look: slide.look }
  return { id, title, notes, sources, ...look, takeaway: 'takeaway' in slide ? slide.takeaway : [] }
}

function tableOf(slide: Slide, evidence: Evidence): Evidence['tables'][number] | undefined {
  const id = 'table' in slide ? slide.table.table : 'chart' in slide ? slide.chart.table : slide.sources[0]
  return evidence.tables.find((candidate) => candidate.id === id)
}
