import { unitLabel } from '../format.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { chartText, type Canvas, type Plot } from './canvas.ts'
import { allValues, type ChartModel } from './chart-model.ts'
import { drawLegend } from './legend.ts'
import { element, label } from './svg.ts'
import { drawHorizontalGrid, drawVerticalGrid, valueAxis } from './value-axis.ts'

const radiusPx = 6
/** More points than this are a cloud, in which names would only be noise. */
const mostNamed = 40
const namePx = 13

interface Point {
  readonly x: number
  readonly y: number
  readonly name: string
  readonly colour: string
}

/** Points on two measures, each axis with its name. Points are named where the name covers no other point or name. */
export function drawScatter(model: ChartModel, canvas: Canvas): string {
  const { horizontal, series, language } = { ...model, language: canvas.language }
  if (horizontal === null) return ''
  const legend =
    series.length > 1
      ? drawLegend(
          series.map((one) => one.name),
          0,
          canvas,
        )
      : { svg: '', heightPx: 0 }
  const top = legend.heightPx + 34
  const bottom = canvas.heightPx - 52
  const up = valueAxis(allValues(series), model.unit, { needsZero: false, lengthPx: bottom - top, language })
  const left = up.labelWidth + 14
  const xs = horizontal.values.filter((value) => value !== null)
  const across = valueAxis(xs, horizontal.unit, {
    needsZero: false,
    lengthPx: Math.min(560, canvas.widthPx - left),
    language,
  })
  const plot: Plot = { left, top, right: canvas.widthPx - Math.max(16, across.labelWidth / 2), bottom }
  up.scale.range([plot.bottom, plot.top])
  across.scale.range([plot.left, plot.right])

  const points = series.flatMap((one, at) =>
    one.values.flatMap((value, index) => {
      const beside = horizontal.values[index]
      if (value === null || beside === null || beside === undefined) return []
      const colour = canvas.colours[at] ?? canvas.theme.other
      return [{ x: across.scale(beside), y: up.scale(value), name: model.categories[index]?.label ?? '', colour }]
    }),
  )
  const axisName = { sizePx: chartText.tick, weight: 600, fill: canvas.theme.muted } as const
  return (
    legend.svg +
    label(named(model.valueName, model.unit, language), { ...axisName, x: 0, y: legend.heightPx + 12 }) +
    drawHorizontalGrid(up, plot, canvas) +
    drawVerticalGrid(across, plot, canvas) +
    label(named(horizontal.name, horizontal.unit, language), {
      ...axisName,
      x: plot.right,
      y: canvas.heightPx - 8,
      anchor: 'end',
    }) +
    points.map((point) => dot(point, canvas)).join('') +
    names(points, plot, canvas)
  )
}

function named(name: string, unit: ChartModel['unit'], language: string): string {
  const of = unitLabel(unit, language)
  return of === '' ? name : `${name} (${of})`
}

function dot(point: Point, canvas: Canvas): string {
  return element('circle', {
    cx: point.x,
    cy: point.y,
    r: radiusPx,
    fill: point.colour,
    'fill-opacity': 0.85,
    stroke: canvas.theme.background,
    'stroke-width': 1.5,
  })
}

interface Rectangle {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Names beside points, the outermost points first, each on the side where there is room; none where there is none. */
function names(points: readonly Point[], plot: Plot, canvas: Canvas): string {
  if (points.length > mostNamed) return ''
  const taken: Rectangle[] = points.map(({ x, y }) => around(x - radiusPx, x + radiusPx, y))
  const centre = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 }
  const outer = points.toSorted((a, b) => distance(b, centre) - distance(a, centre))
  return outer
    .map((point) => {
      const text = truncateText(point.name, 170, namePx)
      const width = textWidth(text, namePx)
      const right = around(point.x + 10, point.x + 10 + width, point.y)
      const left = around(point.x - 10 - width, point.x - 10, point.y)
      const above = around(point.x - width / 2, point.x + width / 2, point.y - 17)
      const below = around(point.x - width / 2, point.x + width / 2, point.y + 18)
      const place = [right, left, above, below].find((box) => isFree(box, taken, plot, canvas))
      if (place === undefined) return ''
      taken.push(place)
      return label(text, {
        x: place.left,
        y: (place.top + place.bottom) / 2 + 4.5,
        sizePx: namePx,
        fill: canvas.theme.ink,
      })
    })
    .join('')
}

function around(left: number, right: number, middle: number): Rectangle {
  return { left, right, top: middle - 8, bottom: middle + 8 }
}

function isFree(box: Rectangle, taken: readonly Rectangle[], plot: Plot, canvas: Canvas): boolean {
  if (box.left < plot.left || box.right > canvas.widthPx || box.top < plot.top - 16 || box.bottom > plot.bottom)
    return false
  return taken.every(
    (other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
  )
}

function distance(point: { x: number; y: number }, other: { x: number; y: number }): number {
  return Math.hypot(point.x - other.x, point.y - other.y)
}
