import type { Redis } from 'ioredis'
import type { Addition } from '../mailbox.ts'
import { addUp, toCounters, type FigureSums } from './figure-sums.ts'
import type { TurnFigures } from './turn-figures.ts'

const minuteMs = 60_000
const hourMs = 3_600_000

/**
 * Figures of ended turns in Redis: a hash of counters for each minute and each hour in which a turn ended, per platform.
 * All processes add to them, and they go by themselves: at most 180 minutes and 35 days of hours are there.
 */
const spans = {
  minute: { ms: minuteMs, keptMs: 3 * hourMs },
  hour: { ms: hourMs, keptMs: 35 * 24 * hourMs },
} as const

const platforms = ['slack', 'teams', 'api', 'cli'] as const

/** What the end of a turn adds to the counters, to be written together with it. `at`: when it ended. */
export function figuresToAdditions(figures: TurnFigures, at: number): readonly Addition[] {
  const counters = toCounters(figures)
  return (['minute', 'hour'] as const).flatMap((span) => {
    const key = keyOf(span, at, figures.platform)
    const ttlMs = spans[span].keptMs + spans[span].ms
    return Object.entries(counters).map(([field, add]) => ({ key, field, add, ttlMs }))
  })
}

/** The figures of a time, by platform. Only platforms with turns are there. */
export type FiguresByPlatform = ReadonlyMap<string, FigureSums>

/**
 * Turns that ended in the last `ms` until `now`. Up to three hours it is exact to the minute, beyond to the hour: the
 * oldest hour counts as far as it belongs to the time asked for, which is rounded down to whole hours.
 */
export async function readFigures(redis: Redis, now: number, ms: number): Promise<FiguresByPlatform> {
  const span = ms <= spans.minute.keptMs ? 'minute' : 'hour'
  const step = spans[span].ms
  const count = Math.max(1, Math.floor(ms / step))
  const instants = Array.from({ length: count }, (_, index) => now - index * step)
  const read = await Promise.all(
    platforms.map(async (platform): Promise<readonly [string, FigureSums]> => {
      const hashes = await Promise.all(instants.map((at) => redis.hgetall(keyOf(span, at, platform))))
      return [platform, addUp(hashes)]
    }),
  )
  return new Map(read.filter(([, sums]) => sums.turns > 0))
}

function keyOf(span: keyof typeof spans, at: number, platform: string): string {
  return `deckhand:figures:${span}:${Math.floor(at / spans[span].ms)}:${platform}`
}
