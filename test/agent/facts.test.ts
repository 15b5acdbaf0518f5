import { describe, expect, it } from 'vitest'
import { buildFactSheet, describeFacts } from '../../src/agent/facts.ts'
import type { Fact } from '../../src/render/fact.ts'
import type { Table } from '../../src/render/table.ts'
import { tableOf } from './facts/table-of.ts'

const factsOf = (table: Table, max = 1000): readonly Fact[] => buildFactSheet([table], { max }).facts
const valueOf = (table: Table, label: string): string | undefined =>
  factsOf(table).find((fact) => fact.label === label)?.value
const labelsOf = (table: Table, kind: Fact['kind']): string[] =>
  factsOf(table)
    .filter((fact) => fact.kind === kind)
    .map(({ label }) => label)

const byRegion = (
  rows: readonly (readonly (string | null)[])[],
  name = 'revenue_usd',
  vendorType = 'DECIMAL(18,2)',
): Table =>
  tableOf(
    [
      ['region', 'STRING'],
      [name, vendorType],
    ],
    rows,
  )
const byQuarter = (
  rows: readonly (readonly (string | null)[])[],
  name = 'revenue_usd',
  vendorType = 'DECIMAL(18,2)',
): Table =>
  tableOf(
    [
      ['quarter', 'STRING'],
      [name, vendorType],
    ],
    rows,
  )

describe('buildFactSheet on categories', () => {
  const table = byRegion([
    ['EMEA', '30.10'],
    ['APAC', '60.20'],
    ['LATAM', '9.70'],
  ])

  it('computes totals, averages, extremes, values, shares, ranks and leads, each with its lineage', () => {
    expect(
      factsOf(table).map(({ id, kind, label, value, unit, lineage }) => [
        id,
        kind,
        label,
        value,
        unit.kind,
        lineage.rows,
        lineage.formula,
      ]),
    ).toMatchInlineSnapshot(`
      [
        [
          "F1",
          "total",
          "Total revenue",
          "100",
          "currency",
          [],
          "sum(revenue_usd)",
        ],
        [
          "F2",
          "average",
          "Average revenue per region",
          "33.333333",
          "currency",
          [],
          "avg(revenue_usd)",
        ],
        [
          "F3",
          "maximum",
          "Highest revenue: APAC",
          "60.2",
          "currency",
          [
            1,
          ],
          "max(revenue_usd)",
        ],
        [
          "F4",
          "minimum",
          "Lowest revenue: LATAM",
          "9.7",
          "currency",
          [
            2,
          ],
          "min(revenue_usd)",
        ],
        [
          "F5",
          "cell",
          "Revenue, EMEA",
          "30.10",
          "currency",
          [
            0,
          ],
          "revenue_usd[EMEA]",
        ],
        [
          "F6",
          "cell",
          "Revenue, APAC",
          "60.20",
          "currency",
          [
            1,
          ],
          "revenue_usd[APAC]",
        ],
        [
          "F7",
          "cell",
          "Revenue, LATAM",
          "9.70",
          "currency",
          [
            2,
          ],
          "revenue_usd[LATAM]",
        ],
        [
          "F8",
          "share",
          "Share of total revenue, APAC",
          "0.602",
          "ratio",
          [
            1,
          ],
          "revenue_usd[APAC] / sum(revenue_usd)",
        ],
        [
          "F9",
          "share",
          "Share of total revenue, EMEA",
          "0.301",
          "ratio",
          [
            0,
          ],
          "revenue_usd[EMEA] / sum(revenue_usd)",
        ],
        [
          "F10",
          "share",
          "Share of total revenue, LATAM",
          "0.097",
          "ratio",
          [
            2,
          ],
          "revenue_usd[LATAM] / sum(revenue_usd)",
        ],
        [
          "F11",
          "rank",
          "Rank by revenue, APAC",
          "1",
          "plain",
          [
            1,
          ],
          "rank(revenue_usd[APAC])",
        ],
        [
          "F12",
          "rank",
          "Rank by revenue, EMEA",
          "2",
          "plain",
          [
            0,
          ],
          "rank(revenue_usd[EMEA])",
        ],
        [
          "F13",
          "rank",
          "Rank by revenue, LATAM",
          "3",
          "plain",
          [
            2,
          ],
          "rank(revenue_usd[LATAM])",
        ],
        [
          "F14",
          "difference",
          "Revenue, APAC ahead of EMEA",
          "30.1",
          "currency",
          [
            1,
            0,
          ],
          "(revenue_usd[APAC] - revenue_usd[EMEA])",
        ],
        [
          "F15",
          "difference",
          "Revenue, APAC ahead of LATAM",
          "50.5",
          "currency",
          [
            1,
            2,
          ],
          "(revenue_usd[APAC] - revenue_usd[LATAM])",
        ],
        [
          "F16",
          "count",
          "Number of different regions",
          "3",
          "count",
          [],
          "count(distinct region)",
        ],
        [
          "F17",
          "count",
          "Number of rows in the result",
          "3",
          "count",
          [],
          "count(*)",
        ],
      ]
    `)
  })

  it('keeps money exact where floating point would not', () => {
    const cents = byRegion([
      ['A', '0.10'],
      ['B', '0.20'],
      ['C', '9007199254740993.07'],
    ])

    expect(valueOf(cents, 'Total revenue')).toBe('9007199254740993.37')
  })

  it('gives equal values the same rank, and names all that share an extreme', () => {
    const tied = byRegion([
      ['A', '5'],
      ['B', '5'],
      ['C', '1'],
    ])

    expect(valueOf(tied, 'Rank by revenue, B')).toBe('1')
    expect(valueOf(tied, 'Rank by revenue, C')).toBe('3')
    expect(labelsOf(tied, 'maximum')).toEqual(['Highest revenue: A and B'])
  })

  it('adds up neither a line that is a total itself nor takes it for a region', () => {
    const rolledUp = byRegion([
      ['EMEA', '30'],
      ['APAC', '60'],
      ['Total', '90'],
    ])

    expect(valueOf(rolledUp, 'Total revenue')).toBe('90')
    expect(valueOf(rolledUp, 'Number of different regions')).toBe('2')
    expect(labelsOf(rolledUp, 'maximum')).toEqual(['Highest revenue: APAC'])
  })

  it.each([
    ['return_rate', 'DOUBLE'],
    ['discount_pct', 'DOUBLE'],
    ['avg_order_value_usd', 'DECIMAL(18,2)'],
    ['unit_price_usd', 'DECIMAL(18,2)'],
    ['median_delivery_days', 'DOUBLE'],
    ['nps_score', 'INT'],
    ['revenue_per_customer', 'DOUBLE'],
    ['unique_visitors', 'BIGINT'],
  ])('never adds up %s', (name, vendorType) => {
    const rates = byRegion(
      [
        ['A', '0.2'],
        ['B', '0.3'],
        ['C', '0.4'],
      ],
      name,
      vendorType,
    )

    expect(labelsOf(rates, 'total')).toEqual([])
    expect(labelsOf(rates, 'share')).toEqual([])
    expect(labelsOf(rates, 'maximum')).toHaveLength(1)
  })

  it('takes no shares of values below zero, nor of nothing', () => {
    expect(
      labelsOf(
        byRegion([
          ['A', '5'],
          ['B', '-5'],
          ['C', '9'],
        ]),
        'share',
      ),
    ).toEqual([])
    expect(
      labelsOf(
        byRegion([
          ['A', '0'],
          ['B', '0'],
        ]),
        'share',
      ),
    ).toEqual([])
  })

  it('counts what is missing, leaves it out of averages, and says where it is', () => {
    const gaps = byRegion([
      ['A', '4'],
      ['B', null],
      ['C', '6'],
      [null, '2'],
    ])
    const missing = factsOf(gaps).filter(({ kind }) => kind === 'missing')

    expect(missing.map(({ label, value, lineage }) => [label, value, lineage.rows])).toEqual([
      ['Rows without revenue', '1', [1]],
      ['Rows without region', '1', [3]],
    ])
    expect(valueOf(gaps, 'Average revenue per region')).toBe('4')
  })

  it('finds an outlier among enough rows by the median, not by the mean it distorts', () => {
    const rows = ['10', '11', '12', '9', '10', '11', '10', '950'].map((value, index) => [`R${index}`, value])

    expect(labelsOf(byRegion(rows), 'outlier')).toEqual(['Unusually high revenue, R7'])
    expect(labelsOf(byRegion(rows.slice(2)), 'outlier')).toEqual([])
  })

  it('says years, months and ids nothing but what they are', () => {
    const sales = tableOf(
      [
        ['customer_id', 'BIGINT'],
        ['year', 'INT'],
        ['orders', 'BIGINT'],
      ],
      [
        ['17', '2022', '5'],
        ['18', '2023', '7'],
      ],
    )

    expect(labelsOf(sales, 'total')).toEqual(['Total orders'])
    expect(factsOf(sales).some(({ lineage }) => lineage.columns[0] === 'customer_id')).toBe(false)
  })
})

describe('buildFactSheet over time', () => {
  const year = [
    ['2022-Q4', '90'],
    ['2023-Q1', '100'],
    ['2023-Q2', '110'],
    ['2023-Q3', '105'],
    ['2023-Q4', '120'],
  ]

  it('compares each period with the one before, with the first, and with the same a year earlier', () => {
    expect(labelsOf(byQuarter(year), 'growth')).toEqual([
      'Growth of revenue, Q3 2023 to Q4 2023',
      'Growth of revenue, Q4 2022 to Q4 2023',
      'Growth of revenue, Q2 2023 to Q3 2023',
      'Growth of revenue, Q1 2023 to Q2 2023',
      'Growth of revenue, Q4 2022 to Q1 2023',
    ])
    expect(valueOf(byQuarter(year), 'Growth of revenue, Q4 2022 to Q4 2023')).toBe('0.333333')
    expect(valueOf(byQuarter(year), 'Change in revenue, Q2 2023 to Q3 2023')).toBe('-5')
  })

  it('puts periods in order however the rows come', () => {
    const shuffled = byQuarter([year[3], year[0], year[4], year[2], year[1]].map((row) => row ?? []))

    expect(labelsOf(shuffled, 'growth')).toEqual(labelsOf(byQuarter(year), 'growth'))
  })

  it('speaks of no growth from zero or from below, only of the difference', () => {
    const loss = byQuarter(
      [
        ['2023-Q1', '-10'],
        ['2023-Q2', '0'],
        ['2023-Q3', '5'],
      ],
      'profit_eur',
    )

    expect(labelsOf(loss, 'growth')).toEqual([])
    expect(valueOf(loss, 'Change in profit, Q1 2023 to Q3 2023')).toBe('15')
  })

  it('tells changes of rates in percentage points and never as growth', () => {
    const churn = byQuarter(
      [
        ['2023-Q1', '0.12'],
        ['2023-Q2', '0.09'],
      ],
      'churn_rate',
      'DOUBLE',
    )
    const percent = byQuarter(
      [
        ['2023-Q1', '12.5'],
        ['2023-Q2', '9'],
      ],
      'churn_pct',
      'DOUBLE',
    )

    expect(labelsOf(churn, 'growth')).toEqual([])
    expect(valueOf(churn, 'Change in churn rate, Q1 2023 to Q2 2023, in percentage points')).toBe('-3')
    expect(valueOf(percent, 'Change in churn, Q1 2023 to Q2 2023, in percentage points')).toBe('-3.5')
  })

  it.each([
    ['dates that start months', 'DATE', 'month', ['2023-10-01', '2023-11-01'], 'Oct 2023 to Nov 2023'],
    [
      'timestamps that start quarters',
      'TIMESTAMP',
      'quarter',
      ['2023-07-01T00:00:00Z', '2023-10-01T00:00:00Z'],
      'Q3 2023 to Q4 2023',
    ],
    ['days', 'DATE', 'day', ['2023-10-03', '2023-10-05'], '2023-10-03 to 2023-10-05'],
    ['year and month in one number', 'INT', 'month', ['202310', '202311'], 'Oct 2023 to Nov 2023'],
    ['years', 'INT', 'year', ['2022', '2023'], '2022 to 2023'],
    ['months in words', 'STRING', 'month', ['October 2023', 'Nov 2023'], 'Oct 2023 to Nov 2023'],
    ['weeks', 'STRING', 'week', ['2023-W40', '2023-W41'], 'week of 2023-10-02 to week of 2023-10-09'],
    ['fiscal years', 'STRING', 'fiscal_year', ['FY22', 'FY2023'], '2022 to 2023'],
  ])('reads %s', (_, vendorType, name, [first = '', second = ''], span) => {
    const table = tableOf(
      [
        [name, vendorType],
        ['orders', 'BIGINT'],
      ],
      [
        [first, '4'],
        [second, '5'],
      ],
    )

    expect(labelsOf(table, 'growth')).toEqual([`Growth of orders, ${span}`])
  })

  it('puts year and quarter columns together', () => {
    const table = tableOf(
      [
        ['year', 'INT'],
        ['quarter', 'INT'],
        ['orders', 'BIGINT'],
      ],
      [
        ['2022', '4', '4'],
        ['2023', '4', '6'],
        ['2023', '3', '5'],
      ],
    )

    expect(valueOf(table, 'Growth of orders, Q3 2023 to Q4 2023')).toBe('0.2')
    expect(valueOf(table, 'Growth of orders, Q4 2022 to Q4 2023')).toBe('0.5')
  })

  it('follows categories and what each contributed, when they moved the same way', () => {
    const rows = (latest: string): (string | null)[][] => [
      ['EMEA', '2023-Q3', '100'],
      ['EMEA', '2023-Q4', '160'],
      ['APAC', '2023-Q3', '200'],
      ['APAC', '2023-Q4', latest],
    ]
    const columns = [
      ['region', 'STRING'],
      ['quarter', 'STRING'],
      ['signups', 'BIGINT'],
    ] as const
    const together = tableOf(columns, rows('240'))

    expect(valueOf(together, 'Growth of signups, EMEA, Q3 2023 to Q4 2023')).toBe('0.6')
    expect(valueOf(together, 'Change in total signups, Q3 2023 to Q4 2023')).toBe('100')
    expect(valueOf(together, 'Part of the change in total signups that came from EMEA, Q3 2023 to Q4 2023')).toBe('0.6')
    expect(labelsOf(tableOf(columns, rows('150')), 'contribution')).toEqual([])
  })

  it('adds a stock up across regions but not across months', () => {
    const table = tableOf(
      [
        ['region', 'STRING'],
        ['month', 'STRING'],
        ['mrr_usd', 'DECIMAL(18,2)'],
      ],
      [
        ['EMEA', '2023-10', '10'],
        ['APAC', '2023-10', '20'],
        ['EMEA', '2023-11', '12'],
        ['APAC', '2023-11', '21'],
      ],
    )

    expect(labelsOf(table, 'total')).toEqual(['Total MRR, Oct 2023', 'Total MRR, Nov 2023'])
  })
})

describe('buildFactSheet at the edges', () => {
  it('makes no totals, averages, shares, ranks or extremes of a table that is cut off, and says so', () => {
    const cut = {
      ...byRegion([
        ['A', '5'],
        ['B', '7'],
        ['C', '9'],
      ]),
      truncated: true,
      totalRowCount: 12_000,
    }
    const sheet = buildFactSheet([cut])

    expect(new Set(sheet.facts.map(({ kind }) => kind))).toEqual(new Set(['cell']))
    expect(sheet.notes).toEqual([
      'T1 is cut off: 3 of 12000 rows are here, so it has no totals, averages, shares, ranks or extremes.',
    ])
  })

  it.each([
    ['no rows', [], 0],
    ['one row', [['A', '5']], 1],
    [
      'nothing but gaps',
      [
        ['A', null],
        ['B', null],
      ],
      3,
    ],
    [
      'cells that are no numbers',
      [
        ['A', 'NaN'],
        ['B', ''],
      ],
      3,
    ],
  ])('is at ease with %s', (_, rows, count) => {
    expect(factsOf(byRegion(rows))).toHaveLength(count)
  })

  it('gives a single value its bare name', () => {
    const single = tableOf([['total_customers', 'BIGINT']], [['48210']])

    expect(factsOf(single).map(({ label, value }) => [label, value])).toEqual([['Total customers', '48210']])
  })

  it('keeps labels apart when rows look alike', () => {
    const twice = byRegion([
      ['A', '5'],
      ['A', '7'],
    ])

    expect(labelsOf(twice, 'cell')).toEqual(['Revenue, A, row 1', 'Revenue, A, row 2'])
  })

  it('keeps what matters most when there is room for little, and no table is forgotten', () => {
    const rows = Array.from({ length: 50 }, (_, index) => [`R${index}`, String(index)])
    const other = {
      ...byQuarter([
        ['2023-Q1', '5'],
        ['2023-Q2', '7'],
      ]),
      id: 'T2',
    }
    const sheet = buildFactSheet([byRegion(rows), other], { max: 12, startAt: 31 })

    expect(sheet.facts.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => `F${31 + index}`))
    expect(sheet.facts.filter(({ lineage }) => lineage.tableId === 'T1').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['total', 'maximum', 'minimum']),
    )
    expect(sheet.facts.filter(({ lineage }) => lineage.tableId === 'T2').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['total', 'growth']),
    )
    expect(sheet.notes.at(-1)).toMatch(/^\d+ finer facts were left out for length\.$/)
  })

  it('of a long table tells the top, the bottom and the whole, in a bounded number of facts', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => [`R${index}`, String((index * 7919) % 5003)])
    const facts = factsOf(byRegion(rows))

    expect(facts.length).toBeLessThan(80)
    expect(facts.filter(({ kind }) => kind === 'cell')).toHaveLength(15)
    expect(JSON.stringify(facts).length).toBeLessThan(60_000)
  })

  it('is the same every time', () => {
    const table = byQuarter([
      ['2023-Q1', '5'],
      ['2023-Q2', '7'],
      ['2023-Q3', '6'],
    ])

    expect(buildFactSheet([table])).toEqual(buildFactSheet([structuredClone(table)]))
  })
})

describe('describeFacts', () => {
  it('tells each fact on a line, as the model reads it', () => {
    const table = tableOf(
      [
        ['region', 'STRING'],
        ['revenue_usd', 'DECIMAL(18,2)'],
        ['return_rate', 'DOUBLE'],
      ],
      [
        ['EMEA', '1234567.00', '0.1234'],
        ['APAC', '987654.25', '0.08'],
      ],
    )

    expect(describeFacts(buildFactSheet([table]), { language: 'en' })).toMatchInlineSnapshot(`
      "F1 | Total revenue | $2,222,221.25 | total
      F2 | Average revenue per region | $1,111,110.63 | average
      F3 | Highest revenue: EMEA | $1,234,567 | maximum
      F4 | Lowest revenue: APAC | $987,654.25 | minimum
      F5 | Revenue, EMEA | $1,234,567 | cell
      F6 | Revenue, APAC | $987,654.25 | cell
      F7 | Share of total revenue, EMEA | 55.56% | share
      F8 | Share of total revenue, APAC | 44.44% | share
      F9 | Revenue, EMEA ahead of APAC | $246,912.75 | difference
      F10 | Highest return rate: EMEA | 12.34% | maximum
      F11 | Lowest return rate: APAC | 8% | minimum
      F12 | Return rate, EMEA | 12.34% | cell
      F13 | Return rate, APAC | 8% | cell
      F14 | Return rate, EMEA ahead of APAC, in percentage points | 4.34 | difference
      F15 | Number of different regions | 2 | count
      F16 | Number of rows in the result | 2 | count"
    `)
  })
})
