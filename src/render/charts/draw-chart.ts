import type { Theme } from '../theme.ts'
import { drawBars } from './bar-chart.ts'
import type { Canvas } from './canvas.ts'
import { isCut } from './category-axis.ts'
import type { ChartModel } from './chart-model.ts'
import { allValues } from './chart-model.ts'
import { describeChart } from './describe-chart.ts'
import { drawDonut } from './donut-chart.ts'
import { drawHeatMap } from './heat-map.ts'
import { drawHorizontalBars } from './horizontal-bar-chart.ts'
import { drawLines } from './line-chart.ts'
import { drawScatter } from './scatter-chart.ts'
import { drawSmallMultiples } from './small-multiples.ts'
import { element } from './svg.ts'
import { drawWaterfall } from './waterfall-chart.ts'

export interface ChartSize {
  readonly widthPx: number
  readonly heightPx: number
}

/**
 * A chart as one `<svg>` without script, style or links. It is a single image to a screen reader, with the data as its
 * description. Null when there is no value to draw.
 */
export function drawChart(
  model: ChartModel,
  size: ChartSize,
  look: { readonly theme: Theme; readonly language: string; readonly colours: readonly string[] },
): string | null {
  if (allValues(model.series).length === 0) return null
  const canvas: Canvas = { ...size, ...look }
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${size.widthPx} ${size.heightPx}`,
      role: 'img',
      'aria-label': describeChart(model, look.language),
    },
    drawKind(model, canvas),
  )
}

function drawKind(model: ChartModel, canvas: Canvas): string {
  switch (model.kind) {
    case 'bar':
    case 'stacked_bar':
      return hasRoomForLabels(model, canvas) ? drawBars(model, canvas) : drawHorizontalBars(model, canvas)
    case 'horizontal_bar':
      return drawHorizontalBars(model, canvas)
    case 'line':
    case 'area':
      return drawLines(model, canvas)
    case 'donut':
      return drawDonut(model, canvas)
    case 'scatter':
      return drawScatter(model, canvas)
    case 'heat_map':
      return drawHeatMap(model, canvas)
    case 'waterfall':
      return drawWaterfall(model, canvas)
    case 'small_multiples':
      return drawSmallMultiples(model, canvas)
  }
}

/** Labels that would be cut under upright bars are written in full beside lying ones. */
function hasRoomForLabels(model: ChartModel, canvas: Canvas): boolean {
  if (model.grain !== null) return true
  const step = (canvas.widthPx - 60) / Math.max(1, model.categories.length)
  return !model.categories.some((category) => isCut(category.label, step - 8))
}
