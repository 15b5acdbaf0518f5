import type { DeckContext } from '../context.ts'
import { fittedBlock } from '../fitted.ts'
import { footerHtml } from '../footer.ts'
import type { Frame, SlideOf } from './slide-of.ts'

/** A divider between the parts of a long deck. */
export function sectionSlide(slide: SlideOf<'section'>, index: number, context: DeckContext, frame: Frame): string {
  const title = fittedBlock(
    frame.tag,
    'section-title',
    slide.title,
    { widthPx: 920, heightPx: 220 },
    { sizesPx: [54, 48, 42, 36, 30], lineHeight: 1.15, weight: 600 },
    context,
  )
  const subtitle = fittedBlock(
    'p',
    'section-subtitle',
    slide.subtitle,
    { widthPx: 920, heightPx: 110 },
    { sizesPx: [24, 22, 20, 18, 16], lineHeight: 1.4, weight: 600 },
    context,
  )
  return (
    `<section class="slide section" ${frame.attributes}>` +
    `<div class="section-main">${title.html}${subtitle.html}</div>${footerHtml(slide, index, context)}</section>`
  )
}
