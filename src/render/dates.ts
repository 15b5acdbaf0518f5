/** How fine a date column is: what its values start. `minute` is a point in time within a day. */
export type DateGrain = 'year' | 'quarter' | 'month' | 'day' | 'minute'

interface DateParts {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
}

const isoDate = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/

/**
 * Reads the calendar fields of an ISO 8601 text as written, without moving it to another time zone: the warehouse
 * already chose the day that a row belongs to. Null when it is no such date.
 */
export function parseDate(text: string): DateParts | null {
  const match = isoDate.exec(text)
  if (match === null) return null
  const [, year, month, day, hour, minute] = match
  const parts = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
  }
  return parts.month >= 1 && parts.month <= 12 && parts.day >= 1 && parts.day <= 31 ? parts : null
}

/** The fields as a `Date` whose UTC fields are what the text said; for arithmetic and Intl only. */
export function toUtcDate(parts: DateParts): Date {
  const date = new Date(0)
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day)
  date.setUTCHours(parts.hour, parts.minute)
  return date
}

/**
 * The grain of a date column. A name that says "month" is believed when every value is the first of a month (and so on);
 * without such a name at least three values must agree, so that two daily rows on 1 January and 1 February stay days.
 */
export function dateGrain(columnName: string, values: readonly (string | null)[]): DateGrain {
  const dates = values.flatMap((value) => (value === null ? [] : [parseDate(value)])).filter((date) => date !== null)
  if (dates.length === 0) return 'day'
  if (dates.some((date) => date.hour !== 0 || date.minute !== 0)) return 'minute'
  if (dates.some((date) => date.day !== 1)) return 'day'

  const yearly = dates.every((date) => date.month === 1)
  const quarterly = dates.every((date) => date.month % 3 === 1)
  const name = columnName.toLowerCase()
  if (yearly && /year|yr|\bfy|annual/.test(name)) return 'year'
  if (quarterly && /quarter|qtr/.test(name)) return 'quarter'
  if (/month/.test(name)) return 'month'

  const distinct = new Set(dates.map((date) => date.year * 12 + date.month)).size
  if (distinct < 3) return 'day'
  if (yearly) return 'year'
  return quarterly ? 'quarter' : 'month'
}

/** One date, see {@link dateFormatter}; for many of the same kind make one formatter. */
export function formatDate(text: string, grain: DateGrain, language: string): string {
  return dateFormatter(grain, language)(text)
}

/**
 * A function that writes ISO dates as "2023", "Q4 2023", "Oct 2023", "Oct 1, 2023" or with the time, in the language's
 * own order; other text comes back as is.
 */
export function dateFormatter(grain: DateGrain, language: string): (text: string) => string {
  const write = partsFormatter(grain, language)
  return (text) => {
    const parts = parseDate(text)
    return parts === null ? text : write(parts)
  }
}

function partsFormatter(grain: DateGrain, language: string): (parts: DateParts) => string {
  switch (grain) {
    case 'year':
      return (parts) => String(parts.year)
    case 'quarter':
      return (parts) => `Q${Math.ceil(parts.month / 3)} ${parts.year}`
    case 'month':
      return intl(language, { month: 'short', year: 'numeric' })
    case 'day':
      return intl(language, { dateStyle: 'medium' })
    case 'minute':
      return intl(language, { dateStyle: 'medium', timeStyle: 'short' })
  }
}

function intl(language: string, options: Intl.DateTimeFormatOptions): (parts: DateParts) => string {
  const format = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' })
  return (parts) => format.format(toUtcDate(parts))
}
