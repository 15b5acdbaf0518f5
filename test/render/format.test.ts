import { describe, expect, it } from 'vitest'
import {
  axisFormatter,
  columnFormatter,
  formatCell,
  formatFact,
  formatNumber,
  humanizeName,
  seriesFormatter,
  unitLabel,
} from '../../src/render/format.ts'
import {
  count,
  date,
  dollars,
  makeFact,
  makeTable,
  number,
  percent,
  plain,
  ratio,
  text,
} from '../fixtures/decks/tables.ts'

const en = { language: 'en' }

describe('formatNumber', () => {
  it.each([
    ['1234567.89', dollars, '$1.23M'],
    ['847213.4', dollars, '$847,213'],
    ['12.5', dollars, '$12.50'],
    ['12', dollars, '$12'],
    ['12.000', dollars, '$12'],
    ['-98765.4', dollars, '−$98,765'],
    ['169496', count, '169,496'],
    ['3.1415926', plain, '3.14'],
    ['0.0000012', plain, '0.0000012'],
    ['0', plain, '0'],
    ['12.46', percent, '12.5%'],
    ['6.95', percent, '7.0%'],
    ['7', percent, '7%'],
    ['0.1246', ratio, '12.5%'],
    ['0.12', ratio, '12%'],
    ['0.00042', ratio, '0.042%'],
    ['1', { kind: 'duration', unit: 'days' }, '1 day'],
    ['3.25', { kind: 'duration', unit: 'hours' }, '3.3 hours'],
  ] as const)('writes %s of %o as %s', (value, unit, expected) => {
    expect(formatNumber(value, unit, en)).toBe(expected)
  })

  it('keeps every digit of a 64-bit integer and of a long decimal', () => {
    expect(formatNumber('9007199254740993', count, { ...en, format: 'full' })).toBe('9,007,199,254,740,993')
    expect(formatNumber('12345678901234567.89', dollars, { ...en, format: 'full' })).toBe('$12,345,678,901,234,567.89')
  })

  it('writes compact from ten thousand up when asked to, and full when asked to', () => {
    expect(formatNumber('84310', count, { ...en, format: 'compact' })).toBe('84.3K')
    expect(formatNumber('8431', count, { ...en, format: 'compact' })).toBe('8,431')
    expect(formatNumber('1234567.8', dollars, { ...en, format: 'full' })).toBe('$1,234,567.80')
  })

  it('follows the language and falls back to English for a tag that is none', () => {
    expect(formatNumber('1234.5', { kind: 'currency', code: 'EUR' }, { language: 'de', format: 'full' })).toBe(
      '1.234,50\u00a0€',
    )
    expect(formatNumber('0.125', ratio, { language: 'de' })).toBe('12,5\u00a0%')
    expect(formatNumber('1234', count, { language: 'not a language!' })).toBe('1,234')
  })

  it('leaves the sign out or adds a plus when the words around it need that', () => {
    expect(formatNumber('-12', percent, { ...en, absolute: true })).toBe('12%')
    expect(formatNumber('12', percent, { ...en, signed: true })).toBe('+12%')
    expect(formatNumber('0', percent, { ...en, signed: true })).toBe('0%')
  })

  it('gives back text that is no number, and numbers of a currency that is none without a sign', () => {
    expect(formatNumber('n/a', dollars, en)).toBe('n/a')
    expect(formatNumber('12', { kind: 'currency', code: '12$' }, en)).toBe('12')
  })
})

describe('formatFact', () => {
  it('writes dates at the grain that their column names', () => {
    const fact = makeFact('F1', 'Best quarter', '2023-04-01', plain, {
      valueType: 'date',
      lineage: { columns: ['quarter'] },
    })

    expect(formatFact(fact, en)).toBe('Q2 2023')
  })

  it('leaves names alone', () => {
    expect(formatFact(makeFact('F1', 'Best region', 'EMEA', plain, { valueType: 'text' }), en)).toBe('EMEA')
  })
})

describe('columnFormatter', () => {
  it('gives all cells of a column the same decimals', () => {
    const table = makeTable('T1', 'Prices', [number('price', dollars)], [['12.5'], ['7'], ['1000.25'], [null]])

    expect(table.rows.map((row) => columnFormatter(table, 0, 'en')(row[0] ?? null))).toEqual([
      '$12.50',
      '$7.00',
      '$1,000.25',
      '–',
    ])
  })

  it('drops cents once amounts are large', () => {
    const table = makeTable('T1', 'Revenue', [number('revenue', dollars)], [['18420310.55'], ['1.10']])

    expect(columnFormatter(table, 0, 'en')('18420310.55')).toBe('$18,420,311')
  })

  it('moves the sign of a currency to the heading when bare', () => {
    const table = makeTable('T1', 'Revenue', [number('revenue', dollars)], [['1200']])

    expect(columnFormatter(table, 0, 'en', { isBare: true })('1200')).toBe('1,200')
    expect(unitLabel(dollars, 'en')).toBe('$')
    expect(unitLabel(percent, 'en')).toBe('')
  })

  it('writes months as months when every date is the first of one', () => {
    const table = makeTable('T1', 'Months', [date('period')], [['2023-01-01'], ['2023-02-01'], ['2023-05-01']])

    expect(columnFormatter(table, 0, 'en')('2023-02-01')).toBe('Feb 2023')
  })
})

describe('formatCell', () => {
  it('does not group numbers that are names', () => {
    expect(formatCell(number('year'), '2023', 'en')).toBe('2023')
    expect(formatCell(number('order_id'), '1000042', 'en')).toBe('1000042')
    expect(formatCell(number('orders', count), '1000042', 'en')).toBe('1,000,042')
  })

  it('writes truth values as words and marks what is missing', () => {
    const column = { ...text('is_active'), type: 'boolean' as const }

    expect(['true', 'false', null].map((cell) => formatCell(column, cell, 'en'))).toEqual(['Yes', 'No', '–'])
  })
})

describe('axisFormatter', () => {
  it('gives all marks the decimals of their step', () => {
    expect([0, 0.05, 0.1].map(axisFormatter(ratio, [0, 0.05, 0.1], 'en'))).toEqual(['0%', '5%', '10%'])
    expect([0, 0.1, 0.30000000000000004].map(axisFormatter(plain, [0, 0.1, 0.2, 0.3], 'en'))).toEqual([
      '0.0',
      '0.1',
      '0.3',
    ])
  })

  it('is short for large numbers', () => {
    expect([0, 500_000, 1_500_000].map(axisFormatter(dollars, [0, 500_000, 1_000_000, 1_500_000], 'en'))).toEqual([
      '$0',
      '$500K',
      '$1.5M',
    ])
  })
})

describe('seriesFormatter', () => {
  it('keeps one decimal for what has fewer than three digits left', () => {
    const values = [16_142_000, 5_040_000, 818_400, 0]

    expect(values.map(seriesFormatter(dollars, values, 'en'))).toEqual(['$16.1M', '$5.0M', '$818K', '$0'])
  })

  it('does not show what only binary arithmetic adds', () => {
    expect(seriesFormatter(plain, [0.1 + 0.2], 'en')(0.1 + 0.2)).toBe('0.3')
  })
})

describe('humanizeName', () => {
  it.each([
    ['net_revenue', 'Net revenue'],
    ['orderCount', 'Order Count'],
    ['Revenue', 'Revenue'],
    ['地区', '地区'],
    ['_', '_'],
    ['revenue_usd', 'Revenue'],
    ['gross_margin_pct', 'Gross margin'],
    ['usd', 'Usd'],
  ])('reads %s as %s', (name, expected) => {
    expect(humanizeName(name)).toBe(expected)
  })
})
