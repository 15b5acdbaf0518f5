import { describe, expect, it } from 'vitest'
import { isTimeZone, localDay } from '../../src/lib/local-day.ts'

const dayAt = (instant: string, zone: string): [string, string] => {
  const { date, endsAt } = localDay(Date.parse(instant), zone)
  return [date, new Date(endsAt).toISOString()]
}

describe('localDay', () => {
  it('is the day of a place, and ends at its midnight', () => {
    expect(dayAt('2026-11-23T23:30:00Z', 'UTC')).toEqual(['2026-11-23', '2026-11-24T00:00:00.000Z'])
    expect(dayAt('2026-11-23T23:30:00Z', 'Europe/Zurich')).toEqual(['2026-11-24', '2026-11-24T23:00:00.000Z'])
    expect(dayAt('2026-11-23T23:30:00Z', 'Asia/Kathmandu')).toEqual(['2026-11-24', '2026-11-24T18:15:00.000Z'])
    expect(dayAt('2026-11-24T00:00:00Z', 'UTC')).toEqual(['2026-11-24', '2026-11-25T00:00:00.000Z'])
  })

  it('has 23 or 25 hours where clocks change, and may begin at one o’clock', () => {
    expect(dayAt('2026-03-28T23:30:00Z', 'Europe/Zurich')).toEqual(['2026-03-29', '2026-03-29T22:00:00.000Z'])
    expect(dayAt('2026-10-24T22:30:00Z', 'Europe/Zurich')).toEqual(['2026-10-25', '2026-10-25T23:00:00.000Z'])
    // Chile puts its clocks forward at midnight: the 6th begins at one o’clock.
    expect(dayAt('2026-09-06T03:59:59Z', 'America/Santiago')).toEqual(['2026-09-05', '2026-09-06T04:00:00.000Z'])
  })
})

describe('isTimeZone', () => {
  it('knows the names of the world’s time zones, and nothing else', () => {
    expect(['UTC', 'Europe/Zurich', 'America/Argentina/Ushuaia'].map(isTimeZone)).toEqual([true, true, true])
    expect(['', 'Zurich', 'Mars/Olympus'].map(isTimeZone)).toEqual([false, false, false])
  })
})
