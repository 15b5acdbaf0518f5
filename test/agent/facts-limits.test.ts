import { describe, expect, it } from 'vitest'
import { buildFactSheet, type FactSheet } from '../../src/agent/facts.ts'
import { groundText } from '../../src/agent/grounding.ts'
import type { Table } from '../../src/render/table.ts'
import { tableOf } from './facts/table-of.ts'

const products = (
  sql: string,
  rows = [
    ['A', '90'],
    ['B', '70'],
    ['C', '40'],
  ],
): Table =>
  tableOf(
    [
      ['product', 'STRING'],
      ['revenue_usd', 'DECIMAL(18,2)'],
    ],
    rows,
    { sql },
  )

const kindsOf = (sheet: FactSheet): string[] => [...new Set(sheet.facts.map((fact) => fact.kind))].toSorted()

describe('buildFactSheet of rows that the query kept', () => {
  it.each([
    ['the best rows', 'SELECT product, SUM(revenue) FROM t GROUP BY 1 ORDER BY 2 DESC LIMIT 3'],
    ['the first rows', 'SELECT product, revenue FROM t ORDER BY 2 DESC FETCH FIRST 3 ROWS ONLY'],
    [
      'ranked rows',
      'SELECT * FROM (SELECT product, ROW_NUMBER() OVER (ORDER BY r DESC) n FROM t) WHERE n <= 3 ORDER BY r DESC',
    ],
    ['groups above a bound', 'SELECT product, SUM(revenue) FROM t GROUP BY 1 HAVING SUM(revenue) > 30 ORDER BY 2 DESC'],
  ])('calls no sum of %s a total and no part of it a share', (_what, sql) => {
    const sheet = buildFactSheet([products(sql)])

    expect(kindsOf(sheet)).toEqual(['cell', 'difference', 'maximum'])
    expect(sheet.facts.find((fact) => fact.kind === 'maximum')?.label).toBe('Highest revenue: A')
    expect(sheet.notes).toEqual([
      'T1 holds only the rows its query keeps, so it has no totals, averages, shares or ranks of the whole.',
    ])
  })

  it('knows the lowest of all when the lowest rows were kept', () => {
    const sheet = buildFactSheet([
      products('SELECT a, b FROM t ORDER BY b LIMIT 3', [
        ['C', '40'],
        ['B', '70'],
        ['A', '90'],
      ]),
    ])

    expect(sheet.facts.filter((fact) => fact.kind.endsWith('mum')).map((fact) => fact.label)).toEqual([
      'Lowest revenue: C',
    ])
  })

  it.each([
    ['a limit that was not reached', 'SELECT product, SUM(revenue) FROM t GROUP BY 1 ORDER BY 2 DESC LIMIT 1000'],
    ['the word limit inside a text', "SELECT product, SUM(revenue) FROM t WHERE note <> 'limit 3' GROUP BY 1"],
    ['a rank that is only shown', 'SELECT product, SUM(revenue), RANK() OVER (ORDER BY 2) FROM t GROUP BY 1'],
  ])('totals as ever with %s', (_what, sql) => {
    const sheet = buildFactSheet([products(sql)])

    expect(sheet.facts.find((fact) => fact.label === 'Total revenue')?.value).toBe('200')
    expect(sheet.notes).toEqual([])
  })
})

describe('buildFactSheet with a period that is still running', () => {
  const quarters = tableOf(
    [
      ['quarter', 'STRING'],
      ['revenue_usd', 'DECIMAL(18,2)'],
    ],
    [
      ['2026-Q1', '80'],
      ['2026-Q2', '100'],
      ['2026-Q3', '120'],
      ['2026-Q4', '30'],
    ],
  )

  it('compares only periods that are over, and calls no running one the lowest', () => {
    const sheet = buildFactSheet([quarters], { today: '2026-11-23' })

    const labels = sheet.facts.filter((fact) => fact.kind !== 'cell').map((fact) => fact.label)
    expect(labels).toContain('Growth of revenue, Q1 2026 to Q3 2026')
    expect(labels.filter((label) => /growth|change|lowest/i.test(label)).join()).not.toContain('Q4 2026')
    expect(sheet.notes).toEqual(['T1: Q4 2026 is not over yet, so it is not compared with earlier periods.'])
  })

  it('compares all once the period is over', () => {
    const sheet = buildFactSheet([quarters], { today: '2027-01-01' })

    expect(sheet.facts.map((fact) => fact.label)).toContain('Growth of revenue, Q3 2026 to Q4 2026')
    expect(sheet.notes).toEqual([])
  })
})

describe('buildFactSheet of a list', () => {
  it('sees no development in rows that merely carry a date', () => {
    const churned = tableOf(
      [
        ['customer', 'STRING'],
        ['mrr_usd', 'DECIMAL(18,2)'],
        ['signup_date', 'DATE'],
      ],
      [
        ['Arbor', '900', '2023-01-14'],
        ['Beacon', '700', '2024-05-02'],
        ['Cedar', '400', '2025-02-28'],
      ],
    )

    const { facts } = buildFactSheet([churned])

    expect(facts.filter((fact) => /growth|change/i.test(fact.label))).toEqual([])
    expect(facts.map((fact) => fact.label)).toContain('Highest MRR: Arbor, 2023-01-14')
  })

  it('names weeks so that sentences about them can be checked', () => {
    const weeks = tableOf(
      [
        ['week', 'DATE'],
        ['revenue_usd', 'DECIMAL(18,2)'],
      ],
      [
        ['2025-10-06', '300'],
        ['2025-10-13', '320'],
        ['2025-10-20', '310'],
      ],
    )
    const sheet = buildFactSheet([weeks])
    const highest = sheet.facts.find((fact) => fact.kind === 'maximum')

    const grounded = groundText(`Week of 2025-10-13 has the highest revenue: {${highest?.id}}`, sheet, [weeks], {
      unverified: 'mark',
      language: 'en',
    })

    expect(grounded.numbers).toEqual({ total: 1, verified: 1 })
  })

  it('takes the size of a list for no claim, and another size for one', () => {
    const orders = products('SELECT product, revenue FROM t ORDER BY 2 DESC LIMIT 3')
    const sheet = buildFactSheet([orders])
    const check = (text: string): number =>
      groundText(text, sheet, [orders], { unverified: 'mark', language: 'en', question: 'the biggest ones' }).problems
        .length

    expect(check('The 3 biggest products')).toBe(0)
    expect(check('The 7 biggest products')).toBe(1)
  })
})
