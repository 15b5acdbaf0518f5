import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout } from 'node:timers/promises'

/** One line of a bench's table. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: 'ms' | '×' | 'KB' | '%' | 'questions' | 'minutes' | 'traces' | 'tokens'
  /** `most`: at or under it is ok; `least`: at or over it. Left out for a figure that promises nothing. */
  readonly budget?: { readonly most: number } | { readonly least: number }
  readonly detail?: string
}

/** Prints the row; false when it is over its budget. */
export function printRow({ what, value, unit, budget, detail }: Row): boolean {
  const ok = budget === undefined || ('most' in budget ? value <= budget.most : value >= budget.least)
  const limit = budget === undefined ? '' : 'most' in budget ? ` (≤ ${budget.most})` : ` (≥ ${budget.least})`
  const shown = unit === '×' || unit === '%' || unit === 'minutes' ? value.toFixed(2) : value.toFixed(0)
  const verdict = budget === undefined ? '—   ' : ok ? 'ok  ' : 'OVER'
  process.stdout.write(`${verdict}  ${what}: ${shown} ${unit}${limit}${detail === undefined ? '' : `  ${detail}`}\n`)
  return ok
}

/** The machine a figure belongs to, and how busy it is. */
export function printMachine(): void {
  const busy = loadavg()[0]?.toFixed(1) ?? '?'
  const model = cpus()[0]?.model ?? 'unknown CPU'
  process.stdout.write(`${model}, ${availableParallelism()} cores, load ${busy}, Node ${process.version}\n\n`)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** A way of doing the same work; it gets the round's number and returns its own figure or has its time taken. */
export type Way = (round: number) => Promise<number | void>

/**
 * The median milliseconds of each way. All ways take their turn in each round, in an order that changes, so that what else
 * the machine does meets all of them; rounds below zero warm up and do not count.
 */
export async function compare<Name extends string>(
  ways: Readonly<Record<Name, Way>>,
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): Promise<Record<Name, number>> {
  const names = Object.keys(ways) as Name[]
  const times = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const name of shuffled(names)) {
      await settle()
      const startedAt = performance.now()
      const own = await ways[name](round)
      if (round >= 0) times.get(name)?.push(own ?? performance.now() - startedAt)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>
}

/** Tabs close and heaps are collected after a job: the next one is not to pay for them. */
async function settle(): Promise<void> {
  await setTimeout(600)
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
}
