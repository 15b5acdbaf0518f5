import type { Slide } from '../deck.ts'
import { escapeText } from '../escape.ts'
import type { DeckContext } from './context.ts'
import { fittedBlock } from './fitted.ts'
import { footerHtml } from './footer.ts'
import { bodyHeight, contentWidthPx, titleBox, titleScale } from './geometry.ts'
import { bulletsBody } from './layouts/bullets.ts'
import { chartBody } from './layouts/chart.ts'
import { chartTableBody } from './layouts/chart-table.ts'
import { closingBody } from './layouts/closing.ts'
import { comparisonBody } from './layouts/comparison.ts'
import { coverSlide } from './layouts/cover.ts'
import { kpisBody } from './layouts/kpis.ts'
import { sectionSlide } from './layouts/section.ts'
import { tableBody } from './layouts/table.ts'
import { sideStyle } from './styles.ts'
import type { Box } from '../typography/fit.ts'

/**
 * One slide as a `<section>` of exactly one page, on the side of the theme that it asks for. `index` is its place in the
 * deck, from zero; `deckContext` is that of the document.
 */
export function slideHtml(slide: Slide, index: number, deckContext: DeckContext): string {
  const context = deckContext.on(slide)
  const tag = index === 0 ? 'h1' : 'h2'
  const style = sideStyle(context.theme, deckContext.theme)
  const attributes = `id="slide-${index + 1}" data-slide="${escapeText(slide.id)}"${style}`
  if (slide.layout === 'title') return coverSlide(slide, context, { tag, attributes })
  if (slide.layout === 'section') return sectionSlide(slide, index, context, { tag, attributes })

  const title = fittedBlock(tag, 'title', slide.title, titleBox, titleScale, context)
  const box = { widthPx: contentWidthPx, heightPx: bodyHeight(title.heightPx) }
  return (
    `<section class="slide slide-${slide.layout}" ${attributes}>` +
    `<header class="head">${title.html}</header>` +
    `<div class="body">${bodyHtml(slide, context, box)}</div>` +
    `${footerHtml(slide, index, context)}</section>`
  )
}

type BodySlide = Exclude<Slide, { layout: 'title' | 'section' }>

function bodyHtml(slide: BodySlide, context: DeckContext, box: Box): string {
  switch (slide.layout) {
    case 'kpis':
      return kpisBody(slide, context, box)
    case 'chart':
      return chartBody(slide, context, box)
    case 'table':
      return tableBody(slide, context, box)
    case 'chart_table':
      return chartTableBody(slide, context, box)
    case 'bullets':
      return bulletsBody(slide, context, box)
    case 'comparison':
      return comparisonBody(slide, context, box)
    case 'closing':
      return closingBody(slide, context, box)
  }
}
