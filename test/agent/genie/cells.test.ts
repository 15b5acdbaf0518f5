import { describe, expect, it } from 'vitest'
import { canonicalCell } from '../../../src/agent/genie/cells.ts'

describe('canonicalCell', () => {
  it.each([
    ['12.50', '12.50'],
    ['-12.50', '-12.50'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['1.5E10', '15000000000'],
    ['1.2345678E7', '12345678'],
    ['-4.2e-7', '-0.00000042'],
    ['1E+2', '100'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+007.50', '7.50'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    [' 3 ', '3'],
    [42, '42'],
    ['NaN', null],
    ['Infinity', null],
    ['-Infinity', null],
    ['', null],
    [null, null],
    ['1,234', undefined],
    ['12 %', undefined],
    ['abc', undefined],
    ['.', undefined],
    ['1E999999', undefined],
  ])('reads number %j as %j', (cell, expected) => {
    expect(canonicalCell(cell, 'number')).toBe(expected)
  })

  it.each([
    ['2023-10-01', '2023-10-01'],
    ['2023-10-01T08:00:00.000Z', '2023-10-01T08:00:00Z'],
    ['2023-10-01T08:00:00.120Z', '2023-10-01T08:00:00.12Z'],
    ['2023-10-01 08:00:00', '2023-10-01T08:00:00'],
    ['2023-10-01T08:00', '2023-10-01T08:00:00'],
    ['2023-10-01T08:00:00+00:00', '2023-10-01T08:00:00Z'],
    ['2023-10-01T08:00:00+0530', '2023-10-01T08:00:00+05:30'],
    ['2023-10-01 08:00:00.5-07', '2023-10-01T08:00:00.5-07:00'],
    ['2023-02-31', undefined],
    ['2023-13-01', undefined],
    ['2023-10-01T25:00:00Z', undefined],
    ['01.10.2023', undefined],
    ['Q4 2023', undefined],
    ['', null],
    [null, null],
  ])('reads date %j as %j', (cell, expected) => {
    expect(canonicalCell(cell, 'date')).toBe(expected)
  })

  it.each([
    ['true', 'true'],
    ['FALSE', 'false'],
    ['1', 'true'],
    [false, 'false'],
    ['', null],
    ['yes', undefined],
  ])('reads boolean %j as %j', (cell, expected) => {
    expect(canonicalCell(cell, 'boolean')).toBe(expected)
  })

  it('keeps text as it is, empty and odd text included', () => {
    expect(canonicalCell('', 'text')).toBe('')
    expect(canonicalCell(' <b>1E5</b>\n', 'text')).toBe(' <b>1E5</b>\n')
  })
})
