import type { Slide } from '../../deck.ts'
import { bodyHeight, contentWidthPx, titleBox, titleScale } from '../../html/geometry.ts'
import { fittedText, type Stage } from './deck-canvas.ts'
import { bulletsBody, chartBody, chartTableBody, closingBody, comparisonBody, tableBody } from './layouts/bodies.ts'
import { coverSlide, footer, sectionSlide } from './layouts/covers.ts'
import { kpisBody } from './layouts/kpis.ts'
import type { LayoutName } from './presentation.ts'
import type { Rect } from './units.ts'

const titleAt = { x: 64, y: 50 } as const
const afterTitlePx = 26

/** Lays one slide out on its stage. `index` is its place in the deck, from zero. Returns the layout it belongs to. */
export function layOutSlide(stage: Stage, slide: Slide, index: number): LayoutName {
  if (slide.layout === 'title') {
    coverSlide(stage, slide)
    return 'cover'
  }
  if (slide.layout === 'section') {
    sectionSlide(stage, slide, index)
    return 'section'
  }
  const titlePx = fittedText(stage, slide.title, titleAt, titleBox, titleScale, {
    colour: stage.theme.ink,
    isBold: true,
    options: { name: 'Title', placeholder: 'title' },
  })
  const y = titleAt.y + titlePx + afterTitlePx
  layOutBody(stage, slide, { x: titleAt.x, y, w: contentWidthPx, h: bodyHeight(titlePx) })
  footer(stage, slide, index)
  return 'content'
}

type BodySlide = Exclude<Slide, { layout: 'title' | 'section' }>

function layOutBody(stage: Stage, slide: BodySlide, rect: Rect): void {
  switch (slide.layout) {
    case 'kpis':
      return kpisBody(stage, slide, rect)
    case 'chart':
      return chartBody(stage, slide, rect)
    case 'table':
      return tableBody(stage, slide, rect)
    case 'chart_table':
      return chartTableBody(stage, slide, rect)
    case 'bullets':
      return bulletsBody(stage, slide, rect)
    case 'comparison':
      return comparisonBody(stage, slide, rect)
    case 'closing':
      return closingBody(stage, slide, rect)
  }
}
