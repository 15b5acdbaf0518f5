import Big from 'big.js'

/** A constructor of our own, so that nobody else's settings change how we divide. */
const Decimal = Big()
Decimal.DP = 24
Decimal.RM = 1

export type { Big } from 'big.js'

/** Exact decimal of decimal text ("-12.50", "1e3"); null when missing or no finite number. */
export function toDecimal(cell: string | null | undefined): Big | null {
  if (cell === null || cell === undefined) return null
  if (/^-?\d+(?:\.\d+)?$/.test(cell)) return new Decimal(cell)
  const loose = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i.exec(cell)
  if (!loose || (loose[2] === '' && loose[3] === '')) return null
  return new Decimal(`${loose[1] === '-' ? '-' : ''}${loose[2] || '0'}.${loose[3] || '0'}e${loose[4] ?? '0'}`)
}

export const zero: Big = new Decimal(0)
export const one: Big = new Decimal(1)
export const hundred: Big = new Decimal(100)

export function sumOf(values: Iterable<Big>): Big {
  let sum = zero
  for (const value of values) sum = sum.plus(value)
  return sum
}

/** Canonical plain text: no exponent, no "-0". */
export const decimalText = (value: Big): string => (value.eq(0) ? '0' : value.toFixed())

/**
 * A quotient rounded half up (away from zero) to six decimals, or to six significant digits where that is finer;
 * a fraction of 0.123457 reads as 12.3457 %. The divisor must not be zero.
 */
export function quotient(dividend: Big, divisor: Big): Big {
  const exact = dividend.div(divisor)
  const decimals = exact.eq(0) || exact.e >= -1 ? 6 : 5 - exact.e
  return exact.round(Math.min(decimals, 20))
}
