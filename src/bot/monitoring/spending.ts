import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { localDay, type LocalDay } from '../../lib/local-day.ts'
import type { Addition, Write } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import { decodeThreadId } from '../thread.ts'
import { toDollars, toMicroDollars } from './money.ts'

/** Whose money a turn spends. A workspace is a Slack workspace, a tenant of Teams, or a key of the API. */
export const scopes = ['workspace', 'channel', 'person'] as const
export type Scope = (typeof scopes)[number]

/** What was spent on a day, by all workers, in US dollars. */
export interface Spending {
  /** The day that counts now. */
  today(): LocalDay
  /** What each scope of the message has spent today, running turns included. */
  of(message: IncomingMessage): Promise<Readonly<Record<Scope, number>>>
  /** What a running turn has spent so far, for others to see. To be written under the turn's lease. */
  toRunning(message: IncomingMessage, usd: number): readonly Write[]
  /** What a running turn is known to have spent; 0 when nothing is. */
  running(message: IncomingMessage): Promise<number>
  /** The end of a turn: what it spent in all. To be written together with it, which makes it count once. */
  toEnd(
    message: IncomingMessage,
    usd: number,
  ): { readonly writes: readonly Write[]; readonly additions: readonly Addition[] }
  /** What all together spent on the last `days` days, the newest first. */
  lately(days: number): Promise<readonly { readonly date: string; readonly usd: number }[]>
  /** Everyone who spent something today. */
  everyone(): Promise<readonly Spent[]>
}

export interface Spent {
  readonly scope: Scope
  /** In the platform's own ids: `slack/T0001/C0001`. */
  readonly name: string
  readonly usd: number
}

const dayMs = 86_400_000
const keptMs = 35 * dayMs
const allField = 'all'

/** A hash for each day with what ended turns cost, and one for each scope with what its running turns have cost so far. */
export function createSpending(deps: {
  readonly redis: Redis
  readonly clock: Clock
  /** Where days begin. */
  readonly timeZone: string
}): Spending {
  const { redis, clock, timeZone } = deps
  const today = (): LocalDay => localDay(clock.now(), timeZone)

  return {
    today,
    async of(message) {
      const fields = fieldsOf(message)
      const day = dayKey(today().date)
      const spent = await Promise.all(
        scopes.map(async (scope): Promise<[Scope, number]> => {
          const [ended, running] = await Promise.all([
            redis.hget(day, fields[scope]),
            redis.hvals(runningKey(fields[scope])),
          ])
          return [scope, toDollars(Number(ended ?? 0) + running.reduce((sum, each) => sum + Number(each), 0))]
        }),
      )
      return Object.fromEntries(spent) as Record<Scope, number>
    },

    toRunning(message, usd) {
      const value = String(toMicroDollars(usd))
      return Object.values(fieldsOf(message)).map((field) => ({
        key: runningKey(field),
        field: message.id,
        value,
        ttlMs: dayMs,
      }))
    },

    async running(message) {
      return toDollars(Number((await redis.hget(runningKey(fieldsOf(message).workspace), message.id)) ?? 0))
    },

    toEnd(message, usd) {
      const fields = Object.values(fieldsOf(message))
      const add = toMicroDollars(usd)
      const key = dayKey(today().date)
      const additions = [...fields, allField].map((field) => ({ key, field, add, ttlMs: keptMs }))
      const writes = fields.map((field) => ({ key: runningKey(field), field: message.id, value: null, ttlMs: dayMs }))
      return { writes, additions: add === 0 ? [] : additions }
    },

    async lately(days) {
      const dates = lastDates(clock.now(), days, timeZone)
      const sums = await Promise.all(dates.map((date) => redis.hget(dayKey(date), allField)))
      return dates.map((date, index) => ({ date, usd: toDollars(Number(sums[index] ?? 0)) }))
    },

    async everyone() {
      const fields = await redis.hgetall(dayKey(today().date))
      return Object.entries(fields).flatMap(([field, micro]): Spent[] => {
        const scope = scopes.find((known) => field.startsWith(`${known}:`))
        if (!scope) return []
        const name = field
          .slice(scope.length + 1)
          .split('.')
          .map(decodeURIComponent)
          .join('/')
        return [{ scope, name, usd: toDollars(Number(micro)) }]
      })
    },
  }
}

function dayKey(date: string): string {
  return `deckhand:spend:${date}`
}

function runningKey(field: string): string {
  return `deckhand:spend:running:{${field}}`
}

function fieldsOf(message: IncomingMessage): Readonly<Record<Scope, string>> {
  const { platform, tenant, channel } = decodeThreadId(message.thread)
  const name = (...parts: readonly string[]): string =>
    parts.map((part) => encodeURIComponent(part).replaceAll('.', '%2E')).join('.')
  return {
    workspace: `workspace:${name(platform, tenant)}`,
    channel: `channel:${name(platform, tenant, channel)}`,
    person: `person:${name(platform, tenant, message.user.id)}`,
  }
}

/** The dates of the last days, today first, each once also where a day has 23 or 25 hours. */
function lastDates(now: number, days: number, timeZone: string): readonly string[] {
  const dates: string[] = []
  let { date, endsAt } = localDay(now, timeZone)
  while (dates.length < days) {
    dates.push(date)
    ;({ date, endsAt } = localDay(endsAt - 36 * 3_600_000, timeZone)) // the middle of the day before
  }
  return dates
}
