import type { DeckContext } from '../context.ts'
import { fittedBlock } from '../fitted.ts'
import { footerHtml } from '../footer.ts'
import type { Frame, SlideOf } from './slide-of.ts'

/** Where the texts of a divider stand, and their sizes. */
export const sectionText = {
  title: {
    box: { widthPx: 920, heightPx: 220 },
    scale: { sizesPx: [54, 48, 42, 36, 30], lineHeight: 1.15, weight: 600 },
  },
  subtitle: {
    box: { widthPx: 920, heightPx: 110 },
    scale: { sizesPx: [24, 22, 20, 18, 16], lineHeight: 1.4, weight: 600 },
  },
} as const

/** A divider between the parts of a long deck. */
export function sectionSlide(slide: SlideOf<'section'>, index: number, context: DeckContext, frame: Frame): string {
  const title = fittedBlock(
    frame.tag,
    'section-title',
    slide.title,
    sectionText.title.box,
    sectionText.title.scale,
    context,
  )
  const subtitle = fittedBlock(
    'p',
    'section-subtitle',
    slide.subtitle,
    sectionText.subtitle.box,
    sectionText.subtitle.scale,
    context,
  )
  return (
    `<section class="slide section" ${frame.attributes}>` +
    `<div class="section-main">${title.html}${subtitle.html}</div>${footerHtml(slide, index, context)}</section>`
  )
}
