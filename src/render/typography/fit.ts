import type { Weight } from './fonts.ts'
import { wrapText } from './measure.ts'

export interface Box {
  readonly widthPx: number
  readonly heightPx: number
}

export interface TypeScale {
  /** Sizes to try, largest first, in px. */
  readonly sizesPx: readonly number[]
  /** As a multiple of the size. */
  readonly lineHeight: number
  readonly weight: Weight
  /** More lines than this are never shown, however much room there is. */
  readonly maxLines?: number
}

export interface FittedText {
  readonly sizePx: number
  /** Lines it takes, at most what fits: the page clamps the rest with an ellipsis. */
  readonly lines: number
  readonly isClipped: boolean
}

// Rounding in the layout engine and kerning pairs that widen: lines are measured a little narrower than the box.
const safety = 0.985

/** The largest size of the scale at which the text fits the box. */
export function fitText(text: string, box: Box, scale: TypeScale): FittedText {
  const smallest = scale.sizesPx.at(-1) ?? 12
  for (const sizePx of scale.sizesPx) {
    const lines = countLines(text, box.widthPx, sizePx, scale.weight)
    const room = roomFor(box.heightPx, sizePx, scale)
    if (lines <= room) return { sizePx, lines, isClipped: false }
  }
  return { sizePx: smallest, lines: Math.max(1, roomFor(box.heightPx, smallest, scale)), isClipped: true }
}

export interface FittedList {
  readonly sizePx: number
  /** Between two texts. */
  readonly gapPx: number
  /** Lines shown of each text, in order; shorter than the texts when the last ones do not fit. */
  readonly lines: readonly number[]
  /** For each shown text, whether it needs more lines than it gets. */
  readonly isClipped: readonly boolean[]
}

/** Room to spare goes between the texts, but no more than this many times the usual gap. */
const mostStretch = 1.8

/**
 * One size for several texts under each other, with a gap of at least `gap` times the size between them. When even the
 * smallest is too large, long texts are clamped first and then the last texts are left out.
 */
export function fitList(texts: readonly string[], box: Box, scale: TypeScale & { readonly gap: number }): FittedList {
  const { lineHeight } = scale
  let fallback: FittedList = { sizePx: scale.sizesPx.at(-1) ?? 12, gapPx: 0, lines: [], isClipped: [] }
  if (texts.length === 0) return fallback
  for (const sizePx of scale.sizesPx) {
    const least = Math.round(sizePx * scale.gap)
    const wanted = texts.map((text) => countLines(text, box.widthPx, sizePx, scale.weight))
    const spare = box.heightPx - heightOf(wanted, sizePx, least, lineHeight)
    if (spare >= 0) {
      const gapPx = Math.floor(Math.min(least * mostStretch, least + spare / texts.length))
      return { sizePx, gapPx, lines: wanted, isClipped: wanted.map(() => false) }
    }
    const lines = clampLines(wanted, (some) => heightOf(some, sizePx, least, lineHeight) <= box.heightPx)
    fallback = { sizePx, gapPx: least, lines, isClipped: lines.map((count, index) => count < (wanted[index] ?? 0)) }
  }
  return fallback
}

function clampLines(wanted: readonly number[], fits: (lines: readonly number[]) => boolean): readonly number[] {
  for (let most = Math.max(...wanted) - 1; most >= 2; most -= 1) {
    const lines = wanted.map((count) => Math.min(count, most))
    if (fits(lines)) return lines
  }
  let lines = wanted.map((count) => Math.min(count, 2))
  while (lines.length > 1 && !fits(lines)) lines = lines.slice(0, -1)
  return lines
}

function heightOf(lines: readonly number[], sizePx: number, gapPx: number, lineHeight: number): number {
  const textHeight = lines.reduce((sum, count) => sum + count * lineHeightPx(sizePx, lineHeight), 0)
  // One pixel for the line between two texts.
  return textHeight + (gapPx + 1) * Math.max(0, lines.length - 1)
}

function countLines(text: string, widthPx: number, sizePx: number, weight: Weight): number {
  return wrapText(text, widthPx * safety, sizePx, weight).length
}

function roomFor(heightPx: number, sizePx: number, scale: TypeScale): number {
  const lines = Math.floor(heightPx / lineHeightPx(sizePx, scale.lineHeight))
  return Math.min(lines, scale.maxLines ?? lines)
}

/** Line height in whole px, so that a fallback font with taller lines cannot stretch a row. */
export function lineHeightPx(sizePx: number, lineHeight: number): number {
  return Math.ceil(sizePx * lineHeight)
}
