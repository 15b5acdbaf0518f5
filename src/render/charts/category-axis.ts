import { textWidth, truncateText, wrapText } from '../typography/measure.ts'
import { chartText, type Canvas } from './canvas.ts'
import type { Category, ChartModel } from './chart-model.ts'
import { label } from './svg.ts'

/** Distance from one line of an axis label to the next, in px. */
const labelLinePx = 18

export interface CategoryLabel {
  readonly index: number
  readonly lines: readonly string[]
}

/**
 * Labels for the categories along the bottom. Dates are thinned to calendar steps and write their year only where it
 * changes; other labels wrap to two lines and are cut when still too wide.
 */
export function categoryLabels(model: ChartModel, stepPx: number, canvas: Canvas): readonly CategoryLabel[] {
  const { categories, grain } = model
  if (grain !== null) return dateLabels(categories, grain, stepPx, canvas.language)
  const widest = Math.max(...categories.map((category) => textWidth(category.label, chartText.tick)), 0)
  const isOrdered = model.kind === 'line' || model.kind === 'area'
  const every = isOrdered ? Math.max(1, Math.ceil((Math.min(widest, 120) + 16) / stepPx)) : 1
  return categories.flatMap((category, index) =>
    index % every === 0 ? [{ index, lines: twoLines(category.label, stepPx * every - 8) }] : [],
  )
}

/** True when the label cannot be written under a band of that width without cutting it. */
export function isCut(text: string, widthPx: number): boolean {
  return twoLines(text, widthPx).join('').endsWith('…')
}

function twoLines(text: string, widthPx: number): readonly string[] {
  const lines = wrapText(text, widthPx, chartText.tick)
  // A word broken in the middle reads worse than a cut one.
  const isBroken = text.split(/[\s-]+/).some((word) => textWidth(word, chartText.tick) > widthPx)
  if (isBroken) return [truncateText(text, widthPx, chartText.tick)]
  if (lines.length <= 2) return lines
  const [first = ''] = lines
  return [first, truncateText(text.slice(first.length).trim(), widthPx, chartText.tick)]
}

function dateLabels(
  categories: readonly Category[],
  grain: Grain,
  stepPx: number,
  language: string,
): readonly CategoryLabel[] {
  const short = shortFormat(grain, language)
  const parts = categories.map((category) => datePartsOf(category, grain, short))
  const widest = Math.max(...parts.map((part) => textWidth(part.short, chartText.tick)), 0)
  const least = Math.max(1, Math.ceil((widest + 12) / stepPx))
  const every = calendarSteps[grain].find((step) => step >= least) ?? least
  let year = ''
  return parts.flatMap((part, index) => {
    const isShown = grain === 'month' || grain === 'quarter' ? part.ordinal % every === 0 : index % every === 0
    if (!isShown) return []
    // Only Januaries are left: the year says it all.
    if ((grain === 'month' && every >= 12) || (grain === 'quarter' && every >= 4))
      return [{ index, lines: [part.year] }]
    const isNewYear = part.year !== year
    year = part.year
    return [{ index, lines: isNewYear && part.short !== part.year ? [part.short, part.year] : [part.short] }]
  })
}

const calendarSteps = {
  year: [1, 2, 5, 10],
  quarter: [1, 2, 4, 8, 20],
  month: [1, 2, 3, 6, 12, 24, 60],
  day: [1, 2, 7, 14, 28],
  minute: [1, 2, 6, 12, 24],
} as const

type Grain = NonNullable<ChartModel['grain']>

function shortFormat(grain: Grain, language: string): Intl.DateTimeFormat {
  const options: Readonly<Record<Grain, Intl.DateTimeFormatOptions>> = {
    year: { year: 'numeric' },
    quarter: { year: 'numeric' },
    month: { month: 'short' },
    day: { month: 'short', day: 'numeric' },
    minute: { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  }
  return new Intl.DateTimeFormat(language, { ...options[grain], timeZone: 'UTC' })
}

/** `ordinal` counts periods from the year 0, so that multiples of a step fall on Januaries and first quarters. */
function datePartsOf(
  category: Category,
  grain: Grain,
  short: Intl.DateTimeFormat,
): { short: string; year: string; ordinal: number } {
  const date = new Date(category.time ?? 0)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const quarter = Math.floor(month / 3)
  const text = grain === 'year' ? String(year) : grain === 'quarter' ? `Q${quarter + 1}` : short.format(date)
  return { short: text, year: String(year), ordinal: grain === 'quarter' ? year * 4 + quarter : year * 12 + month }
}

/** Draws the labels centred under their places; the lowest line ends `labelHeight` below the axis. */
export function drawCategoryLabels(
  labels: readonly CategoryLabel[],
  xOf: (index: number) => number,
  axisY: number,
  canvas: Canvas,
): string {
  return labels
    .flatMap(({ index, lines }) =>
      lines.map((text, row) =>
        label(text, {
          x: xOf(index),
          y: axisY + 20 + row * labelLinePx,
          sizePx: chartText.tick,
          fill: row === 0 ? canvas.theme.ink : canvas.theme.muted,
          anchor: 'middle',
        }),
      ),
    )
    .join('')
}

/** Room that the labels need under the axis, in px. */
export function labelHeight(labels: readonly CategoryLabel[]): number {
  return 10 + labelLinePx * Math.max(1, ...labels.map((one) => one.lines.length))
}
