import type { Kpi } from '../../deck.ts'
import { escapeText } from '../../escape.ts'
import type { Fact } from '../../fact.ts'
import { formatFact } from '../../format.ts'
import { cutText, limits } from '../../limits.ts'
import { fitText, lineHeightPx, type Box } from '../../typography/fit.ts'
import { textWidth, truncateText } from '../../typography/measure.ts'
import type { DeckContext } from '../context.ts'
import { textStyle } from '../fitted.ts'
import { rem } from '../geometry.ts'
import { factHtml, isInPoints } from '../rich-text.ts'
import { stripTakeaway } from '../takeaway.ts'
import type { SlideOf } from './slide-of.ts'

const mostCards = 8
export const cardGapPx = 24
const lineHeight = 1.3
const valueLineHeight = 1.15
const valueGapPx = 8
const changeGapPx = 12
const mostNoteLines = 4

/** How a card is set, by how much room it has. Sizes in px, the largest that fits is taken. */
interface CardScale {
  readonly values: readonly number[]
  readonly labels: readonly number[]
  readonly labelLines: number
  readonly change: number
  readonly notes: readonly number[]
  readonly noteLines: number
  readonly paddingX: number
  readonly paddingY: number
}

const lone: CardScale = {
  values: [128, 108, 92, 76, 64, 52, 44, 36, 30, 26],
  labels: [22, 20, 18],
  labelLines: 2,
  change: 28,
  notes: [16, 15, 14],
  noteLines: 2,
  paddingX: 56,
  paddingY: 48,
}
const row: CardScale = {
  values: [68, 60, 54, 48, 42, 36, 30, 26, 22],
  labels: [18, 17, 16, 15],
  labelLines: 2,
  change: 20,
  notes: [14, 13],
  noteLines: 2,
  paddingX: 28,
  paddingY: 30,
}
const twoRows: CardScale = {
  values: [44, 40, 36, 32, 28, 24, 20],
  labels: [16, 15, 14],
  labelLines: 1,
  change: 16,
  notes: [13],
  noteLines: 1,
  paddingX: 24,
  paddingY: 16,
}

/** A line of text and the size at which it fits. `clamp` is set when it is cut to that many lines. */
export interface CardText {
  readonly text: string
  readonly sizePx: number
  readonly lines: number
  readonly clamp: number | null
}

export interface Card {
  readonly label: CardText
  readonly value: string
  readonly fact: Fact
  /** Null when there is none or no room for it. */
  readonly change: {
    readonly arrow: '' | '↑' | '↓'
    readonly value: string
    readonly fact: Fact
    readonly note: CardText | null
  } | null
}

/** How the figures of a slide are set: cards of one size in one or two rows. All lengths in px. */
export interface KpiLayout {
  readonly cards: readonly Card[]
  readonly perRow: number
  readonly cardHeightPx: number
  readonly valueSizePx: number
  readonly changeSizePx: number
  readonly paddingX: number
  readonly paddingY: number
  /** Figures that have no card. */
  readonly hiddenCount: number
}

/** Sets one to eight figures in the box, with `stripPx` of its height left to the takeaway. A single one gets the whole stage. */
export function layoutKpis(kpis: readonly Kpi[], box: Box, stripPx: number, context: DeckContext): KpiLayout {
  const shown = kpis.slice(0, mostCards)
  const hiddenCount = kpis.length - shown.length
  const perRow = Math.max(1, shown.length <= 4 ? shown.length : Math.ceil(shown.length / 2))
  const rows = shown.length > perRow ? 2 : 1
  const scale = shown.length === 1 ? lone : rows === 1 ? row : twoRows
  const room = box.heightPx - stripPx - (hiddenCount > 0 ? 30 : 0)
  const widthPx = (box.widthPx - cardGapPx * (perRow - 1)) / perRow - scale.paddingX * 2
  const values = shown.map((kpi) => valueText(kpi, context))
  const valueSizePx = commonSize(values, widthPx, scale)
  const most = Math.floor((room - cardGapPx * (rows - 1)) / rows) - scale.paddingY * 2
  const measured = shown.map((kpi, index) =>
    layoutCard(kpi, values[index] ?? '', valueSizePx, { widthPx, heightPx: most }, scale, context),
  )
  return {
    cards: measured.map((one) => one.card),
    perRow,
    cardHeightPx: Math.min(most, Math.max(...measured.map((one) => one.heightPx), 0)) + scale.paddingY * 2,
    valueSizePx,
    changeSizePx: scale.change,
    paddingX: scale.paddingX,
    paddingY: scale.paddingY,
    hiddenCount,
  }
}

/** One to eight cards with a figure each, and the takeaway beneath. */
export function kpisBody(slide: SlideOf<'kpis'>, context: DeckContext, box: Box): string {
  const strip = stripTakeaway(slide.takeaway, box.widthPx, context)
  const layout = layoutKpis(slide.kpis, box, strip?.heightPx ?? 0, context)
  const cards = layout.cards.map((card) => `<li class="card">${cardHtml(card, layout, context)}</li>`)
  const more =
    layout.hiddenCount > 0 ? `<p class="note">${escapeText(context.words.kpisHidden(layout.hiddenCount))}</p>` : ''
  const style =
    `grid-template-columns:repeat(${layout.perRow},minmax(0,1fr));grid-auto-rows:${rem(layout.cardHeightPx)};` +
    `--pad:${rem(layout.paddingY)} ${rem(layout.paddingX)}`
  return `<ul class="cards" style="${style}">${cards.join('')}</ul>${more}${strip?.html ?? ''}`
}

function cardHtml(card: Card, layout: KpiLayout, context: DeckContext): string {
  const { change } = card
  const figure =
    `<p class="card-value" style="${textStyle(layout.valueSizePx, valueLineHeight, null)}">` +
    `${factHtml(card.fact, card.value, context)}</p>`
  if (change === null) return lineHtml('card-label', card.label) + figure
  const arrow = change.arrow === '' ? '' : `<span class="arrow" aria-hidden="true">${change.arrow}</span>`
  const style = textStyle(layout.changeSizePx, lineHeight, null)
  return (
    `${lineHtml('card-label', card.label)}${figure}` +
    `<p class="card-change" style="${style}">${arrow}${factHtml(change.fact, change.value, context)}</p>` +
    (change.note === null ? '' : lineHtml('card-note', change.note))
  )
}

function lineHtml(className: string, line: CardText): string {
  return `<p class="${className}" dir="auto" style="${textStyle(line.sizePx, lineHeight, line.clamp)}">${escapeText(line.text)}</p>`
}

function valueText(kpi: Kpi, context: DeckContext): string {
  return figureText(context.fact(kpi.fact), context, false)
}

/** A figure that stands alone, without a sentence that says what it is in. */
function figureText(fact: Fact, context: DeckContext, signed: boolean): string {
  const text = cutText(formatFact(fact, { language: context.language, signed }), limits.label)
  return isInPoints(fact) ? context.words.points(text) : text
}

/** One size for all figures of the slide: the largest at which the longest of them fits. */
function commonSize(values: readonly string[], widthPx: number, scale: CardScale): number {
  const fits = (size: number): boolean => values.every((value) => textWidth(value, size, 600) <= widthPx)
  return scale.values.find(fits) ?? scale.values.at(-1) ?? 20
}

function layoutCard(
  kpi: Kpi,
  value: string,
  sizePx: number,
  box: Box,
  scale: CardScale,
  context: DeckContext,
): { readonly card: Card; readonly heightPx: number } {
  const label = fittedLine(kpi.label, box.widthPx, scale.labels, scale.labelLines)
  const heightPx = heightOf(label) + valueGapPx + lineHeightPx(sizePx, valueLineHeight)
  const change = layoutChange(kpi, box.heightPx - heightPx, box.widthPx, scale, context)
  const changePx = change === null ? 0 : changeGapPx + lineHeightPx(scale.change, lineHeight) + heightOf(change.note)
  return {
    card: { label, value: truncateText(value, box.widthPx, sizePx, 600), fact: context.fact(kpi.fact), change },
    heightPx: heightPx + changePx,
  }
}

/** The change beneath a figure. Its colour says nothing: whether more is better is not ours to know. */
function layoutChange(
  kpi: Kpi,
  roomPx: number,
  widthPx: number,
  scale: CardScale,
  context: DeckContext,
): Card['change'] {
  const changePx = changeGapPx + lineHeightPx(scale.change, lineHeight)
  if (kpi.change === undefined || roomPx < changePx) return null
  const fact = context.fact(kpi.change)
  const isChange = fact.kind === 'growth' || fact.kind === 'difference' || fact.kind === 'contribution'
  const value = figureText(fact, context, isChange)
  const sign = isChange ? Math.sign(Number(fact.value)) : 0
  const lines = Math.floor((roomPx - changePx) / lineHeightPx(scale.notes[0] ?? 13, lineHeight))
  const noteLines = Math.min(scale.noteLines, lines)
  return {
    arrow: sign > 0 ? '↑' : sign < 0 ? '↓' : '',
    value: truncateText(value, widthPx - scale.change, scale.change, 600),
    fact,
    note:
      noteLines > 0 ? fittedNote(fact.label, widthPx, scale.notes, noteLines, Math.min(lines, mostNoteLines)) : null,
  }
}

/** A short note on few lines, or a long one on as many as there is room for. */
function fittedNote(
  text: string,
  widthPx: number,
  sizesPx: readonly number[],
  usualLines: number,
  mostLines: number,
): CardText {
  const usual = fittedLine(text, widthPx, sizesPx, usualLines)
  return usual.clamp === null || mostLines <= usualLines ? usual : fittedLine(text, widthPx, sizesPx, mostLines)
}

function fittedLine(text: string, widthPx: number, sizesPx: readonly number[], maxLines: number): CardText {
  const shown = cutText(text, limits.label)
  const box = { widthPx, heightPx: maxLines * lineHeightPx(sizesPx[0] ?? 18, lineHeight) }
  const fit = fitText(shown, box, { sizesPx, lineHeight, weight: 600, maxLines })
  return { text: shown, sizePx: fit.sizePx, lines: fit.lines, clamp: fit.isClipped ? fit.lines : null }
}

function heightOf(line: CardText | null): number {
  return line === null ? 0 : line.lines * lineHeightPx(line.sizePx, lineHeight)
}
