import type { Slide } from '../deck.ts'
import { escapeText } from '../escape.ts'
import { cutText, limits } from '../limits.ts'
import { textWidth, truncateText } from '../typography/measure.ts'
import type { DeckContext } from './context.ts'
import { contentWidthPx } from './geometry.ts'
import { logoHtml } from './logo.ts'
import { unverifiedMark } from './rich-text.ts'
import { visibleTexts } from './slide-texts.ts'

const sizePx = 13
const numberWidthPx = 40

/** Where the numbers of a slide come from, on one line, and what the question mark means when the slide has one. */
export function footerTexts(slide: Slide, context: DeckContext): { readonly source: string; readonly legend: string } {
  const legend = legendText(slide, context)
  const legendWidth = legend === '' ? 0 : textWidth(legend, sizePx, 600) + 32
  return {
    source: sourceText(slide, context, contentWidthPx - numberWidthPx - legendWidth - brandWidth(context) - 24),
    legend,
  }
}

/** The foot of a slide: sources, provenance and the slide's number. */
export function footerHtml(slide: Slide, index: number, context: DeckContext): string {
  const { source, legend } = footerTexts(slide, context)
  return (
    `<footer class="foot"><p class="source" dir="auto">${escapeText(source)}</p>` +
    (legend === '' ? '' : `<p class="legend">${escapeText(legend)}</p>`) +
    brandHtml(context) +
    `<p class="number">${index + 1}</p></footer>`
  )
}

const logoHeightPx = 24

function brandHtml({ theme }: DeckContext): string {
  const text = theme.footer === undefined ? '' : `<p class="brand" dir="auto">${escapeText(theme.footer)}</p>`
  return text + (theme.logo === undefined ? '' : logoHtml(theme.logo.content))
}

function brandWidth({ theme }: DeckContext): number {
  const text = theme.footer === undefined ? 0 : textWidth(theme.footer, sizePx) + 24
  return text + (theme.logo === undefined ? 0 : theme.logo.content.ratio * logoHeightPx + 24)
}

/** "Source: Revenue by region, Orders by month · Genie space Sales", with as many table titles as fit on one line. */
function sourceText(slide: Slide, context: DeckContext, widthPx: number): string {
  const provenance = cutText(context.deck.provenance, limits.label)
  const titles = [...new Set(slide.sources)].map((id) => context.table(id).title)
  if (titles.length === 0) return truncateText(provenance, widthPx, sizePx)
  for (let shown = titles.length; shown > 0; shown -= 1) {
    const list = titles.slice(0, shown).join(', ')
    const more = shown < titles.length ? ` ${context.words.more(titles.length - shown)}` : ''
    const text = `${context.words.source}: ${list}${more} · ${provenance}`
    if (textWidth(text, sizePx) <= widthPx) return text
  }
  // Not even one title fits beside the provenance, which is never left out: the title gives way.
  const room = widthPx - textWidth(` · ${provenance}`, sizePx)
  const more = titles.length > 1 ? ` ${context.words.more(titles.length - 1)}` : ''
  const first = truncateText(
    titles[0] ?? '',
    Math.max(80, room - textWidth(`${context.words.source}: ${more}`, sizePx)),
    sizePx,
  )
  return truncateText(`${context.words.source}: ${first}${more} · ${provenance}`, widthPx, sizePx)
}

/** What a viewer has to know about the slide: what its question marks mean, and that not all of it is to be seen. */
export function legendText(slide: Slide, context: DeckContext): string {
  const { unverified, moreInNotes } = context.words
  const mark = hasUnverified(slide) ? [`${unverifiedMark} ${unverified}`] : []
  return [...mark, ...(slide.moreInNotes === true ? [moreInNotes] : [])].join(' · ')
}

/** True when any text a viewer sees on the slide holds a number that nothing could confirm. */
function hasUnverified(slide: Slide): boolean {
  return visibleTexts(slide).some((text) =>
    text.some((segment) => typeof segment !== 'string' && 'unverified' in segment),
  )
}
