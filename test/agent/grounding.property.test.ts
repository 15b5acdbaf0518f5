import { describe, expect, it } from 'vitest'
import { buildFactSheet } from '../../src/agent/facts.ts'
import { createGrounder } from '../../src/agent/grounding.ts'
import type { Table } from '../../src/render/table.ts'
import { compare, evaluate, fraction, isRounded } from './facts/formula.ts'
import { type Random, randomFrom, randomTable } from './facts/random.ts'

const seeds = Array.from({ length: 60 }, (_, index) => 1000 + index)

/** A number as a model might write it, with the true one lost on purpose most of the time. */
function someNumber(random: Random, near: string): string {
  const size = Math.abs(Number(near)) || 1
  const value = random.chance(0.4) ? size : size * (0.5 + random.int(1000) / 500)
  switch (random.int(6)) {
    case 0:
      return value.toLocaleString('en', { maximumFractionDigits: random.int(3) })
    case 1:
      return `$${(value / 1e6).toFixed(random.int(3))}M`
    case 2:
      return `$${value.toLocaleString('en', { maximumFractionDigits: 2 })}`
    case 3:
      return `${(value * 100).toFixed(random.int(2))}%`
    case 4:
      return `${(value / 1e3).toFixed(1)}k`
    default:
      return String(Math.round(value))
  }
}

function sentences(random: Random, table: Table, ids: readonly string[]): string {
  const names = [...new Set(table.rows.map((row) => row[0] ?? 'nothing')), 'Atlantis', 'Q1 2019', 'the total']
  const verbs = ['made', 'grew by', 'fell by', 'accounts for', 'reached', 'returned', 'took']
  const nouns = ['in revenue', 'orders', 'of total revenue', 'of orders', '', 'in Q4 2023', 'in EMEA', 'hamsters']
  const cells = table.rows.flat().filter((cell) => cell !== null && /^-?[\d.]+$/.test(cell))
  const number = (): string =>
    random.chance(0.3) ? `{${random.pick(ids)}}` : someNumber(random, random.pick(cells) ?? '1')
  return Array.from(
    { length: 3 },
    () => `${random.pick(names)} ${random.pick(verbs)} ${number()} ${random.pick(nouns)}.`,
  ).join(' ')
}

describe('any text about any table', () => {
  it('shows without a mark only what the lineage formula gives when worked out again from the cells', () => {
    let [shown, marked] = [0, 0]
    for (const seed of seeds) {
      const random = randomFrom(seed)
      const table = randomTable(random)
      const sheet = buildFactSheet([table])
      const grounder = createGrounder({ sheet, tables: [table], unverified: 'mark', language: 'en' })
      const ids = [...sheet.facts.map(({ id }) => id), 'F98765']
      for (let count = 0; count < 10; count += 1) {
        const text = sentences(random, table, ids)
        const grounded = grounder.text(text)
        for (const segment of grounded.text) {
          if (typeof segment === 'string') {
            // What stays plain text holds no digits but those of names and periods of the data
            expect(segment.replaceAll(/\bQ\d 20\d\d\b|\b20\d\d-Q\d\b/g, ''), text).not.toMatch(/\d/)
          } else if ('fact' in segment) {
            const fact = grounded.facts.find(({ id }) => id === segment.fact)
            if (!fact) throw new Error(`${segment.fact} is shown and not among the facts`)
            const exact = evaluate(fact.lineage.formula, table)
            expect(
              isRounded(fact.value, exact) || compare(fraction(fact.value), exact) === 0,
              `${text}: ${fact.label}`,
            ).toBe(true)
            shown += 1
          } else marked += 1
        }
      }
    }
    // Both outcomes are common, so neither is a matter of luck
    expect(shown).toBeGreaterThan(100)
    expect(marked).toBeGreaterThan(1000)
  })

  it('never shows one member in the place of another', () => {
    for (const seed of seeds.slice(0, 25)) {
      const random = randomFrom(seed)
      const table = randomTable(random)
      const sheet = buildFactSheet([table])
      if (table.columns[0]?.name !== 'region') continue
      const grounder = createGrounder({ sheet, tables: [table], unverified: 'mark', language: 'en' })
      const regions = [...new Set(table.rows.map((row) => row[0] ?? ''))]
      const cells = sheet.facts.filter(
        (fact) => ['cell', 'share', 'maximum', 'total'].includes(fact.kind) && fact.lineage.rows.length > 0,
      )
      for (const fact of cells) {
        const own = new Set(fact.lineage.rows.map((row) => table.rows[row]?.[0]))
        if (own.size !== 1) continue
        for (const region of regions) {
          const { text } = grounder.text(`${region} stands at {${fact.id}}`)
          const isShown = text.some((segment) => typeof segment !== 'string' && 'fact' in segment)

          expect(isShown, `${region}: ${fact.label}`).toBe(own.has(region))
        }
      }
    }
  })

  it('verifies every fact under its own label', () => {
    for (const seed of seeds) {
      const table = randomTable(randomFrom(seed))
      const sheet = buildFactSheet([table])
      const grounder = createGrounder({ sheet, tables: [table], unverified: 'mark', language: 'en' })

      const doubted = sheet.facts.flatMap((fact) =>
        grounder.text(`${fact.label}: {${fact.id}}`).problems.map(({ kind }) => `${kind}: ${fact.label}`),
      )
      expect(doubted, `seed ${seed}`).toEqual([])
    }
  })
})
