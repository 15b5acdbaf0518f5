import { z } from 'zod'
import { Fact } from './fact.ts'
import { Table } from './table.ts'

/**
 * Text as it goes on a slide: plain strings, references to facts, and numbers that nothing could confirm.
 * Plain strings never contain a number that was not checked, and are data, never markup: the renderer escapes them.
 */
export const Segment = z.union([
  z.string(),
  /**
   * The fact's value, formatted by the renderer. `compact` writes 1.2M, `full` 1,234,567. `absolute` leaves the sign out,
   * because the words around it give the direction: "fell by 12 %" for a fact of -12 %.
   */
  z.object({ fact: z.string(), format: z.enum(['compact', 'full']).optional(), absolute: z.boolean().optional() }),
  /** A literal that matched no cell and no fact; shown with a mark. */
  z.object({ unverified: z.string() }),
])
export type Segment = z.infer<typeof Segment>

export const RichText = z.array(Segment)
export type RichText = z.infer<typeof RichText>

export const chartKinds = [
  'bar',
  'stacked_bar',
  'horizontal_bar',
  'line',
  'area',
  'donut',
  /** Two measures against each other: `x` and `y[0]`, or `y[0]` and `y[1]` with `x` naming the points. */
  'scatter',
  /** `x` by `series`, the value as colour. */
  'heat_map',
  /** What led from one total to another: `y` of two columns, two values of `series`, or the steps themselves. */
  'waterfall',
  /** One small line chart for each series, all on one scale. */
  'small_multiples',
] as const

/** A chart names a table and its columns; the renderer reads the rows. */
export const Chart = z.object({
  kind: z.enum(chartKinds),
  table: z.string(),
  /** Column of the categories or dates; of a measure for `scatter`. */
  x: z.string(),
  /** Number columns; one series each, unless `series` splits a single one. */
  y: z.array(z.string()).min(1),
  /** Text column whose values become the series. */
  series: z.string().optional(),
  title: z.string().optional(),
})
export type Chart = z.infer<typeof Chart>

export const TableView = z.object({
  table: z.string(),
  /** Columns to show in this order; all when left out. */
  columns: z.array(z.string()).optional(),
})
export type TableView = z.infer<typeof TableView>

export const Kpi = z.object({
  label: z.string(),
  fact: z.string(),
  /** A growth, difference or share fact shown beneath. */
  change: z.string().optional(),
})
export type Kpi = z.infer<typeof Kpi>

const base = {
  /** Stable over edits, "s1", "s2" … */
  id: z.string(),
  /** The slide's message. */
  title: RichText,
  /** What the speaker says. */
  notes: RichText,
  /** Ids of the tables this slide rests on. */
  sources: z.array(z.string()),
  /** Set when the deck had no slide left for all of the content and the rest stands at the end of the notes. */
  moreInNotes: z.literal(true).optional(),
  /** The light or dark side of the deck's theme for this slide alone; the theme's own side when left out. */
  look: z.enum(['light', 'dark']).optional(),
}

export const Slide = z.discriminatedUnion('layout', [
  z.object({ ...base, layout: z.literal('title'), subtitle: RichText }),
  z.object({ ...base, layout: z.literal('section'), subtitle: RichText }),
  z.object({ ...base, layout: z.literal('kpis'), kpis: z.array(Kpi), takeaway: RichText }),
  z.object({ ...base, layout: z.literal('chart'), chart: Chart, takeaway: RichText }),
  z.object({ ...base, layout: z.literal('table'), table: TableView, takeaway: RichText }),
  z.object({ ...base, layout: z.literal('chart_table'), chart: Chart, table: TableView, takeaway: RichText }),
  z.object({ ...base, layout: z.literal('bullets'), bullets: z.array(RichText) }),
  z.object({
    ...base,
    layout: z.literal('comparison'),
    left: z.object({ heading: RichText, bullets: z.array(RichText) }),
    right: z.object({ heading: RichText, bullets: z.array(RichText) }),
  }),
  z.object({ ...base, layout: z.literal('closing'), bullets: z.array(RichText) }),
])
export type Slide = z.infer<typeof Slide>
export type SlideLayout = Slide['layout']

/** The one stored product of a turn. HTML, PDF and PNG are derived from it at any time; it needs nothing else. */
export const Deck = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  /** 1 for a thread's first deck; each refinement adds one. */
  version: z.number().int().positive(),
  title: RichText,
  question: z.string(),
  /** BCP 47, for `lang` and number formats. */
  language: z.string(),
  theme: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** Shown on every slide: where the data is from, such as "Genie space Sales · sandbox data". */
  provenance: z.string(),
  /** Where the turn that made it is recorded, and where the deck is kept: shown as links, when they are of the web. */
  traceUrl: z.string().optional(),
  deckUrl: z.string().optional(),
  slides: z.array(Slide).min(1),
  tables: z.array(Table),
  facts: z.array(Fact),
})
export type Deck = z.infer<typeof Deck>

/** Numbers on the slides and how many of them rest on a fact. A fact shown twice counts twice. */
export interface NumberCount {
  readonly total: number
  readonly verified: number
}
