/** A length in English Metric Units, which office files measure in. The slide is 1280 × 720 px, an inch has 96. */
export function emu(px: number): number {
  return Math.round(px * 9525)
}

/** A place on a slide, in px from its top left corner. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}
