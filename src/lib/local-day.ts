/** A day as people in some place count it. */
export interface LocalDay {
  /** ISO 8601: 2026-11-23. */
  readonly date: string
  /** When the next day begins there, in milliseconds since the epoch. */
  readonly endsAt: number
}

/** No day is longer, whatever a place does to its clocks. */
const longestDayMs = 26 * 3_600_000

/** The day that an instant belongs to. `timeZone`: an IANA name, checked before with {@link isTimeZone}. */
export function localDay(at: number, timeZone: string): LocalDay {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  const date = format.format(at)
  // Days begin on a full second everywhere; between `from` and `to` is the first instant of the next.
  let from = Math.floor(at / 1000)
  let to = from + longestDayMs / 1000
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (format.format(middle * 1000) === date) from = middle
    else to = middle
  }
  return { date, endsAt: to * 1000 }
}

export function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
