import type { RichText } from '../deck.ts'
import { escapeText } from '../escape.ts'
import { fitList, lineHeightPx, type Box } from '../typography/fit.ts'
import type { DeckContext } from './context.ts'
import { textStyle } from './fitted.ts'
import { rem } from './geometry.ts'
import { isBlank, richHtml, richPlain } from './rich-text.ts'

/** From the edge of a point to its text, in px. */
export const bulletIndentPx = 28
const moreHeightPx = 30
const lineHeight = 1.4

const listSizesPx = [30, 28, 26, 24, 22, 20, 18, 16, 15, 14] as const

/** The points that fit a box and how they are set. */
export interface BulletLayout {
  readonly shown: readonly RichText[]
  /** Lines of each point, and whether it needs more than that. */
  readonly lines: readonly number[]
  readonly isClipped: readonly boolean[]
  readonly sizePx: number
  readonly linePx: number
  /** Between two points, without the line between them. */
  readonly gapPx: number
  /** Points that have no room. */
  readonly hiddenCount: number
}

/** All points at the one size at which they fit; what has no room is counted, never cut off silently. */
export function layoutBullets(
  bullets: readonly RichText[],
  box: Box,
  context: DeckContext,
  sizesPx: readonly number[] = listSizesPx,
): BulletLayout {
  const shown = bullets.filter((bullet) => !isBlank(bullet, context))
  const texts = shown.map((bullet) => richPlain(bullet, context))
  const scale = { sizesPx, lineHeight, weight: 600, gap: 0.9 } as const
  const inner = { widthPx: box.widthPx - bulletIndentPx, heightPx: box.heightPx }
  let fitted = fitList(texts, inner, scale)
  if (fitted.lines.length < shown.length) {
    fitted = fitList(texts, { ...inner, heightPx: box.heightPx - moreHeightPx }, scale)
  }
  return {
    shown: shown.slice(0, fitted.lines.length),
    ...fitted,
    linePx: lineHeightPx(fitted.sizePx, lineHeight),
    hiddenCount: shown.length - fitted.lines.length,
  }
}

/** Points under each other, with what {@link layoutBullets} decided. */
export function bulletList(
  bullets: readonly RichText[],
  box: Box,
  context: DeckContext,
  sizesPx?: readonly number[],
): string {
  const layout = layoutBullets(bullets, box, context, sizesPx)
  const items = layout.shown.map((bullet, index) => {
    const lines = layout.isClipped[index] === true ? (layout.lines[index] ?? 1) : null
    return `<li dir="auto"><p style="${textStyle(layout.sizePx, lineHeight, lines)}">${richHtml(bullet, context)}</p></li>`
  })
  const more =
    layout.hiddenCount > 0 ? `<p class="note">${escapeText(context.words.pointsHidden(layout.hiddenCount))}</p>` : ''
  const style = `--gap:${rem(layout.gapPx / 2)};--line:${rem(layout.linePx)}`
  return `<ul class="bullets" style="${style}">${items.join('')}</ul>${more}`
}
