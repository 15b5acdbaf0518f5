import { describe, expect, it } from 'vitest'
import { buildFactSheet } from '../../src/agent/facts.ts'
import { compare, evaluate, fraction, isRounded } from './facts/formula.ts'
import { randomFrom, randomTable } from './facts/random.ts'

const seeds = Array.from({ length: 150 }, (_, index) => index + 1)

describe('the facts of any table', () => {
  it('have the value that their formula gives when worked out again from the cells', () => {
    const kinds = new Map<string, number>()
    for (const seed of seeds) {
      const table = randomTable(randomFrom(seed))
      for (const fact of buildFactSheet([table], { max: 1000 }).facts) {
        const exact = evaluate(fact.lineage.formula, table)
        const isQuotient = ['average', 'share', 'growth', 'contribution'].includes(fact.kind)
        const agrees = isQuotient ? isRounded(fact.value, exact) : compare(fraction(fact.value), exact) === 0

        expect(agrees, `seed ${seed}: ${fact.label} = ${fact.value}, formula ${fact.lineage.formula}`).toBe(true)
        kinds.set(fact.kind, (kinds.get(fact.kind) ?? 0) + 1)
      }
    }
    // The tables are varied enough to have put every kind to the test
    expect([...kinds.keys()].toSorted()).toEqual([
      'average',
      'cell',
      'contribution',
      'count',
      'difference',
      'growth',
      'maximum',
      'minimum',
      'missing',
      'outlier',
      'rank',
      'share',
      'total',
    ])
  })

  it('total exactly what the cells add up to, to the last cent', () => {
    for (const seed of seeds) {
      const table = randomTable(randomFrom(seed))
      const index = table.columns.findIndex(({ name }) => name === 'revenue_usd')
      const cents = table.rows.reduce((sum, row) => sum + BigInt((row[index] ?? '0.00').replace('.', '')), 0n)
      const total = buildFactSheet([table]).facts.find(({ label }) => label === 'Total revenue')
      const present = table.rows.filter((row) => row[index] !== null).length

      if (present < 2) expect(total).toBeUndefined()
      else
        expect(fraction(total?.value ?? ''), `seed ${seed}`).toSatisfy(
          (value: ReturnType<typeof fraction>) => compare(value, { over: cents, under: 100n }) === 0,
        )
    }
  })

  it('are about rows that exist, and each label is said once', () => {
    for (const seed of seeds) {
      const table = randomTable(randomFrom(seed))
      const { facts } = buildFactSheet([table], { max: 1000 })

      expect(facts.flatMap(({ lineage }) => lineage.rows).every((row) => row >= 0 && row < table.rows.length)).toBe(
        true,
      )
      expect(new Set(facts.map(({ label }) => label)).size, `seed ${seed}`).toBe(facts.length)
    }
  })
})
