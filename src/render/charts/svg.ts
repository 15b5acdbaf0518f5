import { escapeText } from '../escape.ts'
import type { Weight } from '../typography/fonts.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** One SVG element as text. Attribute values are escaped; `content` must be SVG already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeText(String(value))}"`)
    .join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

export interface TextStyle {
  readonly x: number
  /** Baseline. */
  readonly y: number
  readonly sizePx: number
  readonly fill: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly weight?: Weight
}

/** A line of text. Its width was measured by the caller; nothing wraps in SVG. */
export function label(text: string, style: TextStyle): string {
  return element(
    'text',
    {
      x: style.x,
      y: style.y,
      'font-size': style.sizePx,
      'font-weight': style.weight === 600 ? 600 : undefined,
      'text-anchor': style.anchor === 'start' ? undefined : style.anchor,
      fill: style.fill,
    },
    escapeText(text),
  )
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1): string {
  return element('line', { x1, y1, x2, y2, stroke, 'stroke-width': width })
}

export function rectangle(x: number, y: number, width: number, height: number, fill: string, radius = 0): string {
  return element('rect', { x, y, width, height, fill, rx: radius === 0 ? undefined : radius })
}

/** Two decimals are a fiftieth of a pixel at twice the size; more only make the file longer. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
