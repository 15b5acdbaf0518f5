import type { Chart } from '../deck.ts'
import { drawChart } from '../charts/draw-chart.ts'
import { axisNote } from '../charts/line-chart.ts'
import { escapeText } from '../escape.ts'
import { cutText, limits } from '../limits.ts'
import { fitText, type Box } from '../typography/fit.ts'
import { truncateText } from '../typography/measure.ts'
import type { DeckContext } from './context.ts'
import { rem } from './geometry.ts'

const captionPx = 32
const notePx = 22

/** A chart with its title above and its honest small print below. */
export function chartFigure(chart: Chart, box: Box, context: DeckContext): string {
  const model = context.chartModel(chart)
  const notes = [...model.notes, axisNote(model, context.language)].filter((note) => note !== null)
  const height = box.heightPx - captionPx - (notes.length > 0 ? notePx + 6 : 0)
  const svg = drawChart(
    model,
    { widthPx: box.widthPx, heightPx: height },
    { theme: context.theme, language: context.language, colours: context.colours.of(model) },
  )
  const title = cutText(model.title, limits.label)
  const fitted = fitText(
    title,
    { widthPx: box.widthPx, heightPx: captionPx },
    { sizesPx: [16, 15, 14], lineHeight: 1.3, weight: 600, maxLines: 1 },
  )
  const shownTitle = fitted.isClipped ? truncateText(title, box.widthPx * 0.98, fitted.sizePx, 600) : title
  const note = truncateText(notes.join(' '), box.widthPx, 13)
  return (
    `<figure class="figure" style="width:${rem(box.widthPx)}"><figcaption dir="auto" style="font-size:${rem(fitted.sizePx)}">${escapeText(shownTitle)}</figcaption>` +
    `<div class="picture" style="aspect-ratio:${box.widthPx}/${Math.round(height)}">${svg ?? emptyHtml(context)}</div>` +
    (notes.length > 0 ? `<p class="note">${escapeText(note)}</p>` : '') +
    `</figure>`
  )
}

function emptyHtml(context: DeckContext): string {
  return `<p class="empty">${escapeText(context.words.noData)}</p>`
}
