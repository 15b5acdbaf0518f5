import type { Warehouse } from '../../sandbox/data/warehouse.ts'

/** For a sandbox workspace that is asked no question of data: a data set takes seconds to make. */
export const noData: Warehouse = {
  today: '2026-01-31',
  query: () => Promise.reject(new Error('There is no data in this workspace')),
  [Symbol.asyncDispose]: async () => {},
}
