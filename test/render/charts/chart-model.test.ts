import { describe, expect, it } from 'vitest'
import type { ChartModel } from '../../../src/render/charts/chart-model.ts'
import { toChartModel } from '../../../src/render/charts/to-chart-model.ts'
import type { Chart } from '../../../src/render/deck.ts'
import type { Table } from '../../../src/render/table.ts'
import { count, date, dollars, makeTable, number, percent, ratio, text } from '../../fixtures/decks/tables.ts'

function model(kind: Chart['kind'], table: Table, x: string, y: string | string[], series?: string): ChartModel {
  const chart: Chart = { kind, table: table.id, x, y: [y].flat(), ...(series === undefined ? {} : { series }) }
  return toChartModel(chart, table, 'en')
}

const labels = (of: ChartModel): string[] => of.categories.map((category) => category.label)
const values = (of: ChartModel): (number | null)[][] => of.series.map((series) => [...series.values])

const byRegion = (rows: readonly (readonly [string | null, number | null])[]): Table =>
  makeTable('T1', 'Revenue by region', [text('region'), number('revenue', dollars)], rows)

const monthly = (rows: readonly (readonly [string, number | null])[]): Table =>
  makeTable('T1', 'Orders by month', [date('month'), number('orders', count)], rows)

describe('toChartModel', () => {
  it('reads one category per row and sorts unordered ones by size', () => {
    const chart = model(
      'bar',
      byRegion([
        ['LATAM', 1],
        ['AMER', 9],
        [null, 4],
      ]),
      'region',
      'revenue',
    )

    expect(labels(chart)).toEqual(['AMER', 'No value', 'LATAM'])
    expect(values(chart)).toEqual([[9, 4, 1]])
    expect(chart.title).toBe('Revenue by region')
  })

  it('finds columns whatever their case', () => {
    expect(model('bar', byRegion([['AMER', 9]]), 'Region', 'REVENUE').valueName).toBe('Revenue')
  })

  it.each([
    ['Q1', 'Q2', 'Q3'],
    ['Mon', 'Tue', 'Wed'],
    ['18–24', '25–34', '65+'],
    ['2023-10', '2023-11', '2023-12'],
    ['January', 'February', 'March'],
  ])('keeps %s, %s and %s in their order', (...names) => {
    const chart = model('bar', byRegion(names.map((name, index) => [name, index])), 'region', 'revenue')

    expect(labels(chart)).toEqual(names)
  })

  it('puts dates in order of time and keeps missing periods as gaps', () => {
    const chart = model(
      'line',
      monthly([
        ['2023-05-01', 5],
        ['2023-01-01', 1],
        ['2023-02-01', null],
      ]),
      'month',
      'orders',
    )

    expect(labels(chart)).toEqual(['Jan 2023', 'Feb 2023', 'Mar 2023', 'Apr 2023', 'May 2023'])
    expect(values(chart)).toEqual([[1, null, null, null, 5]])
  })

  it('does not take weekly data for daily data with days missing', () => {
    const table = makeTable(
      'T1',
      'Weeks',
      [date('day'), number('orders', count)],
      [
        ['2023-01-02', 1],
        ['2023-01-09', 2],
        ['2023-01-16', 3],
      ],
    )

    expect(values(model('line', table, 'day', 'orders'))).toEqual([[1, 2, 3]])
  })

  it('splits one column by the values of another, with gaps where a pair has no row', () => {
    const table = makeTable(
      'T1',
      'Revenue by region and year',
      [text('region'), number('year'), number('revenue', dollars)],
      [
        ['AMER', 2022, 1],
        ['AMER', 2023, 2],
        ['EMEA', 2023, 3],
      ],
    )

    const chart = model('bar', table, 'region', 'revenue', 'year')

    expect(chart.series.map((series) => series.name)).toEqual(['2022', '2023'])
    expect(
      Object.fromEntries(labels(chart).map((label, at) => [label, chart.series.map((series) => series.values[at])])),
    ).toEqual({
      AMER: [1, 2],
      EMEA: [null, 3],
    })
  })

  it('adds up rows that share a category', () => {
    expect(
      values(
        model(
          'bar',
          byRegion([
            ['AMER', 1],
            ['AMER', 2],
          ]),
          'region',
          'revenue',
        ),
      ),
    ).toEqual([[3]])
  })

  it('does not add up averages; it draws the first row and says so', () => {
    const table = makeTable(
      'T1',
      'Prices',
      [text('region'), number('average_price', dollars)],
      [
        ['AMER', 10],
        ['AMER', 20],
      ],
    )

    const chart = model('bar', table, 'region', 'average_price')

    expect(values(chart)).toEqual([[10]])
    expect(chart.notes).toEqual(['Where several rows share one category, the first is drawn.'])
  })

  it('leaves out columns of another unit and says so', () => {
    const table = makeTable(
      'T1',
      'Both',
      [text('region'), number('revenue', dollars), number('margin', percent)],
      [['AMER', 1, 40]],
    )

    const chart = model('bar', table, 'region', ['revenue', 'margin'])

    expect(chart.series.map((series) => series.name)).toEqual(['Revenue'])
    expect(chart.notes).toEqual(['Not drawn because of a different unit: Margin.'])
  })

  it('groups small categories as Other without losing any value', () => {
    const rows = Array.from({ length: 40 }, (_, index) => [`C${index}`, 40 - index] as const)

    const chart = model('bar', byRegion(rows), 'region', 'revenue')

    expect(chart.categories).toHaveLength(12)
    expect(labels(chart).at(-1)).toBe('Other')
    expect(
      values(chart)
        .flat()
        .reduce((sum: number, value) => sum + (value ?? 0), 0),
    ).toBe((40 * 41) / 2)
    expect(chart.notes).toEqual(['“Other” adds up the 29 smallest categories.'])
  })

  it('leaves small categories out where adding up means nothing', () => {
    const rows = Array.from({ length: 40 }, (_, index) => [`C${index}`, index / 100])
    const table = makeTable('T1', 'Rates', [text('country'), number('return_rate', ratio)], rows)

    const chart = model('bar', table, 'country', 'return_rate')

    expect(labels(chart)).not.toContain('Other')
    expect(chart.notes).toEqual(['The 12 largest of 40 are shown.'])
  })

  it('says when rows are missing from the data it draws', () => {
    const table = { ...byRegion([['AMER', 9]]), truncated: true, totalRowCount: 5_000 }

    expect(model('bar', table, 'region', 'revenue').notes).toEqual(['Only 1 of 5,000 rows are in the data.'])
  })

  it('groups small series as Other without losing any value', () => {
    const rows = Array.from({ length: 9 }, (_, index) => ['2023-01-01', `C${index}`, 9 - index])
    const table = makeTable(
      'T1',
      'Months',
      [date('month'), text('country'), number('revenue', dollars)],
      [...rows, ['2023-02-01', 'C0', 1]],
    )

    const chart = model('line', table, 'month', 'revenue', 'country')

    expect(chart.series.map((series) => series.name)).toEqual(['C0', 'C1', 'C2', 'C3', 'C4', 'Other'])
    expect(chart.series.at(-1)?.values).toEqual([4 + 3 + 2 + 1, null])
  })
})

describe('the kind of a chart', () => {
  const parts = byRegion([
    ['AMER', 9],
    ['EMEA', 7],
    ['APAC', 4],
  ])
  const months = monthly(
    Array.from({ length: 12 }, (_, index) => [`2023-${String(index + 1).padStart(2, '0')}-01`, index + 1]),
  )
  const two = makeTable(
    'T1',
    'Two',
    [date('month'), text('channel'), number('orders', count)],
    [
      ['2023-01-01', 'Shop', 1],
      ['2023-01-01', 'Phone', 2],
      ['2023-02-01', 'Shop', 3],
      ['2023-02-01', 'Phone', 4],
    ],
  )

  it('stays as wished where the data allows it', () => {
    expect(model('donut', parts, 'region', 'revenue').kind).toBe('donut')
    expect(model('line', months, 'month', 'orders').kind).toBe('line')
    expect(model('area', two, 'month', 'orders', 'channel').kind).toBe('area')
    expect(model('horizontal_bar', parts, 'region', 'revenue').kind).toBe('horizontal_bar')
    expect(model('stacked_bar', two, 'month', 'orders', 'channel')).toMatchObject({
      kind: 'stacked_bar',
      isStacked: true,
    })
  })

  it.each([
    ['a line over categories without an order', 'line', parts, 'region', 'bar'],
    [
      'a donut of more parts than can be told apart',
      'donut',
      byRegion(Array.from({ length: 7 }, (_, i) => [`C${i}`, i + 1])),
      'region',
      'bar',
    ],
    [
      'a donut with a negative part',
      'donut',
      byRegion([
        ['AMER', 9],
        ['LATAM', -1],
      ]),
      'region',
      'bar',
    ],
    [
      'a donut with a missing part',
      'donut',
      byRegion([
        ['AMER', 9],
        ['LATAM', null],
      ]),
      'region',
      'bar',
    ],
    ['a donut of one part', 'donut', byRegion([['AMER', 9]]), 'region', 'bar'],
    [
      'a donut of nothing',
      'donut',
      byRegion([
        ['AMER', 0],
        ['EMEA', 0],
      ]),
      'region',
      'bar',
    ],
    ['a stack of one series', 'stacked_bar', parts, 'region', 'bar'],
  ] as const)('is corrected for %s', (_, wished, table, x, kind) => {
    expect(model(wished, table, x, 'revenue').kind).toBe(kind)
  })

  it('is corrected for dates', () => {
    const long = monthly(
      Array.from({ length: 36 }, (_, index) => [
        `${2021 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`,
        index,
      ]),
    )

    expect(model('donut', months, 'month', 'orders').kind).toBe('bar')
    expect(model('horizontal_bar', months, 'month', 'orders').kind).toBe('bar')
    expect(model('bar', long, 'month', 'orders').kind).toBe('line')
    expect(
      model(
        'area',
        monthly([
          ['2023-01-01', -1],
          ['2023-02-01', 2],
        ]),
        'month',
        'orders',
      ).kind,
    ).toBe('line')
  })

  it('draws shares as a whole only when they are one', () => {
    const shares = (...rows: [string, number][]): Table =>
      makeTable('T1', 'Shares', [text('device'), number('share', ratio)], rows)

    expect(model('donut', shares(['Phone', 0.6], ['Desktop', 0.4]), 'device', 'share').kind).toBe('donut')
    expect(model('donut', shares(['Phone', 0.6], ['Desktop', 0.7]), 'device', 'share').kind).toBe('bar')
  })
})
