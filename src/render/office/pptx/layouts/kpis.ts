import { cardGapPx, layoutKpis, type Card, type CardText, type KpiLayout } from '../../../html/layouts/kpis.ts'
import type { SlideOf } from '../../../html/layouts/slide-of.ts'
import { lineHeightPx } from '../../../typography/fit.ts'
import { boldShare, lineOfText, type Stage } from '../deck-canvas.ts'
import { stripHeight, stripTakeaway } from '../takeaway.ts'
import { clampRuns, plainRuns, type Paragraph } from '../text.ts'
import type { Rect } from '../units.ts'

const lineHeight = 1.3

/** One to eight cards with a figure each, and the takeaway beneath; a third of the free room above them. */
export function kpisBody(stage: Stage, slide: SlideOf<'kpis'>, rect: Rect): void {
  const stripPx = stripHeight(stage, slide.takeaway, rect.w)
  const layout = layoutKpis(slide.kpis, { widthPx: rect.w, heightPx: rect.h }, stripPx, stage.context)
  const rows = Math.ceil(layout.cards.length / layout.perRow)
  const cardsPx = rows * layout.cardHeightPx + Math.max(0, rows - 1) * cardGapPx
  const notePx = layout.hiddenCount > 0 ? 28 : 0
  const top = rect.y + Math.max(0, (rect.h - cardsPx - notePx - stripPx) / 3)
  const w = (rect.w - cardGapPx * (layout.perRow - 1)) / layout.perRow
  layout.cards.forEach((card, at) => {
    const x = rect.x + (at % layout.perRow) * (w + cardGapPx)
    const y = top + Math.floor(at / layout.perRow) * (layout.cardHeightPx + cardGapPx)
    drawCard(stage, card, layout, { x, y, w, h: layout.cardHeightPx })
  })
  if (layout.hiddenCount > 0) {
    const note = { ...rect, y: top + cardsPx + 8, h: 20 }
    lineOfText(
      stage,
      stage.context.words.kpisHidden(layout.hiddenCount),
      note,
      { sizePx: 13, colour: stage.theme.muted },
      { name: 'Note' },
    )
  }
  stripTakeaway(stage, slide.takeaway, { x: rect.x, y: top + cardsPx + notePx }, rect.w)
}

/** A panel and, over it, one text box with everything that is on it, so that a card can be moved and edited as two things. */
function drawCard(stage: Stage, card: Card, layout: KpiLayout, rect: Rect): void {
  const { theme } = stage
  stage.canvas.rectangle(rect, theme.surface, { radiusPx: 10, name: 'Card' })
  const inner = {
    x: rect.x + layout.paddingX,
    y: rect.y + layout.paddingY,
    w: rect.w - layout.paddingX * 2,
    h: rect.h - layout.paddingY * 2,
  }
  const value: Paragraph = {
    runs: plainRuns(card.value),
    // Measured in semi-bold, see boldShare.
    sizePx: Math.floor(layout.valueSizePx * boldShare),
    linePx: lineHeightPx(layout.valueSizePx, 1.15),
    colour: theme.ink,
    isBold: true,
    beforePx: 8,
  }
  const paragraphs = [cardLine(card.label, theme.muted, inner.w), value]
  const { change } = card
  if (change !== null) {
    const arrow = change.arrow === '' ? [] : [{ text: `${change.arrow} `, colour: theme.accent }]
    paragraphs.push({
      runs: [...arrow, { text: change.value }],
      sizePx: layout.changeSizePx,
      linePx: lineHeightPx(layout.changeSizePx, lineHeight),
      colour: theme.ink,
      isBold: true,
      beforePx: 12,
    })
    if (change.note !== null) paragraphs.push(cardLine(change.note, theme.muted, inner.w))
  }
  stage.canvas.text(inner, paragraphs, { name: card.label.text })
}

function cardLine(line: CardText, colour: string, widthPx: number): Paragraph {
  const runs = plainRuns(line.text)
  return {
    runs: line.clamp === null ? runs : clampRuns(runs, widthPx, line.sizePx, line.clamp),
    sizePx: line.sizePx,
    linePx: lineHeightPx(line.sizePx, lineHeight),
    colour,
  }
}
