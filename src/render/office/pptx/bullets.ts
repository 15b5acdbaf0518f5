import type { RichText } from '../../deck.ts'
import { bulletIndentPx, layoutBullets, type BulletLayout } from '../../html/bullet-list.ts'
import { lineOfText, runsOf, type Stage } from './deck-canvas.ts'
import { clampRuns, type Paragraph } from './text.ts'
import type { Rect } from './units.ts'

/** Points as one list that people can go on writing, with a thin line between two of them. */
export function bulletList(stage: Stage, layout: BulletLayout, rect: Rect, colour: string): void {
  const { theme } = stage
  if (layout.shown.length === 0) return
  const { gapPx, linePx, sizePx } = layout
  let y = rect.y
  const paragraphs = layout.shown.map((bullet, at): Paragraph => {
    const lines = layout.lines[at] ?? 1
    const runs = runsOf(bullet, stage)
    const shown = layout.isClipped[at] === true ? clampRuns(runs, rect.w - bulletIndentPx, sizePx, lines) : runs
    y += lines * linePx
    if (at < layout.shown.length - 1) {
      stage.canvas.rectangle({ x: rect.x, y: y + gapPx / 2, w: rect.w, h: 1 }, theme.hairline, { name: 'Line' })
    }
    y += gapPx + 1
    return {
      runs: shown,
      sizePx,
      linePx,
      colour: theme.ink,
      beforePx: at === 0 ? 0 : gapPx + 1,
      bullet: { colour, indentPx: bulletIndentPx },
    }
  })
  stage.canvas.text({ ...rect, h: y - gapPx - 1 - rect.y }, paragraphs, { name: 'Points' })
  if (layout.hiddenCount > 0) {
    const note = { ...rect, y: y - gapPx / 2 + 8, h: 20 }
    const style = { sizePx: 13, colour: theme.muted }
    lineOfText(stage, stage.context.words.pointsHidden(layout.hiddenCount), note, style, { name: 'Note' })
  }
}

/** Height of a list set that way, in px. */
export function bulletsHeight(layout: BulletLayout): number {
  const lines = layout.lines.reduce((sum, count) => sum + count, 0)
  const gaps = Math.max(0, layout.shown.length - 1) * (layout.gapPx + 1)
  return (
    lines * layout.linePx + gaps + (layout.shown.length > 0 ? layout.gapPx / 2 : 0) + (layout.hiddenCount > 0 ? 28 : 0)
  )
}

export function listOf(
  stage: Stage,
  bullets: readonly RichText[],
  rect: Rect,
  sizesPx?: readonly number[],
): BulletLayout {
  return layoutBullets(bullets, { widthPx: rect.w, heightPx: rect.h }, stage.context, sizesPx)
}
