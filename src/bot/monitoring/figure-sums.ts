import { timerNames, type TimerName } from '../metrics.ts'
import { overBudget } from './budgets.ts'
import { bucketOf, type Histogram } from './histogram.ts'
import { toDollars, toMicroDollars } from './money.ts'
import type { TurnFigures } from './turn-figures.ts'

/** Many turns added up. */
export interface FigureSums {
  readonly turns: number
  /** Turns by how they ended. */
  readonly statuses: Readonly<Record<string, number>>
  /** Turns that did not come to an answer, by error code. */
  readonly errors: Readonly<Record<string, number>>
  readonly costUsd: number
  readonly tokens: { readonly input: number; readonly output: number }
  readonly decks: number
  readonly slides: number
  readonly numbers: { readonly total: number; readonly verified: number }
  readonly retries: number
  readonly times: Readonly<Record<TimerName, Histogram>>
}

/** What one turn adds, by the name of the counter. Nothing is added that is 0. */
export function toCounters(figures: TurnFigures): Readonly<Record<string, number>> {
  const { status, errorCode, tokens, slides, numbers } = figures
  const counters: Record<string, number> = {
    turns: 1,
    [`status:${status}`]: 1,
    ...(errorCode === '' ? {} : { [`error:${errorCode}`]: 1 }),
    cost: toMicroDollars(figures.costUsd),
    'tokens:input': tokens.input,
    'tokens:output': tokens.output,
    decks: slides > 0 ? 1 : 0,
    slides,
    'numbers:total': numbers.total,
    'numbers:verified': numbers.verified,
    retries: figures.retries,
  }
  for (const [name, durations] of Object.entries(figures.times)) {
    for (const ms of durations) {
      const field = `${name}:${bucketOf(ms)}`
      counters[field] = (counters[field] ?? 0) + 1
    }
  }
  return Object.fromEntries(Object.entries(counters).filter(([, add]) => add !== 0))
}

/** Adds up counters as they come from Redis. Names that are not known are passed over: another version wrote them. */
export function addUp(hashes: readonly Readonly<Record<string, string>>[]): FigureSums {
  const totals: Record<string, number> = {}
  for (const hash of hashes) {
    for (const [field, value] of Object.entries(hash)) totals[field] = (totals[field] ?? 0) + Number(value)
  }
  const of = (field: string): number => totals[field] ?? 0
  const withPrefix = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(totals)
        .filter(([field]) => field.startsWith(prefix))
        .map(([field, value]) => [field.slice(prefix.length), value]),
    )
  const histogram = (name: TimerName): Histogram =>
    new Map(Object.entries(withPrefix(`${name}:`)).map(([bucket, count]) => [Number(bucket), count]))
  return {
    turns: of('turns'),
    statuses: withPrefix('status:'),
    errors: withPrefix('error:'),
    costUsd: toDollars(of('cost')),
    tokens: { input: of('tokens:input'), output: of('tokens:output') },
    decks: of('decks'),
    slides: of('slides'),
    numbers: { total: of('numbers:total'), verified: of('numbers:verified') },
    retries: of('retries'),
    times: Object.fromEntries(timerNames.map((name) => [name, histogram(name)])) as Record<TimerName, Histogram>,
  }
}

/** The figures of several platforms, or times, as one. */
export function mergeSums(all: Iterable<FigureSums>): FigureSums {
  const list = [...all]
  const sum = (pick: (sums: FigureSums) => number): number => list.reduce((total, each) => total + pick(each), 0)
  const records = (pick: (sums: FigureSums) => Readonly<Record<string, number>>): Record<string, number> => {
    const merged: Record<string, number> = {}
    for (const each of list) {
      for (const [name, value] of Object.entries(pick(each))) merged[name] = (merged[name] ?? 0) + value
    }
    return merged
  }
  const histograms = (name: TimerName): Histogram => {
    const merged = new Map<number, number>()
    for (const { times } of list) {
      for (const [bucket, count] of times[name]) merged.set(bucket, (merged.get(bucket) ?? 0) + count)
    }
    return merged
  }
  return {
    turns: sum(({ turns }) => turns),
    statuses: records(({ statuses }) => statuses),
    errors: records(({ errors }) => errors),
    costUsd: toDollars(sum(({ costUsd }) => toMicroDollars(costUsd))),
    tokens: { input: sum(({ tokens }) => tokens.input), output: sum(({ tokens }) => tokens.output) },
    decks: sum(({ decks }) => decks),
    slides: sum(({ slides }) => slides),
    numbers: { total: sum(({ numbers }) => numbers.total), verified: sum(({ numbers }) => numbers.verified) },
    retries: sum(({ retries }) => retries),
    times: Object.fromEntries(timerNames.map((name) => [name, histograms(name)])) as Record<TimerName, Histogram>,
  }
}

/**
 * Turns that went as they should, of those that could: what a person stopped, or a budget did not allow, says nothing
 * about us. Undefined where there were none.
 */
export function successRate(sums: FigureSums): number | undefined {
  const judged = judgedTurns(sums)
  return judged === 0 ? undefined : 1 - failedTurns(sums) / judged
}

export function judgedTurns({ turns, statuses, errors }: FigureSums): number {
  return turns - (statuses['stopped'] ?? 0) - (errors[overBudget] ?? 0)
}

export function failedTurns({ statuses }: FigureSums): number {
  return statuses['failed'] ?? 0
}
