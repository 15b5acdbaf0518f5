import { buildFactSheet } from '../../../src/agent/facts.ts'
import { refinedTableOf } from '../facts/table-of.ts'
import { caseOf, type GroundingCase } from './grounding-case.ts'
import { honest } from './honest.ts'
import { lies } from './lies.ts'

/** A small company's sales, in the shapes Genie gives: by region, by quarter, by both, by product. */
const byRegion = refinedTableOf(
  [
    ['region', 'STRING'],
    ['revenue_usd', 'DECIMAL(18,2)'],
    ['orders', 'BIGINT'],
    ['customers', 'BIGINT'],
    ['return_rate', 'DOUBLE'],
  ],
  [
    ['EMEA', '1234567.00', '4120', '812', '0.1234'],
    ['APAC', '987654.25', '3010', '640', '0.081'],
    ['North America', '2345678.10', '8000', '1500', '0.052'],
    ['LATAM', '456789.00', '1200', '310', '0.2'],
  ],
  {
    id: 'T1',
    title: 'Sales by region, 2023',
    question: 'sales by region in 2023',
    sql: 'SELECT region, SUM(amount) FROM sales WHERE year = 2023 GROUP BY region',
  },
)

const byQuarter = refinedTableOf(
  [
    ['quarter', 'STRING'],
    ['revenue_usd', 'DECIMAL(18,2)'],
    ['churn_rate', 'DOUBLE'],
    ['delivery_days', 'DOUBLE'],
  ],
  [
    ['2022-Q4', '900000', '0.10', '5.2'],
    ['2023-Q1', '1000000', '0.12', '5.0'],
    ['2023-Q2', '1100000', '0.11', '4.5'],
    ['2023-Q3', '1050000', '0.13', '4.1'],
    ['2023-Q4', '1200000', '0.09', '3.8'],
  ],
  { id: 'T2', title: 'Revenue by quarter', question: 'revenue, churn and delivery time by quarter' },
)

const byRegionAndYear = refinedTableOf(
  [
    ['region', 'STRING'],
    ['year', 'INT'],
    ['profit_eur', 'DECIMAL(18,2)'],
  ],
  [
    ['EMEA', '2022', '150000'],
    ['EMEA', '2023', '180000'],
    ['APAC', '2022', '200000'],
    ['APAC', '2023', '170000'],
    ['LATAM', '2022', '-20000'],
    ['LATAM', '2023', '-35000'],
  ],
  { id: 'T3', title: 'Profit by region and year', question: 'profit by region and year' },
)

const byProduct = refinedTableOf(
  [
    ['product', 'STRING'],
    ['units', 'BIGINT'],
    ['discount_pct', 'DOUBLE'],
  ],
  [
    ['iPhone 15', '5310', '12.34'],
    ['Product 7', '4200', '8.5'],
    ['B2B Starter', '2100', '15'],
    ['Galaxy', '1050', '20'],
    ['Home & Garden Set', '840', '5.5'],
  ],
  {
    id: 'T4',
    title: 'Top products',
    question: 'top 5 products by units',
    sql: 'SELECT product, SUM(units) FROM sales GROUP BY product',
  },
)

const signups = refinedTableOf(
  [
    ['region', 'STRING'],
    ['quarter', 'STRING'],
    ['signups', 'BIGINT'],
  ],
  [
    ['EMEA', '2023-Q3', '100'],
    ['EMEA', '2023-Q4', '160'],
    ['APAC', '2023-Q3', '200'],
    ['APAC', '2023-Q4', '240'],
  ],
  { id: 'T5', title: 'Signups by region and quarter', question: 'signups by region and quarter' },
)

const tables = [byRegion, byQuarter, byRegionAndYear, byProduct, signups]

export const sales: GroundingCase = caseOf({
  name: 'a company',
  question: 'How did sales develop in 2023 by region, and what are the top 5 products?',
  tables,
  sheet: buildFactSheet(tables, { max: 400 }),
  honest,
  lies,
})
