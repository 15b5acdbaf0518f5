import { z } from 'zod'
import { chartKinds, type Chart, type RichText, type Slide, type SlideLayout } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { columnIndex, type Table } from '../render/table.ts'
import { chooseChart, isDrawable } from './choose-chart.ts'
import type { Evidence } from './evidence.ts'

/**
 * What the chat model writes for one slide, one flat schema per layout, and the way from there to a checked slide.
 * Everything the model wrote goes through the grounder; nothing it wrote reaches a slide otherwise.
 */

const Words = z.object({ title: z.string(), notes: z.string() })
const ChartDraft = z.object({
  kind: z.enum(chartKinds),
  x: z.string(),
  y: z.array(z.string()),
  series: z.string(),
  title: z.string(),
})
const KpiDraft = z.object({ label: z.string(), fact: z.string(), change: z.string() })

export const slideDrafts = {
  title: Words.extend({ subtitle: z.string() }),
  section: Words.extend({ subtitle: z.string() }),
  kpis: Words.extend({ kpis: z.array(KpiDraft), takeaway: z.string() }),
  chart: Words.extend({ chart: ChartDraft, takeaway: z.string() }),
  table: Words.extend({ columns: z.array(z.string()), takeaway: z.string() }),
  chart_table: Words.extend({ chart: ChartDraft, columns: z.array(z.string()), takeaway: z.string() }),
  bullets: Words.extend({ bullets: z.array(z.string()) }),
  comparison: Words.extend({
    left_heading: z.string(),
    left_bullets: z.array(z.string()),
    right_heading: z.string(),
    right_bullets: z.array(z.string()),
  }),
  closing: Words.extend({ bullets: z.array(z.string()) }),
} as const satisfies Record<SlideLayout, z.ZodType>

export type SlideDraft<L extends SlideLayout = SlideLayout> = {
  [K in L]: { layout: K } & z.infer<(typeof slideDrafts)[K]>
}[L]

/** A finished slide and the facts it shows, those included that were found while checking and are not in the sheet. */
export interface CheckedSlide {
  readonly slide: Slide
  readonly facts: readonly Fact[]
}

/** Checks a draft against the data, however much it says: `splitSlides` sees to what is too much. `message` stands in for a title that the check left empty. */
export function checkDraft(
  id: string,
  draft: SlideDraft,
  plan: { readonly message: string; readonly table: string },
  evidence: Evidence,
): CheckedSlide {
  const facts: Fact[] = []
  const text = (written: string): RichText => {
    const grounded = evidence.grounder.text(written)
    facts.push(...grounded.facts)
    return grounded.text
  }
  const texts = (written: readonly string[]): RichText[] => written.map(text).filter((line) => line.length > 0)
  const table = evidence.tables.find((candidate) => candidate.id === plan.table) ?? evidence.tables[0]
  const base = {
    id,
    title: firstNonEmpty(
      () => text(draft.title),
      () => text(plan.message),
      () => [table?.title ?? ''],
    ),
    notes: text(draft.notes),
    sources: table ? [table.id] : [],
  }
  return { slide: content(), facts }

  function content(): Slide {
    switch (draft.layout) {
      case 'title':
      case 'section':
        return { ...base, layout: draft.layout, subtitle: text(draft.subtitle) }
      case 'kpis': {
        const kpis = draft.kpis.flatMap((card) => {
          const checked = evidence.grounder.kpi({
            label: card.label,
            fact: card.fact,
            ...(card.change === '' ? {} : { change: card.change }),
          })
          return checked.kpi ? [checked.kpi] : []
        })
        return kpis.length > 0
          ? { ...base, layout: 'kpis', kpis, takeaway: text(draft.takeaway) }
          : asTable(text(draft.takeaway))
      }
      case 'chart': {
        const chart = drawable(draft.chart)
        return chart
          ? { ...base, layout: 'chart', chart, takeaway: text(draft.takeaway) }
          : asTable(text(draft.takeaway))
      }
      case 'chart_table': {
        const chart = drawable(draft.chart)
        if (!chart || !table) return asTable(text(draft.takeaway))
        return {
          ...base,
          layout: 'chart_table',
          chart,
          table: view(table, draft.columns),
          takeaway: text(draft.takeaway),
        }
      }
      case 'table':
        return table
          ? { ...base, layout: 'table', table: view(table, draft.columns), takeaway: text(draft.takeaway) }
          : asTable(text(draft.takeaway))
      case 'bullets':
      case 'closing':
        return { ...base, layout: draft.layout, bullets: texts(draft.bullets) }
      case 'comparison':
        return {
          ...base,
          layout: 'comparison',
          left: { heading: text(draft.left_heading), bullets: texts(draft.left_bullets) },
          right: { heading: text(draft.right_heading), bullets: texts(draft.right_bullets) },
        }
    }
  }

  function asTable(takeaway: RichText): Slide {
    if (!table) return { ...base, layout: 'bullets', bullets: takeaway.length > 0 ? [takeaway] : [] }
    return { ...base, layout: 'table', table: { table: table.id }, takeaway }
  }

  /** The chart the model asked for when its columns make one, else the one the data's shape suggests. */
  function drawable(asked: z.infer<typeof ChartDraft>): Chart | undefined {
    if (!table) return undefined
    const title = evidence.grounder.label(asked.title)
    const chart: Chart = {
      kind: asked.kind,
      table: table.id,
      x: exactName(table, asked.x),
      y: asked.y.map((column) => exactName(table, column)),
      ...(asked.series === '' ? {} : { series: exactName(table, asked.series) }),
      ...(title === '' ? {} : { title }),
    }
    return isDrawable(chart, table) ? chart : chooseChart(table)
  }
}

function view(table: Table, columns: readonly string[]): { table: string; columns?: string[] } {
  const known = columns.filter((column) => columnIndex(table, column) >= 0).map((column) => exactName(table, column))
  return known.length > 0 ? { table: table.id, columns: [...new Set(known)] } : { table: table.id }
}

function exactName(table: Table, name: string): string {
  return table.columns[columnIndex(table, name)]?.name ?? name
}

function firstNonEmpty(...candidates: readonly (() => RichText)[]): RichText {
  for (const candidate of candidates) {
    const found = candidate()
    if (found.length > 0) return found
  }
  return ['']
}
