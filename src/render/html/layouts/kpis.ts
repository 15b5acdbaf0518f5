import type { Kpi } from '../../deck.ts'
import { escapeText } from '../../escape.ts'
import { formatFact } from '../../format.ts'
import { cutText, limits } from '../../limits.ts'
import { fitText, lineHeightPx, type Box } from '../../typography/fit.ts'
import { textWidth, truncateText } from '../../typography/measure.ts'
import { words } from '../../words.ts'
import type { DeckContext } from '../context.ts'
import { textStyle } from '../fitted.ts'
import { rem } from '../geometry.ts'
import { factHtml } from '../rich-text.ts'
import { stripTakeaway } from '../takeaway.ts'
import type { SlideOf } from './slide-of.ts'

const mostCards = 8
const cardGapPx = 24
const lineHeight = 1.3
const valueLineHeight = 1.15
const valueGapPx = 8
const changeGapPx = 12

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

/** One to eight cards with a figure each, and the takeaway beneath. A single figure gets the whole stage. */
export function kpisBody(slide: SlideOf<'kpis'>, context: DeckContext, box: Box): string {
  const shown = slide.kpis.slice(0, mostCards)
  const hidden = slide.kpis.length - shown.length
  const strip = stripTakeaway(slide.takeaway, box.widthPx, context)
  const perRow = shown.length <= 4 ? shown.length : Math.ceil(shown.length / 2)
  const rows = shown.length > perRow ? 2 : 1
  const scale = shown.length === 1 ? lone : rows === 1 ? row : twoRows
  const room = box.heightPx - (strip?.heightPx ?? 0) - (hidden > 0 ? 30 : 0)
  const widthPx = (box.widthPx - cardGapPx * (perRow - 1)) / Math.max(1, perRow) - scale.paddingX * 2
  const values = shown.map((kpi) => valueText(kpi, context))
  const valueSizePx = commonSize(values, widthPx, scale)
  const most = Math.floor((room - cardGapPx * (rows - 1)) / rows) - scale.paddingY * 2
  const content = shown.map((kpi, index) =>
    cardContent(kpi, values[index] ?? '', valueSizePx, { widthPx, heightPx: most }, scale, context),
  )
  const heightPx = Math.min(most, Math.max(...content.map((card) => card.heightPx), 0)) + scale.paddingY * 2
  const cards = content.map((card) => `<li class="card">${card.html}</li>`)
  const more = hidden > 0 ? `<p class="note">${escapeText(words.kpisHidden(hidden))}</p>` : ''
  const style =
    `grid-template-columns:repeat(${Math.max(1, perRow)},minmax(0,1fr));grid-auto-rows:${rem(heightPx)};` +
    `--pad:${rem(scale.paddingY)} ${rem(scale.paddingX)}`
  return `<ul class="cards" style="${style}">${cards.join('')}</ul>${more}${strip?.html ?? ''}`
}

function valueText(kpi: Kpi, context: DeckContext): string {
  return cutText(formatFact(context.fact(kpi.fact), { language: context.language }), limits.label)
}

/** One size for all figures of the slide: the largest at which the longest of them fits. */
function commonSize(values: readonly string[], widthPx: number, scale: CardScale): number {
  const fits = (size: number): boolean => values.every((value) => textWidth(value, size, 600) <= widthPx)
  return scale.values.find(fits) ?? scale.values.at(-1) ?? 20
}

interface Measured {
  readonly html: string
  readonly heightPx: number
}

function cardContent(
  kpi: Kpi,
  value: string,
  sizePx: number,
  box: Box,
  scale: CardScale,
  context: DeckContext,
): Measured {
  const label = fittedLine('card-label', kpi.label, box.widthPx, scale.labels, scale.labelLines)
  const shown = truncateText(value, box.widthPx, sizePx, 600)
  const figure =
    `<p class="card-value" style="${textStyle(sizePx, valueLineHeight, null)}">` +
    `${factHtml(context.fact(kpi.fact), shown, context)}</p>`
  const heightPx = label.heightPx + valueGapPx + lineHeightPx(sizePx, valueLineHeight)
  const change = changeContent(kpi, box.heightPx - heightPx, box.widthPx, scale, context)
  return { html: label.html + figure + change.html, heightPx: heightPx + change.heightPx }
}

/** The change beneath a figure. Its colour says nothing: whether more is better is not ours to know. */
function changeContent(kpi: Kpi, roomPx: number, widthPx: number, scale: CardScale, context: DeckContext): Measured {
  const changePx = changeGapPx + lineHeightPx(scale.change, lineHeight)
  if (kpi.change === undefined || roomPx < changePx) return { html: '', heightPx: 0 }
  const fact = context.fact(kpi.change)
  const isChange = fact.kind === 'growth' || fact.kind === 'difference' || fact.kind === 'contribution'
  const value = formatFact(fact, { language: context.language, signed: isChange })
  const sign = Math.sign(Number(fact.value))
  const arrow = isChange && sign !== 0 ? `<span class="arrow" aria-hidden="true">${sign > 0 ? '↑' : '↓'}</span>` : ''
  const shown = truncateText(value, widthPx - scale.change, scale.change, 600)
  const lines = Math.floor((roomPx - changePx) / lineHeightPx(scale.notes[0] ?? 13, lineHeight))
  const noteLines = Math.min(scale.noteLines, lines)
  const note =
    noteLines > 0 ? fittedLine('card-note', fact.label, widthPx, scale.notes, noteLines) : { html: '', heightPx: 0 }
  const style = textStyle(scale.change, lineHeight, null)
  return {
    html: `<p class="card-change" style="${style}">${arrow}${factHtml(fact, shown, context)}</p>${note.html}`,
    heightPx: changePx + note.heightPx,
  }
}

function fittedLine(
  className: string,
  text: string,
  widthPx: number,
  sizesPx: readonly number[],
  maxLines: number,
): Measured {
  const shown = cutText(text, limits.label)
  const box = { widthPx, heightPx: maxLines * lineHeightPx(sizesPx[0] ?? 18, lineHeight) }
  const fit = fitText(shown, box, { sizesPx, lineHeight, weight: 600, maxLines })
  const style = textStyle(fit.sizePx, lineHeight, fit.isClipped ? fit.lines : null)
  return {
    html: `<p class="${className}" dir="auto" style="${style}">${escapeText(shown)}</p>`,
    heightPx: fit.lines * lineHeightPx(fit.sizePx, lineHeight),
  }
}
