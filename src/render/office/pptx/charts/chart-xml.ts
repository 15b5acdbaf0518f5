import { columnName, type WorkbookCell } from '../../workbook.ts'
import { tag, xmlDocument, xmlText } from '../../xml.ts'
import { textWidth } from '../../../typography/measure.ts'
import type { ColourXml } from '../palette.ts'
import { emu, type Rect } from '../units.ts'

/** What the parts of a native chart are written with. */
export interface ChartLook {
  readonly colour: ColourXml
  /** BCP 47. */
  readonly language: string
}

export interface ChartSize {
  readonly widthPx: number
  readonly heightPx: number
}

const val = (name: string, value: string | number): string => tag(name, { val: value })

export function solid(colour: string, look: ChartLook, alpha?: number): string {
  return tag('a:solidFill', {}, look.colour(colour, alpha))
}

export function line(colour: string | null, widthPx: number, look: ChartLook, isDashed = false): string {
  if (colour === null) return tag('a:ln', {}, tag('a:noFill'))
  const dash = isDashed ? tag('a:prstDash', { val: 'sysDot' }) : ''
  return tag('a:ln', { w: emu(widthPx), cap: 'rnd' }, solid(colour, look), dash, tag('a:round'))
}

export function shape(fill: string | null, stroke: string): string {
  return tag('c:spPr', {}, fill ?? tag('a:noFill'), stroke)
}

function textProperties(
  style: { readonly sizePx: number; readonly colour: string; readonly isBold?: boolean; readonly mayTurn?: boolean },
  look: ChartLook,
): string {
  const run = tag(
    'a:defRPr',
    { sz: Math.round(style.sizePx * 75), b: style.isBold === true ? 1 : 0 },
    solid(style.colour, look),
    tag('a:latin', { typeface: '+mn-lt' }),
  )
  const paragraph = tag('a:p', {}, tag('a:pPr', {}, run), tag('a:endParaRPr', { lang: look.language }))
  const body = tag('a:bodyPr', style.mayTurn === true ? {} : { rot: 0, vert: 'horz' })
  return tag('c:txPr', {}, body, '<a:lstStyle/>', paragraph)
}

/** A rectangle as shares of the whole chart. */
export function layout(rect: Rect, size: ChartSize, target: 'inner' | null): string {
  const share = (value: number, of: number): number => Math.round((value / of) * 10_000) / 10_000
  return tag(
    'c:layout',
    {},
    tag(
      'c:manualLayout',
      {},
      target === null ? '' : val('c:layoutTarget', target),
      val('c:xMode', 'edge'),
      val('c:yMode', 'edge'),
      val('c:x', share(rect.x, size.widthPx)),
      val('c:y', share(rect.y, size.heightPx)),
      val('c:w', share(rect.w, size.widthPx)),
      val('c:h', share(rect.h, size.heightPx)),
    ),
  )
}

export interface SeriesData {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/**
 * Number and name of a series. Its name and values stand in column `index + 1` of the chart's sheet; `number` differs from
 * `index` only where two series read the same column.
 */
export function seriesHead(index: number, name: string, number = index): string {
  const reference = tag(
    'c:strRef',
    {},
    tag('c:f', {}, `Sheet1!$${columnName(index + 1)}$1`),
    tag('c:strCache', {}, val('c:ptCount', 1), point(0, name)),
  )
  return val('c:idx', number) + val('c:order', number) + tag('c:tx', {}, reference)
}

export function categoriesXml(labels: readonly string[]): string {
  const reference = tag('c:f', {}, `Sheet1!$A$2:$A$${labels.length + 1}`)
  const cache = tag('c:strCache', {}, val('c:ptCount', labels.length), ...labels.map((label, at) => point(at, label)))
  return tag('c:cat', {}, tag('c:strRef', {}, reference, cache))
}

/** The dates in the first column, as the days that Excel counts. */
export function datesXml(serials: readonly number[], formatCode: string): string {
  const reference = tag('c:f', {}, `Sheet1!$A$2:$A$${serials.length + 1}`)
  const points = serials.map((serial, at) => point(at, String(serial)))
  const code = tag('c:formatCode', {}, xmlText(formatCode))
  return tag(
    'c:cat',
    {},
    tag('c:numRef', {}, reference, tag('c:numCache', {}, code, val('c:ptCount', serials.length), ...points)),
  )
}

/** Values of the column; a missing one has no point, which is a gap and not a zero. */
export function valuesXml(
  name: 'c:val' | 'c:xVal' | 'c:yVal',
  column: number,
  values: readonly (number | null)[],
  formatCode: string,
): string {
  const letter = columnName(column)
  const points = values.flatMap((value, at) => (value === null ? [] : [point(at, String(value))]))
  return tag(
    name,
    {},
    tag(
      'c:numRef',
      {},
      tag('c:f', {}, `Sheet1!$${letter}$2:$${letter}$${values.length + 1}`),
      tag('c:numCache', {}, tag('c:formatCode', {}, xmlText(formatCode)), val('c:ptCount', values.length), ...points),
    ),
  )
}

function point(index: number, text: string): string {
  return tag('c:pt', { idx: index }, `<c:v>${xmlText(text)}</c:v>`)
}

export interface LabelStyle {
  readonly formatCode: string
  readonly sizePx: number
  readonly colour: string
  readonly isBold?: boolean
  readonly position: 'outEnd' | 'ctr' | 'r' | 't'
  readonly showsName?: boolean
  readonly showsKey?: boolean
}

/** What is written at a point, in the order the schema wants it. */
function labelParts(style: LabelStyle, look: ChartLook): string {
  return (
    tag('c:numFmt', { formatCode: style.formatCode, sourceLinked: 0 }) +
    shape(null, line(null, 0, look)) +
    textProperties(style, look) +
    val('c:dLblPos', style.position) +
    val('c:showLegendKey', style.showsKey === true ? 1 : 0) +
    val('c:showVal', 1) +
    val('c:showCatName', 0) +
    val('c:showSerName', style.showsName === true ? 1 : 0) +
    val('c:showPercent', 0) +
    val('c:showBubbleSize', 0) +
    (style.showsName === true ? tag('c:separator', {}, ' ') : '')
  )
}

/** Labels at every point but the `hidden` ones. */
export function labelsXml(style: LabelStyle, hidden: readonly number[], look: ChartLook): string {
  const deleted = hidden.map((at) => tag('c:dLbl', {}, val('c:idx', at), val('c:delete', 1)))
  return tag('c:dLbls', {}, ...deleted, labelParts(style, look))
}

/** A label at one point alone, moved down by a share of the chart's height. */
export function oneLabelXml(at: number, style: LabelStyle, moved: number, look: ChartLook): string {
  const place = tag(
    'c:layout',
    {},
    tag('c:manualLayout', {}, val('c:x', 0), val('c:y', Math.round(moved * 10_000) / 10_000)),
  )
  return tag(
    'c:dLbls',
    {},
    tag('c:dLbl', {}, val('c:idx', at), moved === 0 ? '' : place, labelParts(style, look)),
    nothingShown,
  )
}

/** Labels with a text of their own at single points, and none at the others. */
export function textLabelsXml(
  labels: readonly { readonly at: number; readonly text: string }[],
  style: Omit<LabelStyle, 'formatCode'>,
  look: ChartLook,
): string {
  const run = tag(
    'a:rPr',
    { lang: look.language, sz: Math.round(style.sizePx * 75), b: style.isBold === true ? 1 : 0 },
    solid(style.colour, look),
  )
  const each = labels.map(({ at, text }) =>
    tag(
      'c:dLbl',
      {},
      val('c:idx', at),
      tag(
        'c:tx',
        {},
        tag(
          'c:rich',
          {},
          '<a:bodyPr/><a:lstStyle/>',
          tag('a:p', {}, tag('a:r', {}, run, tag('a:t', {}, xmlText(text)))),
        ),
      ),
      labelParts({ ...style, formatCode: 'General' }, look),
    ),
  )
  return tag('c:dLbls', {}, ...each, nothingShown)
}

const nothingShown = [
  'c:showLegendKey',
  'c:showVal',
  'c:showCatName',
  'c:showSerName',
  'c:showPercent',
  'c:showBubbleSize',
]
  .map((name) => val(name, 0))
  .join('')

export interface AxisOptions {
  readonly id: number
  readonly crossId: number
  readonly position: 'b' | 'l'
  readonly isHidden?: boolean
  readonly lineColour: string | null
  readonly textColour: string
  readonly sizePx: number
}

export function categoryAxisXml(
  axis: AxisOptions & { readonly isReversed?: boolean; readonly skip?: number },
  look: ChartLook,
): string {
  // A program that does not leave labels out at our word would break them into letters if it could not turn them.
  const mayTurn = axis.skip !== undefined && axis.skip > 1
  return tag(
    'c:catAx',
    {},
    val('c:axId', axis.id),
    tag('c:scaling', {}, val('c:orientation', axis.isReversed === true ? 'maxMin' : 'minMax')),
    val('c:delete', axis.isHidden === true ? 1 : 0),
    val('c:axPos', axis.position),
    tag('c:numFmt', { formatCode: 'General', sourceLinked: 0 }),
    val('c:majorTickMark', 'none'),
    val('c:minorTickMark', 'none'),
    val('c:tickLblPos', 'low'),
    shape(null, line(axis.lineColour, 1, look)),
    textProperties({ sizePx: axis.sizePx, colour: axis.textColour, mayTurn }, look),
    val('c:crossAx', axis.crossId),
    val('c:crosses', 'autoZero'),
    val('c:auto', 0),
    val('c:lblAlgn', 'ctr'),
    val('c:lblOffset', 100),
    axis.skip === undefined || axis.skip <= 1 ? '' : val('c:tickLblSkip', axis.skip),
    val('c:noMultiLvlLbl', 1),
  )
}

export type TimeUnit = 'days' | 'months' | 'years'

/** An axis of dates: `every` units of time have a label, `base` is the distance of two neighbours. */
export function dateAxisXml(
  axis: AxisOptions & {
    readonly formatCode: string
    readonly base: TimeUnit
    readonly every: { readonly count: number; readonly unit: TimeUnit }
  },
  look: ChartLook,
): string {
  return tag(
    'c:dateAx',
    {},
    val('c:axId', axis.id),
    tag('c:scaling', {}, val('c:orientation', 'minMax')),
    val('c:delete', 0),
    val('c:axPos', axis.position),
    tag('c:numFmt', { formatCode: axis.formatCode, sourceLinked: 0 }),
    val('c:majorTickMark', 'none'),
    val('c:minorTickMark', 'none'),
    val('c:tickLblPos', 'low'),
    shape(null, line(axis.lineColour, 1, look)),
    textProperties({ sizePx: axis.sizePx, colour: axis.textColour }, look),
    val('c:crossAx', axis.crossId),
    val('c:crosses', 'autoZero'),
    val('c:auto', 0),
    val('c:lblOffset', 100),
    val('c:baseTimeUnit', axis.base),
    val('c:majorUnit', axis.every.count),
    val('c:majorTimeUnit', axis.every.unit),
  )
}

export function valueAxisXml(
  axis: AxisOptions & {
    readonly least: number
    readonly most: number
    readonly step: number | null
    readonly formatCode: string
    readonly gridColour: string | null
    readonly crossesAt: 'autoZero' | 'max' | 'min'
    readonly isBetween: boolean
    readonly title?: string
    readonly hasLabels?: boolean
  },
  look: ChartLook,
): string {
  const grid =
    axis.gridColour === null ? '' : tag('c:majorGridlines', {}, tag('c:spPr', {}, line(axis.gridColour, 1, look)))
  return tag(
    'c:valAx',
    {},
    val('c:axId', axis.id),
    tag('c:scaling', {}, val('c:orientation', 'minMax'), val('c:max', axis.most), val('c:min', axis.least)),
    val('c:delete', axis.isHidden === true ? 1 : 0),
    val('c:axPos', axis.position),
    grid,
    axis.title === undefined ? '' : axisTitle(axis.title, axis, look),
    tag('c:numFmt', { formatCode: axis.formatCode, sourceLinked: 0 }),
    val('c:majorTickMark', 'none'),
    val('c:minorTickMark', 'none'),
    val('c:tickLblPos', axis.hasLabels === false ? 'none' : 'low'),
    shape(null, line(axis.lineColour, 1, look)),
    textProperties({ sizePx: axis.sizePx, colour: axis.textColour }, look),
    val('c:crossAx', axis.crossId),
    val('c:crosses', axis.crossesAt),
    val('c:crossBetween', axis.isBetween ? 'between' : 'midCat'),
    axis.step === null ? '' : val('c:majorUnit', axis.step),
  )
}

function axisTitle(text: string, axis: AxisOptions, look: ChartLook): string {
  const run = tag(
    'a:rPr',
    { lang: look.language, sz: Math.round(axis.sizePx * 75), b: 1 },
    solid(axis.textColour, look),
  )
  const turned = axis.position === 'l' ? { rot: -5_400_000, vert: 'horz' } : { rot: 0, vert: 'horz' }
  const paragraph = tag('a:p', {}, tag('a:r', {}, run, tag('a:t', {}, xmlText(text))))
  return tag(
    'c:title',
    {},
    tag('c:tx', {}, tag('c:rich', {}, tag('a:bodyPr', turned), '<a:lstStyle/>', paragraph)),
    val('c:overlay', 0),
  )
}

/** A legend along the top, as wide as its `names` need; entries of `hidden` series are left out. */
export function legendXml(
  names: readonly string[],
  heightPx: number,
  hidden: readonly number[],
  style: { readonly sizePx: number; readonly colour: string },
  size: ChartSize,
  look: ChartLook,
): string {
  const wanted = names.reduce((sum, name) => sum + textWidth(name, style.sizePx) + 44, 0)
  const entries = hidden.map((index) => tag('c:legendEntry', {}, val('c:idx', index), val('c:delete', 1)))
  const place = layout({ x: 0, y: 0, w: Math.min(size.widthPx, wanted), h: heightPx }, size, null)
  return tag(
    'c:legend',
    {},
    val('c:legendPos', 't'),
    ...entries,
    place,
    val('c:overlay', 0),
    textProperties(style, look),
  )
}

/** The chart's own file: one plot with its axes, no title (the slide has it), and the workbook its numbers are edited in. */
export function chartSpaceXml(plot: { readonly layout: string; readonly content: string }, legend: string): string {
  return xmlDocument(
    tag(
      'c:chartSpace',
      {
        'xmlns:c': 'http://schemas.openxmlformats.org/drawingml/2006/chart',
        'xmlns:a': 'http://schemas.openxmlformats.org/drawingml/2006/main',
        'xmlns:r': 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
      },
      val('c:date1904', 0),
      val('c:roundedCorners', 0),
      tag(
        'c:chart',
        {},
        val('c:autoTitleDeleted', 1),
        tag('c:plotArea', {}, plot.layout, plot.content, tag('c:spPr', {}, tag('a:noFill'))),
        legend,
        val('c:plotVisOnly', 1),
        val('c:dispBlanksAs', 'gap'),
      ),
      tag('c:spPr', {}, tag('a:noFill'), tag('a:ln', {}, tag('a:noFill'))),
      tag('c:externalData', { 'r:id': 'rIdWorkbook' }, val('c:autoUpdate', 0)),
    ),
  )
}

/** The sheet behind a chart: its categories in the first column, a column for each series. */
export function seriesSheet(
  categories: readonly WorkbookCell[],
  series: readonly SeriesData[],
): readonly (readonly WorkbookCell[])[] {
  const head: WorkbookCell[] = [{ value: '' }, ...series.map((one) => ({ value: one.name }))]
  return [head, ...categories.map((cell, at) => [cell, ...series.map((one) => ({ value: one.values[at] ?? null }))])]
}

export function textCells(labels: readonly string[]): readonly WorkbookCell[] {
  return labels.map((value) => ({ value }))
}
