import type { Span } from './sentences.ts'

export type NumeralUnit =
  | { readonly kind: 'none' }
  | { readonly kind: 'percent' }
  /** Percentage points. */
  | { readonly kind: 'points' }
  /** ISO codes that the sign may stand for; empty: some currency we do not know. */
  | { readonly kind: 'currency'; readonly codes: readonly string[] }
  | { readonly kind: 'duration'; readonly unit: string }
  /** "doubled", "3x": the whole is now so many times what it was. */
  | { readonly kind: 'multiple' }
  /** "half of", "a third of". */
  | { readonly kind: 'part' }
  /** "#2", "2nd largest". */
  | { readonly kind: 'rank' }

export interface Numeral extends Span {
  readonly text: string
  /** What it may mean: 1.234 is both 1234 and 1.234. Sizes without sign; empty when it cannot be read as a number. */
  readonly readings: readonly NumeralReading[]
  /** `maybe`: in brackets, as accountants write. */
  readonly negative: 'yes' | 'no' | 'maybe'
  readonly unit: NumeralUnit
  readonly form: 'digits' | 'word'
  /** All digits written, so show all digits. */
  readonly full: boolean
  /** The words that follow as long as they belong to it, lower-case: "new customers". */
  readonly noun: readonly string[]
  /** A limiting word before it ("over", "nearly") and where it starts. */
  readonly bound: { readonly side: 'above' | 'below' | 'around'; readonly start: number } | null
}

/** The true size lies between, ends included. */
export interface NumeralReading {
  readonly low: number
  readonly high: number
}

/**
 * What a written number stands for: as many digits as were written count, and the last may be rounded. After "about"
 * the zeros at its end do not count; after "over" or "nearly" the true size lies to that side.
 */
export function toReading(
  value: number,
  step: number,
  side: 'above' | 'below' | 'around' | undefined,
  zeros: number,
): NumeralReading {
  const half = (side === undefined ? step : Math.max(step, zeros)) / 2
  const slack = Math.abs(value) * 1e-9
  if (side === 'above') return { low: value - slack, high: value * 1.25 + slack }
  if (side === 'below') return { low: value * 0.8 - slack, high: value + slack }
  return { low: value - half - slack, high: value + half + slack }
}

/** A multiple or a part in words is rough: "doubled" is 1.9 to 2.1 times. */
export function around(value: number, side: 'above' | 'below' | 'around' | undefined): NumeralReading {
  const wide = side === 'around' ? 0.1 : 0.05
  if (side === 'above') return { low: value, high: value * 1.3 }
  if (side === 'below') return { low: value * 0.85, high: value }
  return { low: value * (1 - wide), high: value * (1 + wide) }
}
