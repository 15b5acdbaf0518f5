import { scaleLinear, type ScaleLinear } from 'd3-scale'
import { axisFormatter } from '../format.ts'
import type { Unit } from '../table.ts'
import { textWidth } from '../typography/measure.ts'
import { chartText, type Canvas, type Plot } from './canvas.ts'
import { label, line } from './svg.ts'

export interface ValueAxis {
  readonly scale: ScaleLinear<number, number>
  readonly ticks: readonly number[]
  format(tick: number): string
  /** Of the widest mark, in px. */
  readonly labelWidth: number
  readonly startsAtZero: boolean
}

/**
 * A linear axis with round marks. Bars and areas always start at zero; a line may not when its values lie close together
 * far from zero, because the shape of the change is what a line is for.
 */
export function valueAxis(
  values: readonly number[],
  unit: Unit,
  options: { readonly needsZero: boolean; readonly lengthPx: number; readonly language: string },
): ValueAxis {
  const low = values.reduce((least, value) => Math.min(least, value), values[0] ?? 0)
  const high = values.reduce((most, value) => Math.max(most, value), values[0] ?? 0)
  const isFar = low > 0 ? low > high * 0.75 && high > low : high < 0 && high < low * 0.75 && high > low
  const includesZero = options.needsZero || !isFar
  const domain = includesZero ? [Math.min(0, low), Math.max(0, high)] : [low, high]
  const isEmpty = domain[0] === domain[1]
  const count = Math.max(3, Math.min(6, Math.round(options.lengthPx / 70)))
  const scale = scaleLinear()
    .domain(isEmpty ? [0, 1] : domain)
    .nice(count)
  const ticks = isEmpty ? [0] : scale.ticks(count)
  const format = axisFormatter(unit, ticks, options.language)
  return {
    scale,
    ticks,
    format,
    labelWidth: Math.max(...ticks.map((tick) => textWidth(format(tick), chartText.tick))),
    startsAtZero: includesZero,
  }
}

/** Marks at the left of the plot and thin lines across it; zero is drawn darker. */
export function drawHorizontalGrid(axis: ValueAxis, plot: Plot, canvas: Canvas): string {
  return axis.ticks
    .map((tick) => {
      const y = axis.scale(tick)
      const colour = tick === 0 ? canvas.theme.muted : canvas.theme.hairline
      return (
        line(plot.left, y, plot.right, y, colour) +
        label(axis.format(tick), {
          x: plot.left - 10,
          y: y + 5,
          sizePx: chartText.tick,
          fill: canvas.theme.muted,
          anchor: 'end',
        })
      )
    })
    .join('')
}

/** Marks under the plot and thin lines down it. */
export function drawVerticalGrid(axis: ValueAxis, plot: Plot, canvas: Canvas): string {
  return axis.ticks
    .map((tick) => {
      const x = axis.scale(tick)
      const colour = tick === 0 ? canvas.theme.muted : canvas.theme.hairline
      return (
        line(x, plot.top, x, plot.bottom, colour) +
        label(axis.format(tick), {
          x,
          y: plot.bottom + 20,
          sizePx: chartText.tick,
          fill: canvas.theme.muted,
          anchor: 'middle',
        })
      )
    })
    .join('')
}
