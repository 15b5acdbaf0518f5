import type { Series } from './chart-model.ts'

export interface Segment {
  /** Index of the series. */
  readonly series: number
  readonly from: number
  readonly to: number
}

/** The parts of one category on top of each other from zero, first series at the bottom; empty parts are left out. */
export function stackAt(series: readonly Series[], category: number): readonly Segment[] {
  const segments: Segment[] = []
  let height = 0
  series.forEach((one, index) => {
    const value = one.values[category] ?? 0
    if (value > 0) segments.push({ series: index, from: height, to: height + value })
    height += value
  })
  return segments
}
