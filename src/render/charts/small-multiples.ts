import { scalePoint } from 'd3-scale'
import { line as linePath } from 'd3-shape'
import { seriesFormatter } from '../format.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import { chartText, type Canvas } from './canvas.ts'
import { allValues, type ChartModel, type Series } from './chart-model.ts'
import { element, label, line, round } from './svg.ts'
import { valueAxis, type ValueAxis } from './value-axis.ts'

const gap = { x: 32, y: 22 } as const
const headPx = 24
const footPx = 20

/**
 * A small line chart for each series, all with the same axes, so that shapes and heights compare. Each names its series
 * and writes its last value; only the outer panels write the axes.
 */
export function drawSmallMultiples(model: ChartModel, canvas: Canvas): string {
  const { series } = model
  const columns = columnCount(series.length, canvas)
  const rows = Math.ceil(series.length / columns)
  const panelHeight = (canvas.heightPx - footPx - gap.y * (rows - 1)) / rows
  const axis = valueAxis(allValues(series), model.unit, {
    needsZero: false,
    lengthPx: Math.min(210, panelHeight - headPx),
    language: canvas.language,
  })
  const left = axis.labelWidth + 10
  const width = (canvas.widthPx - left - gap.x * (columns - 1)) / columns
  const panels = series.map((one, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)]
    const box = {
      left: left + column * (width + gap.x),
      top: row * (panelHeight + gap.y) + headPx,
      width,
      height: panelHeight - headPx,
    }
    const isLowest = at + columns >= series.length
    return drawPanel(model, one, box, { axis, hasMarks: column === 0, hasPeriods: isLowest }, at, canvas)
  })
  return panels.join('')
}

/** Panels beside each other. */
export function columnCount(panels: number, canvas: Pick<Canvas, 'widthPx'>): number {
  const most = canvas.widthPx < 640 ? 3 : 4
  return panels <= 3 ? panels : panels === 4 ? 2 : panels === 5 || panels === 6 || panels === 9 ? 3 : most
}

interface PanelBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function drawPanel(
  model: ChartModel,
  series: Series,
  box: PanelBox,
  look: { readonly axis: ValueAxis; readonly hasMarks: boolean; readonly hasPeriods: boolean },
  at: number,
  canvas: Canvas,
): string {
  const { theme } = canvas
  const bottom = box.top + box.height
  const right = box.left + box.width
  const y = look.axis.scale.copy().range([bottom, box.top])
  const x = scalePoint<number>()
    .domain([...model.categories.keys()])
    .range([box.left + 2, right - 5])
  const xOf = (index: number): number => x(index) ?? box.left
  const marks = look.axis.ticks.map((tick) => {
    const text = look.axis.format(tick)
    const mark = { x: box.left - 10, y: y(tick) + 4, sizePx: 12, fill: theme.muted, anchor: 'end' } as const
    return (
      line(box.left, y(tick), right, y(tick), tick === 0 ? theme.muted : theme.hairline) +
      (look.hasMarks ? label(text, mark) : '')
    )
  })
  return head(model, series, box, canvas) + marks.join('') + shape() + (look.hasPeriods ? periods() : '')

  function shape(): string {
    const colour = canvas.colours[at] ?? theme.accent
    const path = linePath<number | null>()
      .defined((value) => value !== null)
      .x((_, index) => round(xOf(index)))
      .y((value) => round(y(value ?? 0)))
    const last = series.values.findLastIndex((value) => value !== null)
    const dots = series.values.map((value, index) => {
      const isAlone = (series.values[index - 1] ?? null) === null && (series.values[index + 1] ?? null) === null
      if (value === null || (!isAlone && index !== last)) return ''
      const isOpen = model.categories[index]?.isPartial === true
      return element('circle', {
        cx: xOf(index),
        cy: y(value),
        r: 4,
        fill: isOpen ? theme.background : colour,
        stroke: isOpen ? colour : theme.background,
        'stroke-width': 1.5,
      })
    })
    const stroke = { fill: 'none', stroke: colour, 'stroke-width': 2.5, 'stroke-linejoin': 'round' }
    return element('path', { d: path([...series.values]) ?? '', ...stroke }) + dots.join('')
  }

  function periods(): string {
    const [first, last] = [model.categories[0]?.label ?? '', model.categories.at(-1)?.label ?? '']
    const style = { y: bottom + 17, sizePx: 12, fill: theme.muted } as const
    const isWide = textWidth(`${first}  ${last}`, 12) <= box.width
    return (isWide ? label(first, { ...style, x: box.left }) : '') + label(last, { ...style, x: right, anchor: 'end' })
  }
}

function head(model: ChartModel, series: Series, box: PanelBox, canvas: Canvas): string {
  const value = series.values.findLast((one) => one !== null)
  const format = seriesFormatter(model.unit, allValues(model.series), canvas.language)
  const shown = value === null || value === undefined ? '' : format(value)
  const room = box.width - textWidth(shown, chartText.label, 600) - 10
  const style = { y: box.top - 9, sizePx: chartText.label, weight: 600, fill: canvas.theme.ink } as const
  return (
    label(truncateText(series.name, room, chartText.label, 600), { ...style, x: box.left }) +
    label(shown, { ...style, x: box.left + box.width, anchor: 'end' })
  )
}
