import { arc, pie } from 'd3-shape'
import { axisFormatter, seriesFormatter } from '../format.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { wordsFor } from '../words.ts'
import type { Canvas } from './canvas.ts'
import { allValues, type ChartModel } from './chart-model.ts'
import { element, label, line, rectangle } from './svg.ts'

const nameSize = 16
/** A list has room for whole numbers. */
const fromMillions = 1_000_000

/** A ring on the left and its parts as a list on the right: name, share, value. */
export function drawDonut(model: ChartModel, canvas: Canvas): string {
  const values = model.categories.map((_, index) => model.series[0]?.values[index] ?? 0)
  const total = allValues(model.series).reduce((sum, value) => sum + value, 0)
  const radius = Math.min(canvas.heightPx / 2 - 8, canvas.widthPx * 0.24)
  const centre = { x: radius + 8, y: canvas.heightPx / 2 }
  return (
    drawRing(values, radius, centre, canvas) +
    drawTotal(model, total, radius, centre, canvas) +
    drawParts(model, values, total, centre.x + radius + 48, canvas)
  )
}

function drawRing(values: readonly number[], radius: number, centre: { x: number; y: number }, canvas: Canvas): string {
  const shape = arc<{ startAngle: number; endAngle: number }>()
    .innerRadius(radius * 0.62)
    .outerRadius(radius)
  const slices = pie<number>().sort(null)([...values])
  const paths = slices.map((slice, index) =>
    element('path', {
      d: (shape(slice) ?? '').replace(/-?\d+\.\d+/g, (number) => Number(number).toFixed(2)),
      fill: canvas.colours[index] ?? canvas.theme.other,
      stroke: canvas.theme.background,
      'stroke-width': 2,
    }),
  )
  return element('g', { transform: `translate(${centre.x.toFixed(1)} ${centre.y.toFixed(1)})` }, paths.join(''))
}

function drawTotal(
  model: ChartModel,
  total: number,
  radius: number,
  centre: { x: number; y: number },
  canvas: Canvas,
): string {
  // Shares add up to the whole by definition: a total of 100 % says nothing.
  if (!model.isAdditive) return ''
  const text = seriesFormatter(model.unit, [total], canvas.language, fromMillions)(total)
  const room = radius * 1.1
  const size = [34, 30, 26, 22, 18].find((px) => textWidth(text, px, 600) <= room) ?? 16
  return (
    label(text, {
      x: centre.x,
      y: centre.y + size * 0.2,
      sizePx: size,
      weight: 600,
      anchor: 'middle',
      fill: canvas.theme.ink,
    }) +
    label(wordsFor(canvas.language).total, {
      x: centre.x,
      y: centre.y + size * 0.2 + 24,
      sizePx: 15,
      anchor: 'middle',
      fill: canvas.theme.muted,
    })
  )
}

function drawParts(model: ChartModel, values: readonly number[], total: number, left: number, canvas: Canvas): string {
  const right = Math.min(canvas.widthPx, left + 420)
  const rowPx = Math.min(54, (canvas.heightPx - 16) / values.length)
  const top = (canvas.heightPx - rowPx * values.length) / 2
  const share = axisFormatter({ kind: 'ratio' }, [0, 0.01], canvas.language)
  const format = seriesFormatter(model.unit, values, canvas.language, fromMillions)
  const valueWidth = Math.max(...values.map((value) => textWidth(format(value), nameSize)))
  return values
    .map((value, index) => {
      const y = top + rowPx * (index + 0.5)
      const shareRight = model.isAdditive ? right - valueWidth - 28 : right
      const nameRoom = shareRight - textWidth('100%', nameSize, 600) - 16 - (left + 24)
      const name = truncateText(model.categories[index]?.label ?? '', nameRoom, nameSize)
      const shown = model.isAdditive ? share(value / total) : format(value)
      return (
        rectangle(left, y - 7, 14, 14, canvas.colours[index] ?? canvas.theme.other, 3) +
        label(name, { x: left + 24, y: y + 6, sizePx: nameSize, fill: canvas.theme.ink }) +
        label(shown, {
          x: shareRight,
          y: y + 6,
          sizePx: nameSize,
          weight: 600,
          anchor: 'end',
          fill: canvas.theme.ink,
        }) +
        (model.isAdditive
          ? label(format(value), { x: right, y: y + 6, sizePx: nameSize, anchor: 'end', fill: canvas.theme.muted })
          : '') +
        (index < values.length - 1 ? line(left, y + rowPx / 2, right, y + rowPx / 2, canvas.theme.hairline) : '')
      )
    })
    .join('')
}
