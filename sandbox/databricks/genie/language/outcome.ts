import { metricOf, type SemanticLayer, type TableName } from '../../../data/semantic-layer.ts'
import type { Day, Grain, Period } from '../calendar.ts'
import type { Intent } from '../intent.ts'

/** What came of a message: a question that can be run, one to put back, or a plain no. */
export type Outcome =
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'clarify'; readonly text: string }
  | { readonly kind: 'refuse'; readonly text: string }

export interface BuildDeps {
  readonly layer: SemanticLayer
  readonly today: Day
  /** Tables of the space that is asked. */
  readonly tables: readonly TableName[]
  /** The measure meant when something is to be ranked or compared and none is named. */
  readonly standardMetric: string
  /** What to suggest in a question back, such as "revenue, orders or return rate". */
  readonly exampleMetrics: string
}

/** A question back or a no. */
export type NoIntent = Extract<Outcome, { readonly text: string }>

export const clarify = (text: string): NoIntent => ({ kind: 'clarify', text })
export const refuse = (text: string): NoIntent => ({ kind: 'refuse', text })

/** The part of an intent that the views may still change: a trend adds a step, a mean whole steps only. */
export interface Shape {
  metrics: string[]
  by: string[]
  grain?: Grain
  period?: Period
}

/** A stock is what is there at a moment; it does not look at the start of the time. */
export function isStock(layer: SemanticLayer, name: string): boolean {
  const { table, sql } = metricOf(layer, name)
  return table === 'customers' && !sql.includes('{start}')
}

/** A step longer than the time it is to divide. */
export function coarser(grain: Grain, period: Period): boolean {
  const size = { day: 0, week: 1, month: 2, quarter: 3, half: 3.5, year: 4 } as const
  return period.unit !== 'range' && size[grain] > size[period.unit]
}
