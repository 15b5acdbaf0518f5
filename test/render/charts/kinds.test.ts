import { describe, expect, it } from 'vitest'
import { createSeriesColours } from '../../../src/render/charts/colours.ts'
import { drawChart } from '../../../src/render/charts/draw-chart.ts'
import { toChartModel } from '../../../src/render/charts/to-chart-model.ts'
import { waterfallBars } from '../../../src/render/charts/waterfall-chart.ts'
import type { Chart } from '../../../src/render/deck.ts'
import type { Table } from '../../../src/render/table.ts'
import { contrastRatio, themeNamed } from '../../../src/render/theme.ts'
import { count, date, dollars, makeTable, number, percent, text } from '../../fixtures/decks/tables.ts'

const theme = themeNamed('light')
const size = { widthPx: 800, heightPx: 400 }

function model(
  chart: Omit<Chart, 'table'>,
  table: Table,
  options: { today?: string; language?: string } = {},
): ReturnType<typeof toChartModel> {
  return toChartModel({ ...chart, table: table.id }, table, options.language ?? 'en', options.today)
}

function draw(of: ReturnType<typeof toChartModel>): string {
  return drawChart(of, size, { theme, language: 'en', colours: createSeriesColours(theme).of(of) }) ?? ''
}

const occurrences = (svg: string, pattern: RegExp): number => svg.match(pattern)?.length ?? 0

const customers = makeTable(
  'T1',
  'Customers',
  [text('customer'), text('region'), number('revenue', dollars), number('margin', percent)],
  [
    ['Aldin', 'AMER', 100, 10],
    ['Boréal', 'EMEA', 200, 30],
    ['Cassin', 'EMEA', 300, null],
    ['Dorvik', 'APAC', 400, 20],
  ],
)

describe('a scatter plot', () => {
  it('draws a point per row that has both measures, named by the first text column, and says what it left out', () => {
    const chart = model({ kind: 'scatter', x: 'revenue', y: ['margin'], series: 'region' }, customers)

    expect(chart).toMatchObject({ kind: 'scatter', title: 'Margin against revenue', valueName: 'Margin' })
    expect(chart.categories.map((point) => point.label)).toEqual(['Aldin', 'Boréal', 'Dorvik'])
    expect(chart.horizontal).toMatchObject({ name: 'Revenue', values: [100, 200, 400] })
    expect(chart.series.map((one) => [one.name, one.values])).toEqual([
      ['AMER', [10, null, null]],
      ['EMEA', [null, 30, null]],
      ['APAC', [null, null, 20]],
    ])
    expect(chart.notes).toEqual(['1 row has no value to place.'])
    expect(occurrences(draw(chart), /<circle/g)).toBe(3)
  })

  it('takes both measures from y when x names the points', () => {
    const chart = model({ kind: 'scatter', x: 'customer', y: ['revenue', 'margin'] }, customers)

    expect(chart.horizontal?.name).toBe('Revenue')
    expect(draw(chart)).toMatch(/>Aldin<.*>Boréal</s)
  })

  it('places points in proportion on both axes', () => {
    const table = makeTable(
      'T1',
      'Points',
      [text('name'), number('a', count), number('b', count)],
      [
        ['p', 0, 0],
        ['q', 50, 100],
        ['r', 100, 50],
      ],
    )

    const circles = [
      ...draw(model({ kind: 'scatter', x: 'a', y: ['b'] }, table)).matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g),
    ]
    const [p, q, r] = circles.map(([, x, y]) => ({ x: Number(x), y: Number(y) }))

    expect(((q?.x ?? 0) - (p?.x ?? 0)) / ((r?.x ?? 0) - (p?.x ?? 0))).toBeCloseTo(0.5, 2)
    expect(((p?.y ?? 0) - (r?.y ?? 0)) / ((p?.y ?? 0) - (q?.y ?? 0))).toBeCloseTo(0.5, 2)
  })

  it('is bars when there is no second measure', () => {
    expect(model({ kind: 'scatter', x: 'customer', y: ['revenue'] }, customers)).toMatchObject({
      kind: 'bar',
      horizontal: null,
    })
  })
})

const grid = makeTable(
  'T1',
  'Growth',
  [text('country'), date('month'), number('orders', count)],
  [
    ['Spain', '2023-01-01', 1],
    ['Spain', '2023-03-01', 2],
    ['Italy', '2023-01-01', 7],
    ['Italy', '2023-02-01', 9],
  ],
)

describe('a heat map', () => {
  it('runs time to the right however it was asked, with a cell for each pair and gaps as gaps', () => {
    const chart = model({ kind: 'heat_map', x: 'country', y: ['orders'], series: 'month' }, grid)

    expect(chart.kind).toBe('heat_map')
    expect(chart.categories.map((one) => one.label)).toEqual(['Jan 2023', 'Feb 2023', 'Mar 2023'])
    expect(chart.series.map((one) => [one.name, one.values])).toEqual([
      ['Italy', [7, 9, null]],
      ['Spain', [1, null, 2]],
    ])
    expect(occurrences(draw(chart), /<rect/g)).toBe(6)
  })

  it('keeps weekdays in their order', () => {
    const days = ['Mon', 'Tue', 'Wed']
    const table = makeTable(
      'T1',
      'Days',
      [number('hour'), text('weekday'), number('orders', count)],
      days.flatMap((day, d) => [0, 1].map((hour) => [hour, day, d * 10])),
    )

    const chart = model({ kind: 'heat_map', x: 'hour', y: ['orders'], series: 'weekday' }, table)

    expect(chart.series.map((one) => one.name)).toEqual(days)
  })

  it('writes values that read on every shade', () => {
    const rows = Array.from({ length: 100 }, (_, at) => [`R${Math.floor(at / 10)}`, `C${at % 10}`, at - 40])
    const table = makeTable('T1', 'All', [text('row'), text('column'), number('delta', count)], rows)
    const chart = model({ kind: 'heat_map', x: 'column', y: ['delta'], series: 'row' }, table)

    const pairs = [...draw(chart).matchAll(/<rect [^>]*fill="(#\w+)"[^>]*\/><text [^>]*fill="(#\w+)"/g)]

    expect(pairs).toHaveLength(100)
    for (const [, cell = '', ink = ''] of pairs) expect(contrastRatio(cell, ink)).toBeGreaterThanOrEqual(4.5)
  })

  it('is bars when there is only one dimension', () => {
    expect(model({ kind: 'heat_map', x: 'customer', y: ['revenue'] }, customers).kind).toBe('bar')
  })
})

const years = makeTable(
  'T1',
  'Revenue',
  [text('region'), number('year'), number('revenue', dollars)],
  [
    ['AMER', 2022, 10],
    ['AMER', 2023, 15],
    ['EMEA', 2022, 20],
    ['EMEA', 2023, 12],
    ['APAC', 2023, 4],
  ],
)

describe('a waterfall', () => {
  it('leads from one member to the other, the largest gain first, and ends where the second stands', () => {
    const chart = model({ kind: 'waterfall', x: 'region', y: ['revenue'], series: 'year' }, years)

    expect(chart.categories.map((one) => one.label)).toEqual(['2022', 'AMER', 'APAC', 'EMEA', '2023'])
    expect(chart.series[0]?.values).toEqual([30, 5, 4, -8, 31])
    expect(waterfallBars(chart).map((bar) => [bar.from, bar.to])).toEqual([
      [0, 30],
      [30, 35],
      [35, 39],
      [39, 31],
      [0, 31],
    ])
    expect(chart.title).toBe('Revenue from 2022 to 2023')
    expect(draw(chart)).toContain('>+$5<')
  })

  it('reads two columns, and names the totals by what tells them apart', () => {
    const table = makeTable(
      'T1',
      'Both',
      [text('region'), number('revenue_2022', dollars), number('revenue_2023', dollars)],
      [
        ['AMER', 10, 12],
        ['EMEA', 5, 4],
      ],
    )

    const chart = model({ kind: 'waterfall', x: 'region', y: ['revenue_2022', 'revenue_2023'] }, table)

    expect(chart.categories.map((one) => one.label)).toEqual(['2022', 'AMER', 'EMEA', '2023'])
    expect(chart.series[0]?.values).toEqual([15, 2, -1, 16])
  })

  it('adds up steps from nothing, in the order they are given', () => {
    const table = makeTable(
      'T1',
      'Profit',
      [text('step'), number('amount', dollars)],
      [
        ['Revenue', 100],
        ['Costs', -70],
        ['Interest', 5],
      ],
    )

    const chart = model({ kind: 'waterfall', x: 'step', y: ['amount'] }, table)

    expect(chart.categories.map((one) => one.label)).toEqual(['Revenue', 'Costs', 'Interest', 'Total'])
    expect(chart.series[0]?.values).toEqual([100, -70, 5, 35])
  })

  it('bridges periods, and leaves out the one that is not over', () => {
    const table = makeTable(
      'T1',
      'Quarters',
      [date('quarter'), number('revenue', dollars)],
      [
        ['2023-01-01', 10],
        ['2023-04-01', 12],
        ['2023-07-01', 9],
        ['2023-10-01', 1],
      ],
    )

    const chart = model({ kind: 'waterfall', x: 'quarter', y: ['revenue'] }, table, { today: '2023-10-20T08:00:00Z' })

    expect(chart.categories.map((one) => one.label)).toEqual(['Q1 2023', 'Q2 2023', 'Q3 2023', 'Q3 2023'])
    expect(chart.series[0]?.values).toEqual([10, 2, -3, 9])
    expect(chart.notes).toEqual(['Q4 2023 is not over yet.'])
  })

  it('keeps its total when many steps become Other', () => {
    const rows = Array.from({ length: 30 }, (_, at) => [`C${at}`, 100, 100 + (at % 2 === 0 ? at : -at)])
    const table = makeTable('T1', 'Many', [text('country'), number('before', count), number('after', count)], rows)

    const bars = waterfallBars(model({ kind: 'waterfall', x: 'country', y: ['before', 'after'] }, table))

    expect(bars).toHaveLength(12)
    expect(bars.at(-2)?.to).toBe(bars.at(-1)?.to)
  })

  it.each([
    ['rates, which do not add up', number('return_rate', percent)],
    ['amounts of one sign, which are parts and no change', number('revenue', dollars)],
  ])('is bars for %s', (_, column) => {
    const table = makeTable(
      'T1',
      'Rates',
      [text('region'), column],
      [
        ['AMER', 3],
        ['EMEA', 4],
      ],
    )

    expect(model({ kind: 'waterfall', x: 'region', y: [column.name] }, table).kind).toBe('bar')
  })
})

describe('small multiples', () => {
  const many = makeTable(
    'T1',
    'Many',
    [date('month'), text('country'), number('average_price', dollars)],
    ['2023-01-01', '2023-02-01'].flatMap((month, m) =>
      Array.from({ length: 9 }, (_, c) => [month, `Country ${c}`, 10 * c + m]),
    ),
  )

  it('draws each series on its own, all on one scale, the largest first', () => {
    const chart = model({ kind: 'small_multiples', x: 'month', y: ['average_price'], series: 'country' }, many)
    const svg = draw(chart)

    expect(chart.kind).toBe('small_multiples')
    expect(chart.series.map((one) => one.name)[0]).toBe('Country 8')
    expect(occurrences(svg, /<path/g)).toBe(9)
    expect(svg).toContain('>Country 8<')
  })

  it('stand in for lines that neither fit one picture nor add up to an Other', () => {
    expect(model({ kind: 'line', x: 'month', y: ['average_price'], series: 'country' }, many).kind).toBe(
      'small_multiples',
    )
  })

  it('are one chart when there is one series, or no order', () => {
    expect(model({ kind: 'small_multiples', x: 'customer', y: ['revenue'] }, customers).kind).toBe('bar')
  })
})

describe('a period that is not over', () => {
  const months = makeTable(
    'T1',
    'Months',
    [date('month'), number('orders', count)],
    [
      ['2023-11-01', 10],
      ['2023-12-01', 12],
      ['2024-01-01', 3],
    ],
  )

  it('is marked, dashed in a line and paler as a bar', () => {
    const today = '2024-01-12T09:30:00Z'
    const line = model({ kind: 'line', x: 'month', y: ['orders'] }, months, { today })
    const bars = model({ kind: 'bar', x: 'month', y: ['orders'] }, months, { today })

    expect(line.categories.map((one) => one.isPartial)).toEqual([undefined, undefined, true])
    expect(line.notes).toEqual(['Jan 2024 is not over yet.'])
    expect(draw(line)).toContain('stroke-dasharray')
    const fills = [...draw(bars).matchAll(/<rect [^>]*fill="(#\w+)"/g)].map(([, fill]) => fill)
    expect(fills[2]).not.toBe(fills[1])
  })

  it('is over on the day after its last', () => {
    const line = model({ kind: 'line', x: 'month', y: ['orders'] }, months, { today: '2024-02-01T00:00:00Z' })

    expect(line.notes).toEqual([])
    expect(draw(line)).not.toContain('stroke-dasharray')
  })
})

describe('crowded bars', () => {
  it('are stacked where their parts add up, and stay side by side where they do not', () => {
    const rows = Array.from({ length: 12 }, (_, m) =>
      ['A', 'B', 'C', 'D'].map((shop) => [`2023-${String(m + 1).padStart(2, '0')}-01`, shop, m + 1]),
    ).flat()
    const table = (column: string): Table =>
      makeTable('T1', 'Shops', [date('month'), text('shop'), number(column, dollars)], rows)

    expect(model({ kind: 'bar', x: 'month', y: ['revenue'], series: 'shop' }, table('revenue')).kind).toBe(
      'stacked_bar',
    )
    expect(model({ kind: 'bar', x: 'month', y: ['price'], series: 'shop' }, table('price')).kind).toBe('bar')
  })
})

describe('colours', () => {
  it('stay with a member on every slide, whichever slides there are and whatever the column is called', () => {
    const rows = [
      ['LATAM', '2023-01-01', 1],
      ['EMEA', '2023-01-01', 5],
      ['AMER', '2023-01-01', 9],
    ]
    const first = makeTable('T1', 'A', [text('region'), date('month'), number('revenue', dollars)], rows)
    const second = makeTable(
      'T2',
      'B',
      [text('sales_region'), date('month'), number('orders', count)],
      [
        ['EMEA', '2023-01-01', 3],
        ['LATAM', '2023-01-01', 2],
      ],
    )
    const colours = (): ReturnType<typeof createSeriesColours> => createSeriesColours(theme, [first, second])
    const lines = model({ kind: 'bar', x: 'month', y: ['revenue'], series: 'region' }, first)
    const donut = model({ kind: 'donut', x: 'sales_region', y: ['orders'] }, second)

    const byRegion = Object.fromEntries(lines.series.map((one, at) => [one.name, colours().of(lines)[at]]))
    const alone = Object.fromEntries(donut.categories.map((one, at) => [one.label, colours().of(donut)[at]]))

    expect(byRegion).toEqual({ AMER: theme.series[0], EMEA: theme.series[1], LATAM: theme.series[2] })
    expect(alone).toEqual({ EMEA: theme.series[1], LATAM: theme.series[2] })
  })
})

describe('words on a chart', () => {
  it.each([
    ['de', 'Orders nach Region', '„Sonstige“ fasst die 29 kleinsten Kategorien zusammen.'],
    ['ja-JP', 'Region別のOrders', '「その他」は小さい29項目の合計です。'],
    ['pt', 'Orders · Region', '“Other” adds up the 29 smallest categories.'],
  ])('are in the language %s, or in English', (language, title, note) => {
    const rows = Array.from({ length: 40 }, (_, index) => [`C${index}`, 40 - index])
    const table = makeTable('T1', 'Many', [text('region'), number('orders', count)], rows)

    const chart = model({ kind: 'bar', x: 'region', y: ['orders'] }, table, { language })

    expect([chart.title, ...chart.notes]).toEqual([title, note])
  })
})
