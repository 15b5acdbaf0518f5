import type { Draft } from './draft.ts'
import { type BuildDeps, clarify, type Outcome, refuse } from './outcome.ts'

/** Turns a wish to see rows or names into an intent, if the rows can be narrowed down that way. */
export function buildList(draft: Draft, { layer, tables }: BuildDeps): Outcome {
  const { list } = draft
  if (!list) return refuse('There is nothing to list.')
  if (list.name === 'values') {
    const dimension = list.dimension ?? ''
    const allowed = new Set([layer.dimensions[dimension]?.inside ?? dimension, dimension])
    if (
      draft.filters.some((filter) => !allowed.has(filter.dimension)) ||
      draft.amounts.length > 0 ||
      draft.metrics.length > 0
    ) {
      return clarify(`Which measure shall I show by ${layer.dimensions[dimension]?.label ?? dimension}?`)
    }
    const table = tables.find((name) => layer.dimensions[dimension]?.columns[name] !== undefined)
    if (!table) return refuse(`This space knows nothing about ${layer.dimensions[dimension]?.plural ?? dimension}.`)
    return { kind: 'intent', intent: { kind: 'values', dimension, filters: draft.filters } }
  }
  const rows = layer.lists[list.name]
  if (!tables.includes(rows.table)) return refuse(`This space has no ${rows.label.toLowerCase()}.`)
  for (const { dimension } of draft.filters) {
    const column = rows.filters ? rows.filters[dimension] : layer.dimensions[dimension]?.columns[rows.table]
    if (column === undefined || layer.dimensions[dimension]?.via?.[rows.table] !== undefined) {
      return refuse(`${rows.label} cannot be narrowed down by ${layer.dimensions[dimension]?.label ?? dimension}.`)
    }
  }
  if (
    draft.amounts.some(({ field }) => (field === 'mrr') !== (list.name === 'customers')) ||
    draft.having.length > 0 ||
    (list.name === 'products' && draft.amounts.length > 0)
  ) {
    return refuse(`${rows.label} cannot be limited that way.`)
  }
  const [period] = draft.periods
  if (period && list.name === 'customers' && (list.state === undefined || list.state === 'active')) {
    return clarify(`Customers who signed up, or customers who churned, in ${period.label}?`)
  }
  if (draft.asOf || (period && list.name === 'products')) return refuse(`${rows.label} cannot be listed for a time.`)
  return {
    kind: 'intent',
    intent: {
      kind: 'list',
      list: list.name,
      ...(list.state === undefined ? {} : { state: list.state }),
      filters: draft.filters,
      amounts: draft.amounts,
      ...(period ? { period } : {}),
      sort: list.sort ?? (list.name === 'products' ? 'name' : 'size'),
      end: list.low === true ? 'low' : 'high',
      ...(draft.rank?.count === undefined ? {} : { count: draft.rank.count }),
    },
  }
}
