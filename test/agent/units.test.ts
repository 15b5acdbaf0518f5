import { describe, expect, it } from 'vitest'
import { refineUnits, roleOf, unitOf } from '../../src/agent/units.ts'
import type { Unit } from '../../src/render/table.ts'
import { tableOf } from './facts/table-of.ts'

/** `usd`, `percent`, `days` … for short. */
function short(unit: Unit): string {
  if (unit.kind === 'currency') return unit.code.toLowerCase()
  return unit.kind === 'duration' ? unit.unit : unit.kind
}

const unitAfterRefining = (name: string, vendorType: string, values: readonly string[]): string => {
  const table = refineUnits(
    tableOf(
      [[name, vendorType]],
      values.map((value) => [value]),
    ),
  )
  return short(table.columns[0]?.unit ?? { kind: 'plain' })
}

describe('unitOf', () => {
  it.each([
    ['revenue_usd', 'DECIMAL(18,2)', 'usd'],
    ['amountEUR', 'DOUBLE', 'eur'],
    ['Revenue ($)', 'DOUBLE', 'usd'],
    ['Umsatz (€)', 'DOUBLE', 'eur'],
    ['price_in_euros', 'DOUBLE', 'eur'],
    ['budget_pounds', 'DOUBLE', 'gbp'],
    ['weight_pounds', 'DOUBLE', 'plain'],
    ['cost_cad', 'DOUBLE', 'cad'],
    ['cad_models', 'DOUBLE', 'plain'],
    ['number_of_retries_try', 'DOUBLE', 'plain'],
    ['revenue', 'DECIMAL(18,2)', 'plain'],
    ['sales', 'BIGINT', 'plain'],
    ['price_cents', 'BIGINT', 'plain'],
    ['eur_usd_rate', 'DOUBLE', 'plain'],
    ['usd_eur', 'DOUBLE', 'plain'],
  ])('reads a currency from %s only where the name says which: %s → %s', (name, vendorType, unit) => {
    expect(short(unitOf(name, 'number', vendorType))).toBe(unit)
  })

  it.each([
    ['accounts_pct', 'BIGINT', 'percent'],
    ['revenue_usd_pct', 'DOUBLE', 'percent'],
    ['Growth %', 'DOUBLE', 'percent'],
    ['percentile', 'INT', 'plain'],
    ['churn_rate', 'DOUBLE', 'ratio'],
    ['share_of_revenue', 'DOUBLE', 'ratio'],
    ['rate', 'INT', 'plain'],
    ['share_price', 'DOUBLE', 'plain'],
    ['exchange_rate', 'DOUBLE', 'plain'],
    ['hourly_rate', 'DOUBLE', 'plain'],
    ['corporate', 'DOUBLE', 'plain'],
  ])('tells percent points from fractions: %s %s → %s', (name, vendorType, unit) => {
    expect(short(unitOf(name, 'number', vendorType))).toBe(unit)
  })

  it.each([
    ['orders', 'BIGINT', 'count'],
    ['n_orders', 'BIGINT', 'count'],
    ['order_count', 'BIGINT', 'count'],
    ['count(1)', 'BIGINT', 'count'],
    ['numberOfCustomers', 'INT', 'count'],
    ['orders_2023', 'BIGINT', 'count'],
    ['quantity', 'DECIMAL(38,0)', 'count'],
    ['orders', 'DOUBLE', 'plain'],
    ['avg_orders', 'BIGINT', 'plain'],
    ['orders_per_customer', 'BIGINT', 'plain'],
    ['order_value', 'BIGINT', 'plain'],
    ['discount', 'INT', 'plain'],
    ['country', 'INT', 'plain'],
    ['county_n', 'INT', 'plain'],
  ])('counts whole numbers of countable things: %s %s → %s', (name, vendorType, unit) => {
    expect(short(unitOf(name, 'number', vendorType))).toBe(unit)
  })

  it.each([
    ['days_to_ship', 'DOUBLE', 'days'],
    ['delivery_days', 'INT', 'days'],
    ['hoursWorked', 'DOUBLE', 'hours'],
    ['day', 'INT', 'plain'],
    ['orders_last_30_days', 'BIGINT', 'plain'],
    ['revenue_30_days', 'DOUBLE', 'plain'],
    ['latency_ms', 'DOUBLE', 'plain'],
  ])('reads durations from the unit in the name: %s %s → %s', (name, vendorType, unit) => {
    expect(short(unitOf(name, 'number', vendorType))).toBe(unit)
  })

  it('gives text and dates no unit, whatever they are called', () => {
    expect(unitOf('revenue_usd', 'text', 'STRING')).toEqual({ kind: 'plain' })
    expect(unitOf('days', 'date', 'DATE')).toEqual({ kind: 'plain' })
  })
})

describe('refineUnits', () => {
  it.each([
    ['churn_rate', 'DOUBLE', ['0.12', '0.08'], 'ratio'],
    ['churn_rate', 'DOUBLE', ['12.1', '8.4'], 'percent'],
    ['inventory_turnover_ratio', 'DOUBLE', ['3.4', '5.1'], 'plain'],
    ['market_share', 'DOUBLE', ['45.5', '54.5'], 'percent'],
    ['revenue_share', 'DOUBLE', ['45000.5', '54000.5'], 'plain'],
    ['growth_rate', 'DOUBLE', ['0.12', '-0.3'], 'ratio'],
    ['growth_rate', 'DOUBLE', ['12.5', '-3.1', '8.2'], 'percent'],
    ['growth_rate', 'DOUBLE', ['0.2', '0.4', '1.8'], 'plain'],
    ['yoy_growth', 'DOUBLE', ['0.12', '-0.05'], 'ratio'],
    ['pct_of_total', 'DOUBLE', ['0.6', '0.4'], 'ratio'],
    ['pct_of_total', 'DOUBLE', ['60', '40'], 'percent'],
    ['refund_pct', 'DOUBLE', ['0.35', '0.1'], 'plain'],
    ['margin', 'DOUBLE', ['0.35', '0.1'], 'ratio'],
    ['margin', 'DOUBLE', ['3500', '1200'], 'plain'],
    ['orders', 'DECIMAL', ['12', '7'], 'count'],
    ['orders', 'DOUBLE', ['12.5', '7'], 'plain'],
  ])('settles %s %s by its values %j: %s', (name, vendorType, values, unit) => {
    expect(unitAfterRefining(name, vendorType, values)).toBe(unit)
  })

  it('changes nothing the second time, and keeps a unit that the caller knew better', () => {
    const once = refineUnits(tableOf([['market_share', 'DOUBLE']], [['45.5'], ['54.5']]))
    const known = tableOf([['sales', 'DOUBLE']], [['1']])
    const told = {
      ...known,
      columns: known.columns.map((column) => ({ ...column, unit: { kind: 'currency', code: 'USD' } as const })),
    }

    expect(refineUnits(once)).toBe(once)
    expect(refineUnits(told)).toBe(told)
  })

  it('leaves empty and all-missing columns as their names say', () => {
    expect(unitAfterRefining('churn_rate', 'DOUBLE', [])).toBe('ratio')
    expect(refineUnits(tableOf([['churn_rate', 'DOUBLE']], [[null]])).columns[0]?.unit).toEqual({ kind: 'ratio' })
  })
})

describe('roleOf', () => {
  it.each([
    ['year', 'INT', ['2022', '2023'], 'time'],
    ['order_year', 'BIGINT', ['2023'], 'time'],
    ['years', 'INT', ['3', '5'], 'measure'],
    ['month', 'INT', ['1', '12'], 'time'],
    ['month_number', 'INT', ['1', '12'], 'time'],
    ['month', 'BIGINT', ['202310', '202311'], 'time'],
    ['months_active', 'INT', ['3', '40'], 'measure'],
    ['quarter', 'STRING', ['2023-Q4', '2024-Q1'], 'time'],
    ['quarter', 'INT', ['1', '4'], 'time'],
    ['month', 'STRING', ['2023-10', '2023-11'], 'time'],
    ['month_name', 'STRING', ['October', 'Nov'], 'time'],
    ['first_name', 'STRING', ['April', 'June'], 'dimension'],
    ['order_date', 'DATE', ['2023-10-01'], 'time'],
    ['order_id', 'BIGINT', ['1', '2'], 'identifier'],
    ['customerId', 'STRING', ['a1'], 'identifier'],
    ['zip_code', 'INT', ['10001'], 'identifier'],
    ['invoice_number', 'BIGINT', ['10001'], 'identifier'],
    ['rank', 'INT', ['1'], 'dimension'],
    ['region', 'STRING', ['EMEA'], 'dimension'],
    ['is_active', 'BOOLEAN', ['true'], 'dimension'],
    ['orders', 'BIGINT', ['2020'], 'measure'],
    ['paid', 'DOUBLE', ['1.5'], 'measure'],
  ])('takes %s %s with %j for a %s', (name, vendorType, values, role) => {
    const table = tableOf(
      [[name, vendorType]],
      values.map((value) => [value]),
    )

    expect(roleOf(table.columns[0]!, table)).toBe(role)
  })
})
