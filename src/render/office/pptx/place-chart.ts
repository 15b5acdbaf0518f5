import type { ChartModel } from '../../charts/chart-model.ts'
import { describeChart } from '../../charts/describe-chart.ts'
import { tag } from '../xml.ts'
import type { NativeChart } from './charts/native-chart.ts'
import type { Stage } from './deck-canvas.ts'
import type { Rect } from './units.ts'

const namespace = 'http://schemas.openxmlformats.org/drawingml/2006/chart'

/** Puts a native chart on the slide, with its data in words for people who cannot see it. */
export function placeChart(stage: Stage, model: ChartModel, native: NativeChart, rect: Rect): void {
  const content = tag(
    'a:graphicData',
    { uri: namespace },
    tag('c:chart', { 'xmlns:c': namespace, 'r:id': stage.addChart(native) }),
  )
  stage.canvas.graphic(rect, 'Chart', describeChart(model, stage.context.language), content)
}
