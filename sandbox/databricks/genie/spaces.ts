import { sandboxSpaceIds } from '../contract.ts'
import type { Scope } from './understand.ts'

/** A Genie space of the sandbox. */
export interface Space {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly scope: Scope
}

const warning = 'All of it is generated sample data of an invented company.'

/** The spaces the caller may use. Others answer as if they did not exist, as the vendor's do. */
export const spaces: readonly Space[] = [
  {
    id: sandboxSpaceIds.sales,
    title: 'Sales (sandbox data)',
    description: `Orders since 2021 and customers since 2018: revenue, margin, discounts, returns, churn and MRR. The Nordics are reported apart from EMEA; a fiscal year is a calendar year. ${warning}`,
    scope: {
      tables: ['orders', 'customers'],
      standardMetric: 'revenue',
      exampleMetrics: 'revenue, orders, gross margin, return rate, customers or churn rate',
    },
  },
  {
    id: sandboxSpaceIds.customers,
    title: 'Customers (sandbox data)',
    description: `Customers since 2018 with segment, country, plan, MRR and churn. ${warning}`,
    scope: {
      tables: ['customers'],
      standardMetric: 'mrr',
      exampleMetrics: 'customers, new customers, churn rate or MRR',
    },
  },
]
