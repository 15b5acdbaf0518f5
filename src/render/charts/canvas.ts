import { mixColours, type Theme } from '../theme.ts'
import type { Category } from './chart-model.ts'

/** What every chart is drawn with. */
export interface Canvas {
  readonly widthPx: number
  readonly heightPx: number
  readonly theme: Theme
  /** BCP 47. */
  readonly language: string
  /** One colour per series of the model (for a donut: per category), in order. */
  readonly colours: readonly string[]
}

/** The rectangle inside a chart where the data goes, in px. */
export interface Plot {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Colour of one bar: what adds up the rest recedes, whatever its series, and so does a period that is not over. */
export function barColour(canvas: Canvas, series: number, category: Category | undefined): string {
  const isRest = category?.isOther === true && canvas.colours.length === 1
  const colour = (isRest ? undefined : canvas.colours[series]) ?? canvas.theme.other
  return category?.isPartial === true ? mixColours(colour, canvas.theme.background, 0.5) : colour
}

/** Sizes of text in charts, in px. */
export const chartText = { tick: 14, label: 14, legend: 14 } as const
