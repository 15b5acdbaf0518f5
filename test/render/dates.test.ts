import { describe, expect, it } from 'vitest'
import { dateGrain, formatDate, parseDate } from '../../src/render/dates.ts'

describe('dateGrain', () => {
  it.each([
    ['order_month', ['2023-01-01', '2023-02-01'], 'month'],
    ['quarter', ['2023-01-01'], 'quarter'],
    ['fiscal_year', ['2022-01-01', '2023-01-01'], 'year'],
    ['period', ['2021-01-01', '2022-01-01', '2023-01-01'], 'year'],
    ['period', ['2023-01-01', '2023-04-01', '2023-07-01'], 'quarter'],
    ['period', ['2023-01-01', '2023-02-01', '2023-07-01'], 'month'],
    ['day', ['2023-01-01', '2023-02-01'], 'day'],
    ['month', ['2023-01-15', '2023-02-01'], 'day'],
    ['at', ['2023-01-01T08:30:00Z'], 'minute'],
    ['day', [null], 'day'],
  ] as const)('reads %s with %j as %s', (name, values, grain) => {
    expect(dateGrain(name, values)).toBe(grain)
  })
})

describe('formatDate', () => {
  it.each([
    ['2023-10-01', 'quarter', 'en', 'Q4 2023'],
    ['2023-10-01', 'month', 'de', 'Okt. 2023'],
    ['2023-10-01', 'day', 'en-GB', '1 Oct 2023'],
    ['2023-10-01', 'year', 'ar', '2023'],
    ['2023-10-01T23:30:00+09:00', 'day', 'en', 'Oct 1, 2023'],
    ['soon', 'day', 'en', 'soon'],
  ] as const)('writes %s as %s in %s as %s', (text, grain, language, expected) => {
    expect(formatDate(text, grain, language)).toBe(expected)
  })
})

describe('parseDate', () => {
  it('refuses what only looks like a date', () => {
    expect(['2023-13-01', '2023-00-10', '23-01-01', '2023'].map(parseDate)).toEqual([null, null, null, null])
  })
})
