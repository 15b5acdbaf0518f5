import type { RichText, Slide } from '../deck.ts'

/** Every rich text that a viewer sees on a slide; the notes are not among them. */
export function visibleTexts(slide: Slide): readonly RichText[] {
  switch (slide.layout) {
    case 'title':
    case 'section':
      return [slide.title, slide.subtitle]
    case 'kpis':
    case 'chart':
    case 'table':
    case 'chart_table':
      return [slide.title, slide.takeaway]
    case 'bullets':
    case 'closing':
      return [slide.title, ...slide.bullets]
    case 'comparison':
      return [slide.title, slide.left.heading, ...slide.left.bullets, slide.right.heading, ...slide.right.bullets]
  }
}
