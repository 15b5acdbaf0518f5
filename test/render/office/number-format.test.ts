import { describe, expect, it } from 'vitest'
import { chartNumberFormat, signedNumberFormats } from '../../../src/render/office/number-format.ts'

const dollars = { kind: 'currency', code: 'USD' } as const
const euros = { kind: 'currency', code: 'EUR' } as const

describe('chartNumberFormat', () => {
  it.each([
    ['small numbers', { kind: 'count' }, [640, 4120], 'en', '#,##0'],
    [
      'millions and thousands',
      dollars,
      [18_420_310, 830_000],
      'en',
      '[>=999500]"$"#,##0.0,,"M";[>=999.5]"$"#,##0,"K";"$"#,##0',
    ],
    [
      'round marks of an axis',
      dollars,
      [0, 5_000_000, 10_000_000],
      'en',
      '[>=999500]"$"#,##0,,"M";[>=999.5]"$"#,##0,"K";"$"#,##0',
    ],
    ['gains and losses of one size', dollars, [1_402_310, -420_655], 'en', '"$"#,##0.0,,"M"'],
    ['gains and a loss too small for millions', dollars, [1_402_310, -88_120], 'en', '"$"#,##0,"K"'],
    ['percent points', { kind: 'percent' }, [12.5, 40], 'en', '#,##0.0"%"'],
    ['a ratio', { kind: 'ratio' }, [0.613, 0.075], 'en', '0.0%'],
    ['tiny ratios', { kind: 'ratio' }, [0.00042, 0.00031], 'en', '0.000%'],
    ['another language', euros, [18_420_310, 2_000_000], 'de', '[>=999500]#,##0.0,,"\u00a0Mio.\u00a0€";#,##0"\u00a0€"'],
    ['a language that counts in ten thousands', { kind: 'count' }, [18_420_310], 'ja', '#,##0'],
    ['no values', { kind: 'plain' }, [], 'en', '#,##0'],
  ] as const)('writes %s', (_what, unit, values, language, code) => {
    expect(chartNumberFormat(unit, values, language)).toBe(code)
  })
})

describe('signedNumberFormats', () => {
  it('gives each value of both signs the scale that the page writes it in', () => {
    const values = [1_402_310, 968_000, null, -88_120, -420_655, -950]

    expect(
      signedNumberFormats(
        values,
        dollars,
        values.filter((value) => value !== null),
        'en',
        10_000,
      ),
    ).toEqual([
      '[>=999500]"$"#,##0.0,,"M";[>=999.5]"$"#,##0,"K";"$"#,##0',
      '[>=999.5]"$"#,##0,"K";"$"#,##0',
      undefined,
      '"$"#,##0.0,"K"',
      '"$"#,##0,"K"',
      '"$"#,##0',
    ])
  })

  it.each([
    ['no value is negative', dollars, [1_402_310, 88_120]],
    ['all values are written out', dollars, [1_402, -88]],
    ['they are percentages', { kind: 'percent' } as const, [12, -80_000]],
  ])('leaves them to the one format of the chart where %s', (_, unit, values) => {
    expect(signedNumberFormats(values, unit, values, 'en', 10_000)).toEqual([])
  })
})
