import { tag } from '../../xml.ts'
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

/** An element with nothing but a value, which most of a chart is made of. */
export function val(name: string, value: string | number): string {
  return tag(name, { val: value })
}

/** A plain fill; `alpha` from 0 to 1. */
export function solid(colour: string, look: ChartLook, alpha?: number): string {
  return tag('a:solidFill', {}, look.colour(colour, alpha))
}

/** An outline, or none for `null`. */
export function line(colour: string | null, widthPx: number, look: ChartLook, isDashed = false): string {
  if (colour === null) return tag('a:ln', {}, tag('a:noFill'))
  const dash = isDashed ? tag('a:prstDash', { val: 'sysDot' }) : ''
  return tag('a:ln', { w: emu(widthPx), cap: 'rnd' }, solid(colour, look), dash, tag('a:round'))
}

/** Fill and outline of a part; no fill for `null`. */
export function shape(fill: string | null, stroke: string): string {
  return tag('c:spPr', {}, fill ?? tag('a:noFill'), stroke)
}

/** How the text of a part of a chart is set. `mayTurn` lets labels stand askew where they have no room. */
export function textProperties(
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
