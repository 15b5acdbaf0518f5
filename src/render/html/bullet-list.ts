import type { RichText } from '../deck.ts'
import { escapeText } from '../escape.ts'
import { fitList, lineHeightPx, type Box } from '../typography/fit.ts'
import { words } from '../words.ts'
import type { DeckContext } from './context.ts'
import { textStyle } from './fitted.ts'
import { rem } from './geometry.ts'
import { isBlank, richHtml, richPlain } from './rich-text.ts'

const markerPx = 28
const moreHeightPx = 30
const lineHeight = 1.4

/** Points under each other, all at the one size at which they fit; what has no room is counted, never cut off silently. */
export function bulletList(
  bullets: readonly RichText[],
  box: Box,
  context: DeckContext,
  sizesPx: readonly number[] = [30, 28, 26, 24, 22, 20, 18, 16, 15, 14],
): string {
  const shown = bullets.filter((bullet) => !isBlank(bullet, context))
  const texts = shown.map((bullet) => richPlain(bullet, context))
  const scale = { sizesPx, lineHeight, weight: 600, gap: 0.9 } as const
  const inner = { widthPx: box.widthPx - markerPx, heightPx: box.heightPx }
  let fitted = fitList(texts, inner, scale)
  if (fitted.lines.length < shown.length) {
    fitted = fitList(texts, { ...inner, heightPx: box.heightPx - moreHeightPx }, scale)
  }

  const items = fitted.lines.map((lines, index) => {
    const isClipped = fitted.isClipped[index] === true
    const style = textStyle(fitted.sizePx, lineHeight, isClipped ? lines : null)
    return `<li dir="auto"><p style="${style}">${richHtml(shown[index] ?? [], context)}</p></li>`
  })
  const hidden = shown.length - fitted.lines.length
  const more = hidden > 0 ? `<p class="note">${escapeText(words.pointsHidden(hidden))}</p>` : ''
  const style = `--gap:${rem(fitted.gapPx / 2)};--line:${rem(lineHeightPx(fitted.sizePx, lineHeight))}`
  return `<ul class="bullets" style="${style}">${items.join('')}</ul>${more}`
}
