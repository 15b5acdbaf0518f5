import { describeChart } from '../../charts/describe-chart.ts'
import { allValues, type ChartModel } from '../../charts/chart-model.ts'
import { axisNote } from '../../charts/line-chart.ts'
import type { Chart } from '../../deck.ts'
import { axisFormatter, missingText, seriesFormatter } from '../../format.ts'
import { cutText, limits } from '../../limits.ts'
import { fitText } from '../../typography/fit.ts'
import { textWidth, truncateText } from '../../typography/measure.ts'
import { nativeChart } from './charts/native-chart.ts'
import { heatMap } from './heat-map.ts'
import { placeChart } from './place-chart.ts'
import { smallMultiples } from './small-multiples.ts'
import { lineOfText, type Stage } from './deck-canvas.ts'
import { gridCell, tableGraphic, type RowBlock } from './table-graphic.ts'
import type { Rect } from './units.ts'

const captionPx = 32
const notePx = 22

/** A chart with its title above and its honest small print below, at the same place as on the page. */
export function chartFigure(stage: Stage, chart: Chart, rect: Rect): void {
  const { context, theme } = stage
  const model = bounded(context.chartModel(chart))
  const notes = [...model.notes, axisNote(model, context.language)].filter((note) => note !== null)
  const title = cutText(model.title, limits.label)
  const scale = { sizesPx: [16, 15, 14], lineHeight: 1.3, weight: 600, maxLines: 1 } as const
  const fit = fitText(title, { widthPx: rect.w, heightPx: captionPx }, scale)
  const shownTitle = fit.isClipped ? truncateText(title, rect.w * 0.98, fit.sizePx, 600) : title
  lineOfText(
    stage,
    shownTitle,
    { ...rect, h: 22 },
    { sizePx: fit.sizePx, colour: theme.ink, isBold: true },
    { name: 'Chart title', isOneLine: true },
  )
  const picture = {
    x: rect.x,
    y: rect.y + captionPx,
    w: rect.w,
    h: rect.h - captionPx - (notes.length > 0 ? notePx + 6 : 0),
  }
  if (allValues(model.series).length === 0) {
    lineOfText(
      stage,
      stage.context.words.noData,
      { ...picture, y: picture.y + 40, h: 26 },
      { sizePx: 18, colour: theme.muted },
      { name: 'Note' },
    )
  } else drawPicture(stage, model, picture)
  if (notes.length > 0) {
    const note = truncateText(notes.join(' '), rect.w, 13)
    const place = { ...rect, y: picture.y + picture.h + 8, h: 20 }
    lineOfText(stage, note, place, { sizePx: 13, colour: theme.muted }, { name: 'Note', isOneLine: true })
  }
}

/** Names of categories and series as long as a label may be: they are written out several times. */
function bounded(model: ChartModel): ChartModel {
  const cut = (text: string): string => cutText(text, limits.label)
  return {
    ...model,
    title: cut(model.title),
    valueName: cut(model.valueName),
    categories: model.categories.map((category) => ({ ...category, label: cut(category.label) })),
    series: model.series.map((one) => ({ ...one, name: cut(one.name) })),
  }
}

function drawPicture(stage: Stage, model: ChartModel, rect: Rect): void {
  const { context, theme, look } = stage
  const colours = context.colours.of(model)
  const radius = Math.min(rect.h / 2 - 8, rect.w * 0.24)
  const isDonut = model.kind === 'donut'
  const side = radius * 2 + 16
  const frame = isDonut ? { x: rect.x, y: rect.y + rect.h / 2 - side / 2, w: side, h: side } : rect
  const size = { widthPx: frame.w, heightPx: frame.h }
  const canvas = { ...size, theme, language: context.language, colours, colour: look.colour }
  if (model.kind === 'heat_map') return heatMap(stage, model, rect)
  if (model.kind === 'small_multiples') return smallMultiples(stage, model, rect, canvas)
  const native = nativeChart(model, canvas)
  if (native === null) return dataGrid(stage, model, rect)
  placeChart(stage, model, native, frame)
  if (isDonut) {
    donutTotal(stage, model, frame, radius)
    donutParts(stage, model, colours, { ...rect, x: frame.x + side + 40, w: Math.min(rect.w - side - 40, 420) })
  }
}

function donutTotal(stage: Stage, model: ChartModel, rect: Rect, radius: number): void {
  // Shares add up to the whole by definition: a total of 100 % says nothing.
  if (!model.isAdditive) return
  const total = allValues(model.series).reduce((sum, value) => sum + value, 0)
  const text = seriesFormatter(model.unit, [total], stage.context.language, 1_000_000)(total)
  const sizePx = [34, 30, 26, 22, 18].find((px) => textWidth(text, px, 600) <= radius * 1.1) ?? 16
  const middle = rect.y + rect.h / 2
  const options = { name: 'Total', isOneLine: true }
  lineOfText(
    stage,
    text,
    { ...rect, y: middle - sizePx * 0.78, h: sizePx * 1.21 },
    { sizePx, colour: stage.theme.ink, isBold: true, align: 'centre' },
    options,
  )
  lineOfText(
    stage,
    stage.context.words.total,
    { ...rect, y: middle + sizePx * 0.2 + 10, h: 18 },
    { sizePx: 15, colour: stage.theme.muted, align: 'centre' },
    options,
  )
}

/** The parts of a ring as a list: their colour, name, share and value. */
function donutParts(stage: Stage, model: ChartModel, colours: readonly string[], rect: Rect): void {
  const { theme, context } = stage
  const values = model.categories.map((_, at) => model.series[0]?.values[at] ?? 0)
  const total = values.reduce((sum, value) => sum + value, 0)
  const share = axisFormatter({ kind: 'ratio' }, [0, 0.01], context.language)
  const format = seriesFormatter(model.unit, values, context.language, 1_000_000)
  const rowPx = Math.min(54, (rect.h - 16) / values.length)
  const top = rect.y + (rect.h - rowPx * values.length) / 2
  const valuePx = model.isAdditive ? Math.max(...values.map((value) => textWidth(format(value), 16))) + 28 : 0
  const sharePx =
    16 + Math.max(...values.map((value) => textWidth(model.isAdditive ? share(value / total) : format(value), 16, 600)))
  const namePx = rect.w - sharePx - valuePx
  const rows = values.map((value, at): RowBlock => {
    const name = truncateText(model.categories[at]?.label ?? '', namePx - 24, 16)
    const cells = [
      gridCell(name, { sizePx: 16, colour: theme.ink, leftPx: 24 }),
      gridCell(model.isAdditive ? share(value / total) : format(value), {
        sizePx: 16,
        colour: theme.ink,
        isBold: true,
        align: 'end',
      }),
      ...(model.isAdditive ? [gridCell(format(value), { sizePx: 16, colour: theme.muted, align: 'end' })] : []),
    ]
    return { heightPx: rowPx, cells, rule: at < values.length - 1 ? { colour: theme.hairline, widthPx: 1 } : null }
  })
  const widths = [namePx, sharePx, ...(model.isAdditive ? [valuePx] : [])]
  const place = { x: rect.x, y: top, w: rect.w, h: rowPx * values.length }
  stage.canvas.graphic(place, 'Parts', model.title, tableGraphic(widths, rows, { hasHeader: false, look: stage.look }))
  values.forEach((_, at) => {
    const y = top + rowPx * (at + 0.5) - 7
    stage.canvas.rectangle({ x: rect.x, y, w: 14, h: 14 }, colours[at] ?? theme.other, { radiusPx: 3, name: 'Key' })
  })
}

/** The data of a chart that PowerPoint has no form for: a row for each category, as many as fit. */
function dataGrid(stage: Stage, model: ChartModel, rect: Rect): void {
  const { theme, context } = stage
  const format = seriesFormatter(model.unit, allValues(model.series), context.language, 1_000_000)
  const columns = model.series.slice(0, 7)
  const first = Math.min(rect.w * 0.4, Math.max(160, rect.w / (columns.length + 1)))
  const rest = (rect.w - first) / columns.length
  const most = Math.max(1, Math.floor(rect.h / 30) - 1)
  const head: RowBlock = {
    heightPx: 30,
    cells: [
      gridCell('', { sizePx: 13, colour: theme.muted }),
      ...columns.map((one) =>
        gridCell(truncateText(one.name, rest - 12, 13, 600), {
          sizePx: 13,
          colour: theme.muted,
          isBold: true,
          align: 'end',
        }),
      ),
    ],
    rule: { colour: theme.ink, widthPx: 2 },
  }
  const rows = model.categories.slice(0, most).map((category, at): RowBlock => {
    const values = columns.map((one) => one.values[at] ?? null)
    return {
      heightPx: 30,
      cells: [
        gridCell(truncateText(category.label, first - 12, 14), { sizePx: 14, colour: theme.ink }),
        ...values.map((value) =>
          gridCell(value === null ? missingText : format(value), { sizePx: 14, colour: theme.ink, align: 'end' }),
        ),
      ],
      rule: { colour: theme.hairline, widthPx: 1 },
    }
  })
  const content = tableGraphic([first, ...columns.map(() => rest)], [head, ...rows], {
    hasHeader: true,
    look: stage.look,
  })
  stage.canvas.graphic(
    { ...rect, h: 30 * (rows.length + 1) },
    'Chart data',
    describeChart(model, context.language),
    content,
  )
}
