import type { DateGrain } from '../dates.ts'
import type { Chart } from '../deck.ts'
import type { Unit } from '../table.ts'

/** A place on the category axis. */
export interface Category {
  readonly label: string
  /** Start of the period in ms since the epoch (UTC fields as written), for date axes. */
  readonly time: number | null
  /** True for the one that adds up what had no room of its own. */
  readonly isOther?: boolean
  /** In a waterfall: the value is a total that stands on zero, not a step from the one before. */
  readonly isTotal?: boolean
  /** The period is not over, so its value will still grow; only ever the last one. */
  readonly isPartial?: boolean
}

export interface Series {
  readonly name: string
  /** One per category; null is a gap, which is not zero. */
  readonly values: readonly (number | null)[]
  /** True for the one that adds up what had no room of its own. */
  readonly isOther: boolean
  /** How many series this one stands for; 1 when left out. */
  readonly memberCount?: number
}

/**
 * What a chart shows, with the data in it and every decision taken: kind, order, grouping. Drawing it needs no more
 * than a size and a theme, for SVG here and for native charts elsewhere.
 */
export interface ChartModel {
  readonly kind: Chart['kind']
  /** For horizontal bars with several series: on top of each other rather than side by side. */
  readonly isStacked: boolean
  readonly title: string
  /** What the values are, such as "Revenue". */
  readonly valueName: string
  readonly unit: Unit
  /** What the categories are, such as "Region". */
  readonly xName: string
  readonly categories: readonly Category[]
  /** Set when the categories are dates. */
  readonly grain: DateGrain | null
  readonly series: readonly Series[]
  /** The column whose values the colours stand for, so that a name keeps its colour through a deck. */
  readonly colouredBy: string
  /** True when adding the values up means something (revenue does, an average price does not). */
  readonly isAdditive: boolean
  /** For `scatter` only: the measure along the bottom, one value per category (a category is then a point). */
  readonly horizontal: HorizontalMeasure | null
  /** Sentences a reader needs for an honest picture: what was grouped, left out or cut. */
  readonly notes: readonly string[]
}

export interface HorizontalMeasure {
  readonly name: string
  readonly unit: Unit
  readonly values: readonly (number | null)[]
}

/** Sum of all series at a category; gaps count as nothing. */
export function totalAt(series: readonly Series[], category: number): number {
  return series.reduce((sum, one) => sum + (one.values[category] ?? 0), 0)
}

/** Every value that is there. */
export function allValues(series: readonly Series[]): number[] {
  return series.flatMap((one) => one.values.filter((value) => value !== null))
}
