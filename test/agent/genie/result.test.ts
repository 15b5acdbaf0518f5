import { describe, expect, it } from 'vitest'
import { readResult, ResultFormError } from '../../../src/agent/genie/result.ts'
import { StatementReply, type Statement } from '../../../src/agent/genie/schema.ts'
import { fixture, type Payload } from '../../support/fixtures.ts'

function statement(change: (response: Payload) => void = () => {}): Statement {
  const reply = fixture('databricks/genie-query-result')
  change(reply.statement_response)
  return StatementReply.parse(reply).statement_response
}

describe('readResult', () => {
  it('types columns and reads cells into canonical text', () => {
    const result = readResult(statement())

    expect(result.columns.map(({ name, type, vendorType }) => `${name} ${type} ${vendorType}`)).toEqual([
      'region text STRING',
      'revenue_usd number DECIMAL',
      'orders number LONG',
      'last_order date TIMESTAMP',
    ])
    expect(result.rows).toEqual([
      ['EMEA', '5310442.50', '9007199254740993', '2023-12-31T22:41:07Z'],
      ['AMER', '4822001.00', '3120', '2023-12-31T23:59:58.12Z'],
      ['APAC', '2100334.75', '1544', '2023-12-30T08:00:00Z'],
      ['LATAM', null, '0', null],
    ])
    expect(result).toMatchObject({ truncated: false, totalRowCount: 4 })
  })

  it('takes the unit from name and type', () => {
    expect(readResult(statement()).columns[1]?.unit).toEqual({ kind: 'currency', code: 'USD' })
  })

  it.each([
    ['manifest.truncated', (r: Payload) => (r.manifest.truncated = true), 4],
    ['a larger row count', (r: Payload) => (r.manifest.total_row_count = 9000), 9000],
    ['a row count as text', (r: Payload) => (r.manifest.total_row_count = '9000'), 9000],
    ['a next chunk', (r: Payload) => (r.result.next_chunk_index = 1), 4],
  ])('sees truncation in %s', (_where, change, totalRowCount) => {
    expect(readResult(statement(change))).toMatchObject({ truncated: true, totalRowCount })
  })

  it.each([
    ['an empty result', (r: Payload) => (r.result = {})],
    ['no result', (r: Payload) => delete r.result],
    ['an empty list', (r: Payload) => (r.result.data_array = [])],
  ])('takes %s as zero rows, with columns', (_what, change) => {
    const result = readResult(
      statement((r) => {
        r.manifest.total_row_count = 0
        change(r)
        if (r.result) r.result.row_count = 0
      }),
    )

    expect(result.rows).toEqual([])
    expect(result.columns).toHaveLength(4)
    expect(result).toMatchObject({ truncated: false, totalRowCount: 0 })
  })

  it('takes a result without any manifest and rows as an empty table', () => {
    expect(readResult(statement((r) => (delete r.manifest, delete r.result)))).toEqual({
      columns: [],
      rows: [],
      truncated: false,
      totalRowCount: 0,
    })
  })

  it('refuses a result whose rows stayed behind, rather than showing none', () => {
    expect(() => readResult(statement((r) => delete r.result.data_array))).toThrow(ResultFormError)
  })

  it('refuses rows that do not fit the columns', () => {
    expect(() => readResult(statement((r) => r.result.data_array[2].pop()))).toThrow('row 2 has 3 cells, expected 4')
  })

  it('makes a column text when a cell is not of its type, so that nothing is lost', () => {
    const result = readResult(statement((r) => (r.result.data_array[1][1] = '4,822,001')))

    expect(result.columns[1]).toMatchObject({ type: 'text', vendorType: 'DECIMAL' })
    expect(result.rows.map((row) => row[1])).toEqual(['5310442.50', '4,822,001', '2100334.75', null])
  })

  it('makes equal column names different, whatever their case', () => {
    const result = readResult(statement((r) => (r.manifest.schema.columns[2].name = 'Region')))

    expect(result.columns.map((column) => column.name)).toEqual(['region', 'revenue_usd', 'Region (2)', 'last_order'])
  })

  it('orders columns by position', () => {
    const result = readResult(statement((r) => r.manifest.schema.columns.push(r.manifest.schema.columns.shift())))

    expect(result.columns.map((column) => column.name)).toEqual(['region', 'revenue_usd', 'orders', 'last_order'])
  })

  it.each([
    [{ type_name: 'TIMESTAMP', type_text: 'TIMESTAMP_NTZ' }, 'date', 'TIMESTAMP_NTZ'],
    [{ type_name: 'USER_DEFINED_TYPE', type_text: 'timestamp_ntz' }, 'date', 'TIMESTAMP_NTZ'],
    [{ type_text: 'decimal(10,2)' }, 'number', 'DECIMAL'],
    [{ type_text: 'bigint' }, 'number', 'BIGINT'],
    [{ type_name: 'BOOLEAN' }, 'boolean', 'BOOLEAN'],
    [{ type_name: 'ARRAY', type_text: 'ARRAY<INT>' }, 'text', 'ARRAY'],
    [{ type_name: 'INTERVAL' }, 'text', 'INTERVAL'],
    [{ type_name: 'VARIANT' }, 'text', 'VARIANT'],
    [{}, 'text', 'STRING'],
  ])('reads type %j as %s', (vendor, type, vendorType) => {
    const result = readResult(
      statement((r) => {
        r.manifest.schema.columns = [{ name: 'x', ...vendor }]
        r.result.data_array = [[null]]
        r.manifest.total_row_count = 1
      }),
    )

    expect(result.columns[0]).toMatchObject({ type, vendorType })
  })
})
