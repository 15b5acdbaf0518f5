import type { Canvas } from '../../../charts/canvas.ts'
import type { ChartModel } from '../../../charts/chart-model.ts'
import type { WorkbookCell } from '../../workbook.ts'
import type { ColourXml } from '../palette.ts'
import { nativeBars } from './bars.ts'
import { nativeDonut } from './donut.ts'
import { nativeLines } from './lines.ts'
import { nativeScatter } from './scatter.ts'
import { nativeWaterfall } from './waterfall.ts'

/** A chart that PowerPoint draws and people can edit there. */
export interface NativeChart {
  /** The chart part. */
  readonly xml: string
  /** The cells of its workbook. */
  readonly cells: readonly (readonly WorkbookCell[])[]
}

/** The same canvas as for SVG, and how its colours are written here. */
export interface NativeCanvas extends Canvas {
  readonly colour: ColourXml
}

/** The chart in PowerPoint's own form. Null for a kind that has none: its data is then shown as a table. */
export function nativeChart(model: ChartModel, canvas: NativeCanvas): NativeChart | null {
  switch (model.kind) {
    case 'bar':
    case 'stacked_bar':
    case 'horizontal_bar':
      return nativeBars(model, canvas)
    case 'line':
    case 'area':
      return nativeLines(model, canvas)
    case 'donut':
      return nativeDonut(model, canvas)
    case 'waterfall':
      return nativeWaterfall(model, canvas)
    case 'scatter':
      return nativeScatter(model, canvas)
    case 'heat_map':
    case 'small_multiples':
      // Drawn by `figure`: a table of coloured cells, and a chart for each panel.
      return null
  }
}
