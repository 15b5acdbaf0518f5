import type { ChartModel } from '../../../charts/chart-model.ts'
import { textWidth } from '../../../typography/measure.ts'
import { daySerial } from '../../day-serial.ts'
import type { WorkbookCell } from '../../workbook.ts'
import type { TimeUnit } from './chart-axes.ts'
import { datesXml } from './chart-data.ts'

/** Dates along the bottom of a chart, as real dates that PowerPoint thins out and writes in the reader's language. */
export interface DateAxis {
  /** The `c:cat` of every series. */
  readonly categories: string
  readonly cells: readonly WorkbookCell[]
  readonly formatCode: string
  readonly base: TimeUnit
  readonly every: { readonly count: number; readonly unit: TimeUnit }
}

const grains = {
  year: { formatCode: 'yyyy', base: 'years', widest: '2026', steps: [1, 2, 5, 10, 20] },
  month: { formatCode: 'mmm yy', base: 'months', widest: 'Mar 26', steps: [1, 2, 3, 6, 12, 24, 60] },
  day: { formatCode: 'd mmm', base: 'days', widest: '30 Mar', steps: [1, 2, 7, 14, 28, 56, 91, 182, 364] },
} as const

/** Null when the categories are no dates, or quarters and times, which Office has no axis for. `stepPx` is between two. */
export function dateAxisOf(model: ChartModel, stepPx: number): DateAxis | null {
  const { grain, categories } = model
  if (grain === null || grain === 'quarter' || grain === 'minute' || categories.length < 2) return null
  const serials = categories.flatMap(({ time }) => (time === null ? [] : [daySerial(time)]))
  const known = serials.filter((serial) => serial !== null)
  if (known.length !== categories.length) return null
  const { formatCode, base, widest, steps } = grains[grain]
  const first = categories[0]?.time ?? 0
  const last = categories.at(-1)?.time ?? 0
  // Rows need not be neighbours in time: the step of the axis is that of its base unit.
  const unitMs = { years: 365.25, months: 30.44, days: 1 }[base] * 86_400_000
  const unitPx = (stepPx * (categories.length - 1)) / Math.max(1, (last - first) / unitMs)
  const least = (textWidth(widest, 14) + 20) / unitPx
  const count = steps.find((step) => step >= least) ?? Math.ceil(least)
  return {
    categories: datesXml(known, formatCode),
    cells: known.map((value) => ({ value, format: formatCode })),
    formatCode,
    base,
    every: { count, unit: base },
  }
}
