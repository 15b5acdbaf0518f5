import { plainDate } from '../../../html/plain-date.ts'
import { footerTexts, legendText } from '../../../html/footer.ts'
import type { SlideOf } from '../../../html/layouts/slide-of.ts'
import { cutText, limits } from '../../../limits.ts'
import { lineHeightPx } from '../../../typography/fit.ts'
import { textWidth } from '../../../typography/measure.ts'
import { brandWidth } from '../brand.ts'
import { drawLinks, linksHeight } from '../links.ts'
import { boldShare, fittedText, lineOfText, measure, type Stage } from '../deck-canvas.ts'

const cover = { leftPx: 64, topPx: 140, widthPx: 820, ruleHeightPx: 6, footBottomPx: 668 } as const

/** The opening slide. Its ground, its rule and the shapes at its edge belong to its layout. */
export function coverSlide(stage: Stage, slide: SlideOf<'title'>): void {
  const { theme, context } = stage
  const { deck } = context
  const x = cover.leftPx
  const titleY = cover.topPx + cover.ruleHeightPx + 32
  const titlePx = fittedText(
    stage,
    slide.title,
    { x, y: titleY },
    { widthPx: cover.widthPx, heightPx: 220 },
    { sizesPx: [60, 54, 48, 42, 36, 30], lineHeight: 1.12, weight: 600 },
    { colour: theme.onCover, isBold: true, options: { name: 'Title', placeholder: 'ctrTitle' } },
  )
  fittedText(
    stage,
    slide.subtitle,
    { x, y: titleY + titlePx + 22 },
    { widthPx: cover.widthPx, heightPx: 100 },
    { sizesPx: [24, 22, 20, 18, 16], lineHeight: 1.4, weight: 600 },
    { colour: theme.onCoverMuted, options: { name: 'Subtitle', placeholder: 'subTitle' } },
  )
  const question = [`${stage.context.words.question}: ${cutText(deck.question, limits.text)}`]
  const questionBox = { widthPx: cover.widthPx, heightPx: 56 }
  const questionScale = { sizesPx: [17, 16, 15, 14], lineHeight: 1.4, weight: 600, maxLines: 2 } as const
  const origin = [`${cutText(deck.provenance, limits.label)} · ${plainDate(deck.createdAt, context.language)}`]
  const originBox = { widthPx: cover.widthPx, heightPx: 24 }
  const originScale = { sizesPx: [15, 14, 13], lineHeight: 1.4, weight: 600, maxLines: 1 } as const
  const legend = legendText(slide, context)
  const legendPx = legend === '' ? 0 : 8 + 18
  const originPx = measure(origin, originBox, originScale, context).heightPx
  const questionPx = measure(question, questionBox, questionScale, context).heightPx
  const linksPx = linksHeight(context)
  const originY = cover.footBottomPx - legendPx - linksPx - originPx
  fittedText(stage, question, { x, y: originY - 8 - questionPx }, questionBox, questionScale, {
    colour: theme.onCover,
    options: { name: 'Question' },
  })
  fittedText(stage, origin, { x, y: originY }, originBox, originScale, {
    colour: theme.onCoverMuted,
    options: { name: 'Origin' },
  })
  drawLinks(stage, { x, y: originY + originPx, w: cover.widthPx }, theme.onCoverMuted)
  if (legendPx > 0) {
    const place = { x, y: cover.footBottomPx - 18, w: cover.widthPx, h: 18 }
    const style = { sizePx: 13, colour: theme.coverAccent, isBold: true }
    lineOfText(stage, legend, place, style, { name: 'Legend' })
  }
}

const section = { topPx: 170, bottomPx: 548, leftPx: 64, ruleWidthPx: 6, textLeftPx: 110, widthPx: 920 } as const

/** A divider between the parts of a long deck. */
export function sectionSlide(stage: Stage, slide: SlideOf<'section'>, index: number): void {
  const { theme, context } = stage
  const titleBox = { widthPx: section.widthPx, heightPx: 220 }
  const titleScale = { sizesPx: [54, 48, 42, 36, 30], lineHeight: 1.15, weight: 600 } as const
  const subtitleBox = { widthPx: section.widthPx, heightPx: 110 }
  const subtitleScale = { sizesPx: [24, 22, 20, 18, 16], lineHeight: 1.4, weight: 600 } as const
  const boldBox = { ...titleBox, widthPx: titleBox.widthPx * boldShare }
  const titlePx = measure(slide.title, boldBox, titleScale, context).heightPx
  const subtitlePx = measure(slide.subtitle, subtitleBox, subtitleScale, context).heightPx
  const top = section.topPx + (section.bottomPx - section.topPx - titlePx - 20 - subtitlePx) / 2
  const height = section.bottomPx - section.topPx
  stage.canvas.rectangle({ x: section.leftPx, y: section.topPx, w: section.ruleWidthPx, h: height }, theme.accent, {
    name: 'Rule',
  })
  fittedText(stage, slide.title, { x: section.textLeftPx, y: top }, titleBox, titleScale, {
    colour: theme.ink,
    isBold: true,
    options: { name: 'Title', placeholder: 'title' },
  })
  fittedText(stage, slide.subtitle, { x: section.textLeftPx, y: top + titlePx + 20 }, subtitleBox, subtitleScale, {
    colour: theme.muted,
    options: { name: 'Subtitle', placeholder: 'subTitle' },
  })
  footer(stage, slide, index)
}

const foot = { topPx: 668, heightPx: 52, linePx: lineHeightPx(13, 1.35), leftPx: 64, rightPx: 1216 } as const

/** Sources, what the question mark means where there is one, and the number of the slide. The line above is in the layout. */
export function footer(stage: Stage, slide: Parameters<typeof footerTexts>[0], index: number): void {
  const { theme, context } = stage
  const { source, legend } = footerTexts(slide, context)
  const y = foot.topPx + (foot.heightPx - foot.linePx) / 2
  const right = foot.rightPx - 40
  const textEnd = right - brandWidth(theme)
  const style = { sizePx: 13, colour: theme.muted }
  const legendPx = legend === '' ? 0 : textWidth(legend, 13, 600) + 32
  lineOfText(stage, source, { x: foot.leftPx, y, w: textEnd - foot.leftPx - legendPx, h: foot.linePx }, style, {
    name: 'Source',
    placeholder: 'ftr',
  })
  if (legend !== '') {
    const place = { x: textEnd - legendPx, y, w: legendPx, h: foot.linePx }
    lineOfText(
      stage,
      legend,
      place,
      { ...style, colour: theme.warning, isBold: true, align: 'end' },
      { name: 'Legend' },
    )
  }
  const number = {
    runs: [{ text: String(index + 1), isSlideNumber: true }],
    linePx: foot.linePx,
    ...style,
    align: 'end' as const,
  }
  stage.canvas.text({ x: right, y, w: 40, h: foot.linePx }, [number], { name: 'Slide number', placeholder: 'sldNum' })
}
