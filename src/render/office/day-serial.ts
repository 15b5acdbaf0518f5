const dayMs = 86_400_000
/** Day 0 of Excel's calendar, which counts a 29 February 1900 that never was. */
const epoch = Date.UTC(1899, 11, 30)
const firstCorrectDay = 61

/**
 * A point in time (ms since 1970, its UTC fields as they should be shown) as Excel stores it: days since its epoch, the time
 * of day as a fraction. Null before March 1900, which Excel gets wrong, and after the year 9999.
 */
export function daySerial(time: number): number | null {
  const serial = (time - epoch) / dayMs
  return serial < firstCorrectDay || serial >= 2_958_466 ? null : serial
}
