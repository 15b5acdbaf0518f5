/** Where things stand on a slide, in px of a 1280 × 720 page. Templates and text fitting use the same numbers. */
const page = { widthPx: 1280, heightPx: 720 } as const
const margin = { leftPx: 64, rightPx: 64, topPx: 50 } as const
export const contentWidthPx = page.widthPx - margin.leftPx - margin.rightPx
const footerPx = 52
/** Between title and body, and between body and footer. */
const gapPx = { afterTitle: 26, beforeFooter: 20 } as const
/** Column beside a chart or table for its takeaway. */
export const asidePx = { width: 296, gap: 44 } as const

export const titleScale = { sizesPx: [38, 34, 30, 27, 24], lineHeight: 1.2, weight: 600 } as const
export const titleBox = { widthPx: contentWidthPx, heightPx: 100 } as const

/** Height left for the body under a title of that height. */
export function bodyHeight(titleHeightPx: number): number {
  return page.heightPx - margin.topPx - titleHeightPx - gapPx.afterTitle - gapPx.beforeFooter - footerPx
}

/** A length for CSS. One rem is ten px at full size, so that a page scales by its root font size alone. */
export function rem(px: number): string {
  return `${Math.round(px * 100) / 1000}rem`
}
