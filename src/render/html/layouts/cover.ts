import { escapeText } from '../../escape.ts'
import { cutText, limits } from '../../limits.ts'
import type { DeckContext } from '../context.ts'
import { plainDate } from '../plain-date.ts'
import { fittedBlock } from '../fitted.ts'
import { legendText } from '../footer.ts'
import { linksHtml } from '../links.ts'
import { logoHtml } from '../logo.ts'
import type { Frame, SlideOf } from './slide-of.ts'

const textWidthPx = 820

/** Where the title and the subtitle of a cover stand, and their sizes. */
export const coverText = {
  title: {
    box: { widthPx: textWidthPx, heightPx: 220 },
    scale: { sizesPx: [60, 54, 48, 42, 36, 30], lineHeight: 1.12, weight: 600 },
  },
  subtitle: {
    box: { widthPx: textWidthPx, heightPx: 100 },
    scale: { sizesPx: [24, 22, 20, 18, 16], lineHeight: 1.4, weight: 600 },
  },
} as const

/** The opening slide: title, subtitle, and at the foot the question, the origin of the data and the date. */
export function coverSlide(slide: SlideOf<'title'>, context: DeckContext, frame: Frame): string {
  const { deck } = context
  const title = fittedBlock(frame.tag, 'cover-title', slide.title, coverText.title.box, coverText.title.scale, context)
  const subtitle = fittedBlock(
    'p',
    'cover-subtitle',
    slide.subtitle,
    coverText.subtitle.box,
    coverText.subtitle.scale,
    context,
  )
  const question = fittedBlock(
    'p',
    'cover-question',
    [`${context.words.question}: ${cutText(deck.question, limits.text)}`],
    { widthPx: textWidthPx, heightPx: 56 },
    { sizesPx: [17, 16, 15, 14], lineHeight: 1.4, weight: 600, maxLines: 2 },
    context,
  )
  const origin = fittedBlock(
    'p',
    'cover-origin',
    [`${cutText(deck.provenance, limits.label)} · ${plainDate(deck.createdAt, context.language)}`],
    { widthPx: textWidthPx, heightPx: 24 },
    { sizesPx: [15, 14, 13], lineHeight: 1.4, weight: 600, maxLines: 1 },
    context,
  )
  const { logo } = context.theme
  const notice = legendText(slide, context)
  const legend = notice === '' ? '' : `<p class="legend">${escapeText(notice)}</p>`
  return (
    `<section class="slide cover" ${frame.attributes}>${coverArt(context)}${logo === undefined ? '' : logoHtml(logo.cover)}` +
    `<div class="cover-main"><span class="cover-rule"></span>${title.html}${subtitle.html}</div>` +
    `<div class="cover-foot">${question.html}${origin.html}${linksHtml(context)}${legend}</div></section>`
  )
}

/** Quiet shapes at the right edge: plain rectangles, cheap in the PDF and free of meaning. */
function coverArt(context: DeckContext): string {
  const heights = [96, 168, 132, 236, 300, 264, 388, 470]
  const bars = heights
    .map((height, index) => {
      const fill = index === heights.length - 1 ? context.theme.coverAccent : context.theme.coverShape
      return `<rect x="${index * 44}" y="${500 - height}" width="28" height="${height}" fill="${fill}"/>`
    })
    .join('')
  return `<svg class="cover-art" viewBox="0 0 336 500" aria-hidden="true">${bars}</svg>`
}
