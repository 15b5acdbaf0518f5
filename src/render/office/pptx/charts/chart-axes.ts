import { tag, xmlText } from '../../xml.ts'
import { type ChartLook, val, solid, line, shape, textProperties } from './chart-parts.ts'

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
