import { escapeText } from '../../escape.ts'
import { cutText, limits } from '../../limits.ts'
import type { Table } from '../../table.ts'
import { fitText, lineHeightPx, type Box } from '../../typography/fit.ts'
import { truncateText } from '../../typography/measure.ts'
import { plainDate } from '../plain-date.ts'
import { bulletList } from '../bullet-list.ts'
import type { DeckContext } from '../context.ts'
import { textStyle } from '../fitted.ts'
import { linksHtml } from '../links.ts'
import type { SlideOf } from './slide-of.ts'

const panelPx = { width: 400, gap: 56, padding: 28 } as const
/** Height of one table in the list, of the last line of a longer list, and of all that is always there. */
const tableItemPx = 57
const moreItemPx = 37
const fixedPx = 118
/** Of the line with links, when there are any, with the space above it. */
const linksPx = 26

/** Sizes of the last points, in px. */
export const closingSizesPx = [24, 22, 20, 18, 17, 16, 15, 14] as const

/** The part of a body that holds the last points. */
export function closingBox(box: Box): Box {
  return { ...box, widthPx: box.widthPx - panelPx.width - panelPx.gap }
}

/** The last points on the left; on the right where every number of the deck comes from. */
export function closingBody(slide: SlideOf<'closing'>, context: DeckContext, box: Box): string {
  return `<div class="beside closing"><div class="points">${bulletList(slide.bullets, closingBox(box), context, closingSizesPx)}</div>${originPanel(context, box.heightPx)}</div>`
}

function originPanel(context: DeckContext, heightPx: number): string {
  const { deck } = context
  const width = panelPx.width - panelPx.padding * 2
  const question = cutText(deck.question, limits.text)
  const fit = fitText(
    question,
    { widthPx: width, heightPx: 80 },
    { sizesPx: [16, 15, 14], lineHeight: 1.4, weight: 600, maxLines: 3 },
  )
  const made = `${cutText(deck.provenance, limits.label)} · ${plainDate(deck.createdAt, context.language)}`
  const madeFit = fitText(
    made,
    { widthPx: width, heightPx: 60 },
    { sizesPx: [13], lineHeight: 1.4, weight: 600, maxLines: 3 },
  )
  const links = linksHtml(context)
  const textsPx = fit.lines * lineHeightPx(fit.sizePx, 1.4) + madeFit.lines * lineHeightPx(13, 1.4)
  const room = heightPx - fixedPx - textsPx - (links === '' ? 0 : linksPx)
  const most = Math.max(1, Math.floor(room / tableItemPx))
  const isLong = deck.tables.length > most
  const shown = deck.tables.slice(0, isLong ? Math.max(1, Math.floor((room - moreItemPx) / tableItemPx)) : most)
  const hidden = deck.tables.length - shown.length
  const tables = shown.map((table) => tableItem(table, width, context)).join('')
  const more = hidden > 0 ? `<li><p class="origin-rows">${escapeText(context.words.more(hidden))}</p></li>` : ''
  return (
    `<aside class="origin"><h3>${escapeText(context.words.sourcesAndMethod)}</h3>` +
    `<p class="origin-question" dir="auto" style="${textStyle(fit.sizePx, 1.4, fit.isClipped ? fit.lines : null)}">${escapeText(question)}</p>` +
    `<ul>${tables}${more}</ul>` +
    `<p class="origin-made" style="${textStyle(madeFit.sizePx, 1.4, madeFit.isClipped ? madeFit.lines : null)}">${escapeText(made)}</p>${links}</aside>`
  )
}

function tableItem(table: Table, widthPx: number, context: DeckContext): string {
  const count = new Intl.NumberFormat(context.language).format(table.totalRowCount)
  return (
    `<li><p class="origin-table" dir="auto">${escapeText(truncateText(table.title, widthPx * 0.97, 15, 600))}</p>` +
    `<p class="origin-rows">${escapeText(context.words.rowCount(count, table.totalRowCount === 1))}</p></li>`
  )
}
