import type { RichText, Slide } from '../deck.ts'
import { layoutBullets } from '../html/bullet-list.ts'
import type { DeckContext } from '../html/context.ts'
import { bodyHeight, contentWidthPx, asidePx, titleBox, titleScale } from '../html/geometry.ts'
import { pointsBox } from '../html/layouts/bullets.ts'
import { closingBox, closingSizesPx } from '../html/layouts/closing.ts'
import { sideBox, sidePointsBox, sideText } from '../html/layouts/comparison.ts'
import { coverText } from '../html/layouts/cover.ts'
import { layoutKpis } from '../html/layouts/kpis.ts'
import { sectionText } from '../html/layouts/section.ts'
import { hasAside } from '../html/layouts/table.ts'
import { isBlank, richPlain } from '../html/rich-text.ts'
import { takeawayText } from '../html/takeaway.ts'
import { limits } from '../limits.ts'
import { boldShare } from '../office/pptx/deck-canvas.ts'
import { fitText, lineHeightPx, type Box, type TypeScale } from '../typography/fit.ts'

/** How texts stand on a slide. */
interface Fit {
  /** Smallest size among them in px; headings do not count. Infinity when there are none. */
  readonly sizePx: number
  /** True when any of them is cut or left out. */
  readonly isCut: boolean
}

const nothing: Fit = { sizePx: Number.POSITIVE_INFINITY, isCut: false }
const cut: Fit = { sizePx: 0, isCut: true }

/**
 * True when every text of the slide is to be seen in full with no point, takeaway or subtitle smaller than `leastPx`, on
 * the page and in PowerPoint alike. Measures as the layouts do. Tables and charts always fit: they say what they leave out.
 */
export function fits(slide: Slide, context: DeckContext, leastPx = 0): boolean {
  const { isCut, sizePx } = fitSlide(slide, context)
  return !isCut && sizePx >= leastPx
}

/** True when a title has room above a body. */
export function titleFits(title: RichText, context: DeckContext): boolean {
  return !fitBold(title, titleBox, titleScale, context).isCut
}

function fitSlide(slide: Slide, context: DeckContext): Fit {
  if (slide.layout === 'title' || slide.layout === 'section') {
    const places = slide.layout === 'title' ? coverText : sectionText
    const title = fitBold(slide.title, places.title.box, places.title.scale, context)
    return worst(
      { ...title, sizePx: nothing.sizePx },
      fitOne(slide.subtitle, places.subtitle.box, places.subtitle.scale, context),
    )
  }
  const title = fitBold(slide.title, titleBox, titleScale, context)
  if (title.isCut) return cut
  return fitBody(slide, { widthPx: contentWidthPx, heightPx: bodyHeight(title.heightPx) }, context)
}

function fitBody(slide: Exclude<Slide, { layout: 'title' | 'section' }>, box: Box, context: DeckContext): Fit {
  switch (slide.layout) {
    case 'bullets':
      return fitPoints(slide.bullets, pointsBox(box), context)
    case 'closing':
      return fitPoints(slide.bullets, closingBox(box), context, closingSizesPx)
    case 'comparison':
      return worst(fitSide(slide.left, sideBox(box), context), fitSide(slide.right, sideBox(box), context))
    case 'chart':
      return fitAside(slide.takeaway, box, context)
    case 'chart_table':
      return fitStrip(slide.takeaway, box, context)
    case 'table':
      return hasAside(slide, context, box)
        ? fitAside(slide.takeaway, box, context)
        : fitStrip(slide.takeaway, box, context)
    case 'kpis': {
      const strip = fitStrip(slide.takeaway, box, context)
      const layout = layoutKpis(slide.kpis, box, strip.heightPx, context)
      const isCut =
        layout.hiddenCount > 0 ||
        layout.cards.some(
          ({ label, value, change }, at) =>
            label.clamp !== null ||
            label.text.length > limits.label ||
            value.endsWith('…') ||
            (change === null
              ? slide.kpis[at]?.change !== undefined
              : change.note === null || change.note.clamp !== null),
        )
      return worst(strip, { ...nothing, isCut })
    }
  }
}

function fitSide(
  side: { readonly heading: RichText; readonly bullets: readonly RichText[] },
  box: Box,
  context: DeckContext,
): Fit {
  const { heightPx, scale } = sideText.heading
  const heading = fitBold(side.heading, { ...box, heightPx }, scale, context)
  const points = fitPoints(side.bullets, sidePointsBox(box, heading.heightPx), context, sideText.sizesPx)
  return worst({ ...heading, sizePx: nothing.sizePx }, points)
}

function fitPoints(bullets: readonly RichText[], box: Box, context: DeckContext, sizesPx?: readonly number[]): Fit {
  // Beyond this no slide shows them, and measuring would only take time.
  if (bullets.length > 60 || bullets.some((bullet) => isTooLong(bullet, context))) return cut
  const layout = layoutBullets(bullets, box, context, sizesPx)
  if (layout.shown.length === 0) return { ...nothing, isCut: layout.hiddenCount > 0 }
  return { sizePx: layout.sizePx, isCut: layout.hiddenCount > 0 || layout.isClipped.some(Boolean) }
}

function fitAside(text: RichText, box: Box, context: DeckContext): Fit {
  const column = { ...box, widthPx: asidePx.width }
  return fitOne(text, takeawayText.aside.box(column), takeawayText.aside.scale, context)
}

function fitStrip(text: RichText, box: Box, context: DeckContext): Fit & { readonly heightPx: number } {
  const fit = fitOne(text, takeawayText.strip.box(box.widthPx), takeawayText.strip.scale, context)
  return { ...fit, heightPx: fit.heightPx === 0 ? 0 : fit.heightPx + 28 }
}

/** PowerPoint has no weight between regular and bold: its titles and headings are wider than the page's. */
function fitBold(
  text: RichText,
  box: Box,
  scale: TypeScale,
  context: DeckContext,
): Fit & { readonly heightPx: number } {
  return fitOne(text, { ...box, widthPx: box.widthPx * boldShare }, scale, context)
}

function fitOne(text: RichText, box: Box, scale: TypeScale, context: DeckContext): Fit & { readonly heightPx: number } {
  if (isBlank(text, context)) return { ...nothing, heightPx: 0 }
  const fit = fitText(richPlain(text, context), box, scale)
  const heightPx = fit.lines * lineHeightPx(fit.sizePx, scale.lineHeight)
  return { sizePx: fit.sizePx, isCut: fit.isClipped || isTooLong(text, context), heightPx }
}

function isTooLong(text: RichText, context: DeckContext): boolean {
  return richPlain(text, context).length > limits.text
}

function worst(one: Fit, other: Fit): Fit {
  return { sizePx: Math.min(one.sizePx, other.sizePx), isCut: one.isCut || other.isCut }
}
