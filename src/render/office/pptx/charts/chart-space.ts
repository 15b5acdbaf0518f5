import { tag, xmlDocument } from '../../xml.ts'
import { textWidth } from '../../../typography/measure.ts'
import { type ChartLook, type ChartSize, val, textProperties, layout } from './chart-parts.ts'

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
