import { describe, expect, it } from 'vitest'
import { createSeriesColours } from '../../../src/render/charts/colours.ts'
import { drawChart } from '../../../src/render/charts/draw-chart.ts'
import { toChartModel } from '../../../src/render/charts/to-chart-model.ts'
import type { Chart } from '../../../src/render/deck.ts'
import type { Table } from '../../../src/render/table.ts'
import { themeNamed } from '../../../src/render/theme.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { count, date, dollars, makeTable, number, ratio, text } from '../../fixtures/decks/tables.ts'

const theme = themeNamed('light')

function draw(chart: Omit<Chart, 'table'>, table: Table, size = { widthPx: 800, heightPx: 400 }): string | null {
  const model = toChartModel({ ...chart, table: table.id }, table, 'en')
  return drawChart(model, size, { theme, language: 'en', colours: createSeriesColours(theme).of(model) })
}

/** Texts of a picture with their places. */
function texts(svg: string | null): { text: string; x: number; y: number; anchor: string }[] {
  return [...(svg ?? '').matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = '', text = '']) => {
    const get = (name: string): string => new RegExp(` ?${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
    return { text, x: Number(get('x')), y: Number(get('y')), anchor: get('text-anchor') || 'start' }
  })
}

function rectangles(svg: string | null): { x: number; y: number; width: number; height: number; fill: string }[] {
  return [...(svg ?? '').matchAll(/<rect ([^>]*)\/>/g)].map(([, attributes = '']) => {
    const get = (name: string): string => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
    return {
      x: Number(get('x')),
      y: Number(get('y')),
      width: Number(get('width')),
      height: Number(get('height')),
      fill: get('fill'),
    }
  })
}

const regions = makeTable(
  'T1',
  'Revenue by region',
  [text('region'), number('revenue', dollars)],
  [
    ['AMER', 4_000_000],
    ['EMEA', 2_000_000],
    ['LATAM', -1_000_000],
  ],
)

describe('drawChart', () => {
  it('is one image to a screen reader, described with its data', () => {
    const svg = draw({ kind: 'bar', x: 'region', y: ['revenue'] }, regions)

    expect(svg).toMatch(/^<svg [^>]*role="img"/)
    expect(svg).toContain('aria-label="Bar chart: Revenue by region. AMER $4.0M, EMEA $2.0M, LATAM −$1.0M."')
  })

  it('draws bars in proportion, negative ones on the other side of zero', () => {
    const [amer, emea, latam] = rectangles(draw({ kind: 'bar', x: 'region', y: ['revenue'] }, regions))

    expect((amer?.height ?? 0) / (emea?.height ?? 1)).toBeCloseTo(2, 1)
    expect((emea?.height ?? 0) / (latam?.height ?? 1)).toBeCloseTo(2, 1)
    expect(latam?.y).toBeCloseTo((amer?.y ?? 0) + (amer?.height ?? 0), 0)
  })

  it('writes the values on few bars and leaves the axis out', () => {
    const svg = draw({ kind: 'bar', x: 'region', y: ['revenue'] }, regions)

    expect(texts(svg).map((one) => one.text)).toEqual(['$4.0M', '$2.0M', '−$1.0M', 'AMER', 'EMEA', 'LATAM'])
  })

  it('writes an axis instead when the bars are too narrow for values', () => {
    const rows = Array.from({ length: 24 }, (_, index) => [
      `2022-${String((index % 12) + 1).padStart(2, '0')}-01`,
      `S${Math.floor(index / 12)}`,
      1_234_567 + index,
    ])
    const table = makeTable('T1', 'Months', [date('month'), text('shop'), number('revenue', dollars)], rows)

    const written = texts(draw({ kind: 'bar', x: 'month', y: ['revenue'], series: 'shop' }, table)).map(
      (one) => one.text,
    )

    expect(written).toEqual(expect.arrayContaining(['$0', '$500K', '$1M', 'S0', 'S1']))
    expect(written).not.toContain('$1.2M')
  })

  it('lays bars down when their labels are too long to stand under them', () => {
    const table = makeTable(
      'T1',
      'Reasons',
      [text('reason'), number('tickets', count)],
      [
        ['Delivery arrived later than the confirmed delivery window', 10],
        ['Product differs from the description shown in the online shop', 5],
      ],
    )

    const bars = rectangles(draw({ kind: 'bar', x: 'reason', y: ['tickets'] }, table, { widthPx: 400, heightPx: 300 }))

    expect(bars[0]?.x).toBe(bars[1]?.x)
    expect((bars[0]?.width ?? 0) / (bars[1]?.width ?? 1)).toBeCloseTo(2, 1)
  })

  it('names few lines at their ends and many in a legend', () => {
    const table = (seriesCount: number): Table =>
      makeTable(
        'T1',
        'Months',
        [date('month'), text('shop'), number('orders', count)],
        Array.from({ length: seriesCount * 3 }, (_, index) => [
          `2023-0${(index % 3) + 1}-01`,
          `Shop ${Math.floor(index / 3)}`,
          index,
        ]),
      )
    const nameAt = (seriesCount: number): number =>
      texts(draw({ kind: 'line', x: 'month', y: ['orders'], series: 'shop' }, table(seriesCount))).find(
        (one) => one.text === 'Shop 1',
      )?.x ?? 0

    expect(nameAt(3)).toBeGreaterThan(600)
    expect(nameAt(6)).toBeLessThan(300)
  })

  it('keeps the names at the ends of lines apart', () => {
    const rows = ['A', 'B', 'C', 'D'].flatMap((name, index) => [
      ['2023-01-01', name, 10],
      ['2023-02-01', name, 10 + index / 100],
    ])
    const table = makeTable('T1', 'Months', [date('month'), text('shop'), number('orders', count)], rows)

    const ends = texts(draw({ kind: 'line', x: 'month', y: ['orders'], series: 'shop' }, table)).filter((one) =>
      /^[A-D]$/.test(one.text),
    )

    const heights = ends.map((one) => one.y).toSorted((a, b) => a - b)
    expect(heights).toHaveLength(4)
    for (let index = 1; index < heights.length; index += 1)
      expect((heights[index] ?? 0) - (heights[index - 1] ?? 0)).toBeGreaterThanOrEqual(18)
  })

  it('breaks a line at a gap', () => {
    const table = makeTable(
      'T1',
      'Months',
      [date('month'), number('orders', count)],
      [
        ['2023-01-01', 1],
        ['2023-02-01', 2],
        ['2023-05-01', 3],
        ['2023-06-01', 4],
      ],
    )

    const path = /<path d="([^"]*)"/.exec(draw({ kind: 'line', x: 'month', y: ['orders'] }, table) ?? '')?.[1] ?? ''

    expect(path.match(/M/g)).toHaveLength(2)
  })

  it('does not draw anything but says so when there is no value', () => {
    expect(draw({ kind: 'bar', x: 'region', y: ['revenue'] }, makeTable('T1', 'None', regions.columns, []))).toBeNull()
    expect(
      draw({ kind: 'line', x: 'region', y: ['revenue'] }, makeTable('T1', 'None', regions.columns, [['AMER', null]])),
    ).toBeNull()
  })

  it('shows the shares of a donut so that they and the parts agree', () => {
    const table = makeTable(
      'T1',
      'Channels',
      [text('channel'), number('orders', count)],
      [
        ['Shop', 75],
        ['Phone', 25],
      ],
    )

    const written = texts(draw({ kind: 'donut', x: 'channel', y: ['orders'] }, table)).map((one) => one.text)

    expect(written).toEqual(['100', 'Total', 'Shop', '75%', '75', 'Phone', '25%', '25'])
  })

  it('draws tiny fractions without rounding them to nothing', () => {
    const table = makeTable(
      'T1',
      'Defects',
      [text('plant'), number('defect_rate', ratio)],
      [
        ['Lyon', 0.00042],
        ['Brno', 0.00018],
      ],
    )

    const written = texts(draw({ kind: 'bar', x: 'plant', y: ['defect_rate'] }, table)).map((one) => one.text)

    expect(written).toEqual(expect.arrayContaining(['0.042%', '0.018%']))
  })

  it('escapes names that are markup', () => {
    const table = makeTable(
      'T1',
      'Hostile',
      [text('region'), number('revenue', dollars)],
      [
        ['<script>alert(1)</script>', 1],
        ['" onload="x', 2],
      ],
    )

    const svg = draw({ kind: 'bar', x: 'region', y: ['revenue'] }, table) ?? ''

    expect(svg).not.toMatch(/<script|" onload="/)
    expect(svg).toContain('&lt;script&gt;')
  })

  const deck = chartsDeck()
  const slides = deck.slides.flatMap((slide) =>
    slide.layout === 'chart' ? [[slide.title.join(''), slide.chart] as const] : [],
  )

  it.each(slides)('keeps everything inside the picture, without a number that is none: %s', (_, chart) => {
    const table = deck.tables.find((one) => one.id === chart.table)
    for (const size of [
      { widthPx: 1152, heightPx: 440 },
      { widthPx: 812, heightPx: 420 },
      { widthPx: 520, heightPx: 260 },
    ]) {
      const svg = draw(chart, table ?? regions, size)

      expect(svg ?? '').not.toMatch(/NaN|Infinity|undefined|null/)
      for (const one of texts(svg)) {
        expect.soft(one.x, one.text).toBeGreaterThanOrEqual(0)
        expect.soft(one.x, one.text).toBeLessThanOrEqual(size.widthPx)
        expect.soft(one.y, one.text).toBeGreaterThanOrEqual(10)
        expect.soft(one.y, one.text).toBeLessThanOrEqual(size.heightPx)
      }
      for (const one of rectangles(svg)) {
        expect.soft(one.y, JSON.stringify(one)).toBeGreaterThanOrEqual(0)
        expect.soft(one.x + one.width, JSON.stringify(one)).toBeLessThanOrEqual(size.widthPx + 0.5)
        expect.soft(one.y + one.height, JSON.stringify(one)).toBeLessThanOrEqual(size.heightPx + 0.5)
        expect.soft(Math.min(one.width, one.height), JSON.stringify(one)).toBeGreaterThanOrEqual(0)
      }
    }
  })
})

describe('createSeriesColours', () => {
  const table = (names: readonly string[]): Table =>
    makeTable(
      'T1',
      'Months',
      [date('month'), text('region'), number('orders', count)],
      names.flatMap((name) => [
        ['2023-01-01', name, 1],
        ['2023-02-01', name, 2],
      ]),
    )
  const model = (names: readonly string[]) =>
    toChartModel({ kind: 'line', table: 'T1', x: 'month', y: ['orders'], series: 'region' }, table(names), 'en')

  it('keeps the colour of a name through a deck', () => {
    const colours = createSeriesColours(theme)
    const [amer, emea] = colours.of(model(['AMER', 'EMEA']))

    expect(colours.of(model(['EMEA', 'APAC', 'AMER']))).toEqual([emea, theme.series[2], amer])
  })

  it('gives no two series of one chart the same colour', () => {
    const colours = createSeriesColours(theme)
    colours.of(model(['A', 'B', 'C', 'D', 'E', 'F']))

    const given = colours.of(model(['G', 'A', 'H', 'B', 'I', 'C']))

    expect(new Set(given).size).toBe(6)
  })
})
