import type { Table } from '../../../src/render/table.ts'
import { refinedTableOf } from './table-of.ts'

/** Numbers from a seed, the same on every machine (mulberry32). */
export interface Random {
  /** 0 up to, not including, `below`. */
  int(below: number): number
  pick<T>(items: readonly T[]): T
  chance(probability: number): boolean
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    int,
    pick: (items) => {
      const item = items[int(items.length)]
      if (item === undefined) throw new Error('Cannot pick from nothing')
      return item
    },
    chance: (probability) => next() < probability,
  }
}

const regions = ['EMEA', 'APAC', 'LATAM', 'North America', 'Nordics', 'Iberia', 'DACH']
const products = ['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo']
const quarters = ['2022-Q3', '2022-Q4', '2023-Q1', '2023-Q2', '2023-Q3', '2023-Q4']

/** A table as queries give them: categories, quarters, or both; amounts with cents, counts, rates; gaps and negatives. */
export function randomTable(random: Random, id = 'T1'): Table {
  const shape = random.pick(['region', 'quarter', 'region-quarter', 'region-product'] as const)
  const first = shape === 'quarter' ? quarters.slice(random.int(4)) : regions.slice(0, 2 + random.int(5))
  const second = shape === 'region-quarter' ? quarters.slice(2 + random.int(2)) : products.slice(0, 2 + random.int(3))
  const pairs = first.flatMap((name) =>
    shape === 'region' || shape === 'quarter' ? [[name]] : second.map((other) => [name, other]),
  )
  const kept = pairs.filter(() => !random.chance(0.05))
  const names = {
    region: ['region'],
    quarter: ['quarter'],
    'region-quarter': ['region', 'quarter'],
    'region-product': ['region', 'product'],
  }[shape]
  const amount = (): string | null => {
    if (random.chance(0.04)) return null
    const cents = random.chance(0.05) ? 0 : random.int(10 ** (3 + random.int(8)))
    const sign = random.chance(0.06) ? '-' : ''
    return `${cents === 0 ? '' : sign}${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
  }
  const rows = kept.map((labels) => [
    ...labels,
    amount(),
    random.chance(0.04) ? null : String(random.int(100_000)),
    random.chance(0.04) ? null : (random.int(10_000) / 10_000).toFixed(4),
  ])
  return refinedTableOf(
    [
      ...names.map((name) => [name, 'STRING'] as const),
      ['revenue_usd', 'DECIMAL(18,2)'],
      ['orders', 'BIGINT'],
      ['return_rate', 'DOUBLE'],
    ],
    rows,
    { id },
  )
}
