/**
 * Stretches of calendar time as people and warehouses write them: "Q4 2023", "2023-10", "October 2023", "FY23".
 * A month or quarter named without a year is a period too, with `year` null: it recurs.
 */
export type Grain = 'year' | 'half' | 'quarter' | 'month' | 'week' | 'day'

export interface Period {
  readonly grain: Grain
  readonly year: number | null
  /** Place in the year, from 1: half, quarter, month, week, or day of the year; 1 for a year. */
  readonly part: number
  /** First and last day as days since 1970-01-01. In a nominal year when `year` is null. */
  readonly firstDay: number
  readonly lastDay: number
}

export interface FoundPeriod {
  readonly period: Period
  readonly start: number
  readonly end: number
}

/** Used only to lay out months and quarters that come without a year; a leap year, so that every day exists. */
const nominalYear = 4

const dayMs = 86_400_000

function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return Math.floor(date.getTime() / dayMs)
}

function monthsPeriod(grain: Grain, year: number | null, part: number, months: number): Period {
  const layoutYear = year ?? nominalYear
  const firstMonth = (part - 1) * months + 1
  return {
    grain,
    year,
    part,
    firstDay: daysSinceEpoch(layoutYear, firstMonth, 1),
    lastDay: daysSinceEpoch(layoutYear, firstMonth + months, 1) - 1,
  }
}

export const yearOf = (year: number): Period => monthsPeriod('year', year, 1, 12)
const halfOf = (year: number | null, half: number): Period => monthsPeriod('half', year, half, 6)
export const quarterOf = (year: number | null, quarter: number): Period => monthsPeriod('quarter', year, quarter, 3)
export const monthOf = (year: number | null, month: number): Period => monthsPeriod('month', year, month, 1)

/** Null when there is no such day, as on 31 February. */
export function dayOf(year: number | null, month: number, day: number): Period | null {
  const layoutYear = year ?? nominalYear
  const firstDay = daysSinceEpoch(layoutYear, month, day)
  const back = new Date(firstDay * dayMs)
  if (back.getUTCMonth() + 1 !== month || back.getUTCDate() !== day) return null
  return { grain: 'day', year, part: firstDay - daysSinceEpoch(layoutYear, 1, 1) + 1, firstDay, lastDay: firstDay }
}

/** ISO 8601 week: the week with the year's first Thursday is week 1. */
export function weekOf(year: number, week: number): Period {
  const fourth = daysSinceEpoch(year, 1, 4)
  const weekday = (((fourth + 3) % 7) + 7) % 7 // Monday is 0: 1970-01-01 was a Thursday
  const firstDay = fourth - weekday + (week - 1) * 7
  return { grain: 'week', year, part: week, firstDay, lastDay: firstDay + 6 }
}

/** The seven days from the given day on, named by it: weeks of a warehouse may start on any weekday. */
function weekFrom(day: Period): Period {
  return { ...day, grain: 'week', lastDay: day.firstDay + 6 }
}

/** The period of the given grain that a day lies in. */
export function widen(day: Period, grain: Grain): Period {
  const date = new Date(day.firstDay * dayMs)
  const month = date.getUTCMonth() + 1
  switch (grain) {
    case 'year':
      return yearOf(date.getUTCFullYear())
    case 'half':
      return halfOf(day.year, month <= 6 ? 1 : 2)
    case 'quarter':
      return quarterOf(day.year, Math.ceil(month / 3))
    case 'month':
      return monthOf(day.year, month)
    case 'week':
      return weekFrom(day)
    case 'day':
      return day
  }
}

/** Equal for equal periods, so that maps can hold them. */
export const periodKey = (period: Period): string => `${period.year ?? ''}:${period.firstDay}:${period.lastDay}`

export const samePeriod = (a: Period, b: Period): boolean =>
  a.year === b.year && a.firstDay === b.firstDay && a.lastDay === b.lastDay

/**
 * True when `inner` lies wholly in `outer`. A period without a year is in, or contains, each year's:
 * October 2023 is in "October" and in "Q4".
 */
export function contains(outer: Period, inner: Period): boolean {
  if (outer.year !== null && inner.year !== null) {
    return outer.firstDay <= inner.firstDay && inner.lastDay <= outer.lastDay
  }
  if (outer.grain === 'week' || inner.grain === 'week') return outer.grain === inner.grain && outer.part === inner.part
  const [a, b] = [yearless(outer), yearless(inner)]
  return a.firstDay <= b.firstDay && b.lastDay <= a.lastDay
}

function yearless(period: Period): Period {
  if (period.year === null) return period
  const first = new Date(period.firstDay * dayMs)
  const last = new Date(period.lastDay * dayMs)
  return {
    ...period,
    year: null,
    firstDay: daysSinceEpoch(nominalYear, first.getUTCMonth() + 1, first.getUTCDate()),
    lastDay: daysSinceEpoch(nominalYear, last.getUTCMonth() + 1, last.getUTCDate()),
  }
}

/** Orders by time, longer periods first where two start together. */
export const comparePeriods = (a: Period, b: Period): number => a.firstDay - b.firstDay || b.lastDay - a.lastDay

const monthWords = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** In words for a label: "2023", "Q4 2023", "Oct 2023", "week of 2023-10-02", "2023-10-05". */
export function periodLabel(period: Period): string {
  const year = period.year === null ? '' : ` ${period.year}`
  const iso = (): string => new Date(period.firstDay * dayMs).toISOString().slice(0, 10)
  switch (period.grain) {
    case 'year':
      return String(period.year)
    case 'half':
      return `H${period.part}${year}`
    case 'quarter':
      return `Q${period.part}${year}`
    case 'month': {
      const name = monthWords[new Date(period.firstDay * dayMs).getUTCMonth()] ?? ''
      return period.year === null ? name : `${name.slice(0, 3)}${year}`
    }
    case 'week':
      return `week of ${iso()}`
    case 'day':
      return period.year === null ? iso().slice(5) : iso()
  }
}

/** Month names of the languages a person may ask in, without accents and in lower case, to 1 … 12. */
const months: ReadonlyMap<string, number> = new Map(
  [
    'january jan januar janvier enero',
    'february feb februar fevrier febrero',
    'march mar marz mars marzo maerz',
    'april apr avril abril',
    'may mai mayo',
    'june jun juni juin junio',
    'july jul juli juillet julio',
    'august aug aout agosto',
    'september sep sept septembre septiembre',
    'october oct oktober okt octobre octubre',
    'november nov novembre noviembre',
    'december dec dezember dez decembre diciembre',
  ].flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
)

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  '1st': 1,
  second: 2,
  '2nd': 2,
  third: 3,
  '3rd': 3,
  fourth: 4,
  '4th': 4,
  final: 4,
  last: 4,
}

const plain = (word: string): string => word.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** Two digits are of this century; "FY23" is 2023. */
const fullYear = (digits: string): number => (digits.length === 2 ? 2000 + Number(digits) : Number(digits))

type Reader = (match: RegExpMatchArray) => Period | null

const year4 = '(?:19|20)\\d{2}'
const word = '[\\p{L}]{3,10}'
const edge = '(?<![\\p{L}\\p{N}.,])'
const edgeEnd = '(?![\\p{L}\\p{N}]|[.,]\\d)'

function monthNamed(name: string | undefined, year: string | undefined): Period | null {
  const month = months.get(plain(name ?? ''))
  return month === undefined ? null : monthOf(year === undefined ? null : Number(year), month)
}

function dayNamed(day: string | undefined, name: string | undefined, year: string | undefined): Period | null {
  const month = months.get(plain(name ?? ''))
  return month === undefined ? null : dayOf(year === undefined ? null : Number(year), month, Number(day))
}

const partOf = (grain: string, year: number | null, part: number): Period =>
  /^[qt]/i.test(grain) ? quarterOf(year, part) : halfOf(year, part)

/** Tried in this order at each place, so that the longest reading wins. */
const forms: readonly (readonly [RegExp, Reader])[] = (
  [
    [`week (?:of|from|starting|beginning) (${year4})-(\\d{2})-(\\d{2})`, (m) => checkedWeek(m[1], m[2], m[3])],
    [
      `(${year4})-(\\d{2})-(\\d{2})(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?`,
      (m) => checkedDay(m[1], m[2], m[3]),
    ],
    [`(\\d{1,2})/(\\d{1,2})/(${year4})`, (m) => checkedDay(m[3], m[1], m[2]) ?? checkedDay(m[3], m[2], m[1])],
    [`(\\d{1,2})\\.(\\d{1,2})\\.(${year4})`, (m) => checkedDay(m[3], m[2], m[1])],
    [
      `(${year4})-?W(\\d{2})`,
      (m) => (Number(m[2]) >= 1 && Number(m[2]) <= 53 ? weekOf(Number(m[1]), Number(m[2])) : null),
    ],
    [`(?:FY ?)?(${year4})[-/ ]?([QH])([1-4])`, (m) => checkedPart(m[2], m[1], m[3])],
    [`([QTH])([1-4])(?:[-/ ]| of )?(?:FY ?)?(${year4})`, (m) => checkedPart(m[1], m[3], m[2])],
    [`([QH])([1-4]) ?(?:['’]|FY ?)(\\d{2})`, (m) => checkedPart(m[1], m[3], m[2])],
    [
      `(first|second|third|fourth|final|last|1st|2nd|3rd|4th) (quarter|half)(?: (?:of )?(?:FY ?)?(${year4}))?`,
      (m) => checkedPart(m[2]?.startsWith('h') ? 'H' : 'Q', m[3], String(ordinals[m[1]?.toLowerCase() ?? ''] ?? 0)),
    ],
    [`(${word})\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (${year4})`, (m) => dayNamed(m[2], m[1], m[3])],
    [
      `(\\d{1,2})(?:st|nd|rd|th|\\.)? (?:of |de )?(${word})\\.?,? (?:de )?(${year4})`,
      (m) => dayNamed(m[1], m[2], m[3]),
    ],
    [`(${word})\\.?,? (?:of |de )?(${year4})`, (m) => monthNamed(m[1], m[2])],
    [`(${year4})[ -](${word})`, (m) => monthNamed(m[2], m[1])],
    [`(${year4})[-/](0[1-9]|1[0-2])`, (m) => monthOf(Number(m[1]), Number(m[2]))],
    [`(0[1-9]|1[0-2])/(${year4})`, (m) => monthOf(Number(m[2]), Number(m[1]))],
    [`(${word}) (\\d{1,2})(?:st|nd|rd|th)?`, (m) => dayNamed(m[2], m[1], undefined)],
    [`(\\d{1,2})(?:st|nd|rd|th|\\.)? (?:of )?(${word})`, (m) => dayNamed(m[1], m[2], undefined)],
    [`FY ?['’]?(\\d{4}|\\d{2})`, (m) => yearOf(fullYear(m[1] ?? ''))],
    [`([QH])([1-4])`, (m) => checkedPart(m[1], undefined, m[2])],
    [`(${year4})`, (m) => yearOf(Number(m[1]))],
    [`(\\p{Lu}${word.replace('3,10', '2,9')})`, (m) => monthNamed(m[1], undefined)],
  ] as const satisfies readonly (readonly [string, Reader])[]
).map(([source, read]) => [
  new RegExp(`${edge}${source}${edgeEnd}`, source.startsWith('(\\p{Lu}') ? 'uy' : 'iuy'),
  read,
])

function checkedDay(year: string | undefined, month: string | undefined, day: string | undefined): Period | null {
  const value = Number(month)
  return value < 1 || value > 12 ? null : dayOf(Number(year), value, Number(day))
}

/** "Week of 2025-10-13", as {@link periodLabel} writes it. */
function checkedWeek(year: string | undefined, month: string | undefined, day: string | undefined): Period | null {
  const first = checkedDay(year, month, day)
  return first && weekFrom(first)
}

function checkedPart(grain: string | undefined, year: string | undefined, part: string | undefined): Period | null {
  const value = Number(part)
  const most = /^[hH]/.test(grain ?? '') ? 2 : 4
  if (value < 1 || value > most) return null
  return partOf(grain ?? '', year === undefined ? null : fullYear(year), value)
}

/** All periods in a text, left to right, not overlapping. A bare year such as 2023 is one: the caller knows better when it is a count. */
export function findPeriods(text: string): FoundPeriod[] {
  const found: FoundPeriod[] = []
  const starts = /[\p{L}\p{N}]+/gu
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const hit = readAt(text, match.index)
    if (!hit) continue
    found.push(hit)
    starts.lastIndex = hit.end
  }
  return found
}

function readAt(text: string, at: number): FoundPeriod | null {
  for (const [form, read] of forms) {
    form.lastIndex = at
    const match = form.exec(text)
    const period = match && read(match)
    if (period) return { period, start: at, end: at + match[0].length }
  }
  return null
}

/** The one period that a whole text names, or null. */
export function parsePeriod(text: string): Period | null {
  const trimmed = text.trim()
  if (trimmed.length > 40) return null
  const hit = readAt(trimmed, 0)
  return hit?.end === trimmed.length ? hit.period : null
}
