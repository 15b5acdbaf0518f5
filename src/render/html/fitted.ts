import type { RichText } from '../deck.ts'
import { fitText, type Box, type TypeScale } from '../typography/fit.ts'
import type { DeckContext } from './context.ts'
import { rem } from './geometry.ts'
import { richHtml, richPlain } from './rich-text.ts'

export interface FittedBlock {
  readonly html: string
  readonly heightPx: number
}

/** A block of text at the largest size that fits its box, cut with an ellipsis only when nothing helps. */
export function fittedBlock(
  tag: 'h1' | 'h2' | 'h3' | 'p',
  className: string,
  text: RichText,
  box: Box,
  scale: TypeScale,
  context: DeckContext,
): FittedBlock {
  const plain = richPlain(text, context)
  const fitted = fitText(plain, box, scale)
  // A heading without words would be a stop with nothing to say for whoever moves from heading to heading.
  const name = plain.trim() === '' ? 'p' : tag
  const style = textStyle(fitted.sizePx, scale.lineHeight, fitted.isClipped ? fitted.lines : null)
  return {
    html: `<${name} class="${className}" dir="auto" style="${style}">${richHtml(text, context)}</${name}>`,
    heightPx: fitted.lines * Math.ceil(fitted.sizePx * scale.lineHeight),
  }
}

/** Inline style of fitted text; `lines` clamps it. */
export function textStyle(sizePx: number, lineHeight: number, lines: number | null): string {
  const clamp =
    lines === null ? '' : `;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:${lines};overflow:hidden`
  return `font-size:${rem(sizePx)};line-height:${rem(Math.ceil(sizePx * lineHeight))}${clamp}`
}
