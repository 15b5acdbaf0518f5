import { tag, xmlText } from '../../xml.ts'
import { type ChartLook, val, solid, line, shape, textProperties } from './chart-parts.ts'

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

/** Labels at every point but the `hidden` ones. A point may have a number format of its own in `formats`. */
export function labelsXml(
  style: LabelStyle,
  hidden: readonly number[],
  look: ChartLook,
  formats: readonly (string | undefined)[] = [],
): string {
  const own = formats.flatMap((formatCode, at) =>
    formatCode === undefined || hidden.includes(at)
      ? []
      : [{ at, xml: tag('c:dLbl', {}, val('c:idx', at), labelParts({ ...style, formatCode }, look)) }],
  )
  const deleted = hidden.map((at) => ({ at, xml: tag('c:dLbl', {}, val('c:idx', at), val('c:delete', 1)) }))
  const special = [...own, ...deleted].toSorted((a, b) => a.at - b.at)
  return tag('c:dLbls', {}, ...special.map(({ xml }) => xml), labelParts(style, look))
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
