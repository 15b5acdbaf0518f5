import {
  addDays,
  addMonths,
  type Day,
  halfPeriod,
  monthPeriod,
  type Period,
  quarterPeriod,
  rangePeriod,
  unitAt,
  yearOf,
} from '../../calendar.ts'

/** A time as it was written: complete, or a month, quarter or half that still needs a year. */
export type Atom =
  /** `relative`: counted from today, with this word, such as the "previous" of "previous year". */
  | { readonly kind: 'whole'; readonly period: Period; readonly relative?: string }
  | { readonly kind: 'part'; readonly unit: 'month' | 'quarter' | 'half'; readonly index: number }
  | { readonly kind: 'date'; readonly month: number; readonly day: number }

/** What was matched, and how many tokens it takes up. */
export type Found<T> = { readonly value: T; readonly length: number }

/** An atom that needs nothing more. */
export const whole = (period: Period, length: number, relative?: string): Found<Atom> => ({
  value: { kind: 'whole', period, ...(relative === undefined ? {} : { relative }) },
  length,
})

/** The part of a time that has passed. */
export function cut(period: Period, today: Day): Period {
  return period.to <= today ? period : rangePeriod(period.from, today, `${period.label} to date`)
}

/** Where a part of a year takes its year from when it has none of its own. */
export interface YearHints {
  readonly today: Day
  /** The year talked about before. */
  readonly year?: number
}

/** Fills in the year of a part: the hinted one, else the latest that has begun. */
export function completeAtom(atom: Atom, hints: YearHints): Period {
  if (atom.kind === 'whole') return atom.period
  const make = (year: number): Period => {
    if (atom.kind === 'date') {
      const last = Number(addDays(addMonths(monthPeriod(year, atom.month).from, 1), -1).slice(8))
      return unitAt(
        'day',
        `${year}-${String(atom.month).padStart(2, '0')}-${String(Math.min(atom.day, last)).padStart(2, '0')}`,
      )
    }
    if (atom.unit === 'month') return monthPeriod(year, atom.index)
    return atom.unit === 'quarter' ? quarterPeriod(year, atom.index) : halfPeriod(year, atom.index)
  }
  if (hints.year !== undefined) return make(hints.year)
  const thisYear = make(yearOf(hints.today))
  return thisYear.from <= hints.today ? thisYear : make(yearOf(hints.today) - 1)
}

/** Whether two atoms are of one kind, so that one may lend the other its year: "Q1 and Q2 2023". */
export function sameKind(a: Atom, b: Atom): boolean {
  const kind = (atom: Atom): string =>
    atom.kind === 'whole' ? atom.period.unit : atom.kind === 'date' ? 'day' : atom.unit
  return kind(a) === kind(b)
}
