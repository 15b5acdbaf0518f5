import type { RichText } from '../../deck.ts'
import { isBlank } from '../../html/rich-text.ts'
import { fittedText, measure, type Stage } from './deck-canvas.ts'
import type { Rect } from './units.ts'

const rulePx = { width: 4, gap: 18 } as const
const textLeftPx = rulePx.width + rulePx.gap
/** Above a strip, and between its text and the ends of its rule. */
const stripPx = { margin: 28, padding: 2 } as const
const asideScale = { sizesPx: [24, 22, 20, 18, 17, 16, 15, 14, 13], lineHeight: 1.45, weight: 600 } as const
const stripScale = { sizesPx: [24, 22, 20, 18, 16, 15, 14], lineHeight: 1.4, weight: 600 } as const

/** The takeaway in a column beside a chart or table. */
export function asideTakeaway(stage: Stage, text: RichText, rect: Rect): void {
  const box = { widthPx: rect.w - textLeftPx, heightPx: rect.h }
  const y = rect.y + 2
  const style = { colour: stage.theme.ink, options: { name: 'Takeaway' } }
  const height = fittedText(stage, text, { x: rect.x + textLeftPx, y }, box, asideScale, style)
  stage.canvas.rectangle({ x: rect.x, y, w: rulePx.width, h: height }, stage.theme.accent, { name: 'Rule' })
}

/** Height of the takeaway under what it is about, the room above it included; 0 when there is nothing to say. */
export function stripHeight(stage: Stage, text: RichText, widthPx: number): number {
  if (isBlank(text, stage.context)) return 0
  return (
    measure(text, { widthPx: widthPx - textLeftPx, heightPx: 70 }, stripScale, stage.context).heightPx + stripPx.margin
  )
}

/** Draws the strip so that its rule begins `stripPx.margin` under `y`, where what it is about ends. */
export function stripTakeaway(
  stage: Stage,
  text: RichText,
  at: { readonly x: number; readonly y: number },
  widthPx: number,
): void {
  if (isBlank(text, stage.context)) return
  const top = at.y + stripPx.margin
  const place = { x: at.x + textLeftPx, y: top + stripPx.padding }
  const style = { colour: stage.theme.ink, options: { name: 'Takeaway' } }
  const height = fittedText(stage, text, place, { widthPx: widthPx - textLeftPx, heightPx: 70 }, stripScale, style)
  const rule = { x: at.x, y: top, w: rulePx.width, h: height + stripPx.padding * 2 }
  stage.canvas.rectangle(rule, stage.theme.accent, { name: 'Rule' })
}
