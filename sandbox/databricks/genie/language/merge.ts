import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import { type Draft, emptyDraft } from './draft.ts'

/**
 * Whether a message goes on from the one before: it has no measure or list of its own, says so ("what about …",
 * "instead"), or is nothing but a measure.
 */
export function goesOn(next: Draft, before: Draft, beforeIsOpen: boolean): boolean {
  const { marks } = next
  if (next.list) return false
  if (next.metrics.length === 0) return true
  const full = next.periods.length > 0 && (next.by.length > 0 || next.grain !== undefined)
  if (marks.whatAbout || marks.pronoun || (!full && (marks.instead || marks.also))) return true
  if (marks.only && next.periods.length === 0 && next.by.length === 0 && next.grain === undefined) return true
  const plain =
    next.by.length === 0 && next.grain === undefined && next.periods.length === 0 && next.filters.length === 0
  if (beforeIsOpen && before.metrics.length === 0 && plain) return true
  return (
    plain &&
    marks.bare &&
    !next.rank &&
    !next.growth &&
    !next.share &&
    !next.trend &&
    !next.total &&
    next.averageOver === undefined
  )
}

/** True when the message changes nothing: there is no question in it. */
export function isEmpty(draft: Draft): boolean {
  return JSON.stringify({ ...draft, marks: null }) === JSON.stringify({ ...emptyDraft(), marks: null })
}

/** The earlier question with what the new message changes in it. `open`: it was answered with a question back. */
export function merge(
  before: Draft,
  next: Draft,
  options: { readonly layer: SemanticLayer; readonly open: boolean },
): Draft {
  const { layer, open } = options
  const merged: Draft = structuredClone(before)
  merged.listThem = next.listThem
  delete merged.problem
  merged.marks = next.marks
  merged.vague = next.vague
  merged.compareWord = next.compareWord
  mergeMetrics(merged, next, layer)
  mergeList(merged, next)
  mergeTime(merged, before, next, open)
  mergeGroups(merged, before, next, layer)
  mergeFilters(merged, next, layer)
  mergeViews(merged, before, next)
  if (next.listThem) listBehind(merged)
  else if (next.marks.pronoun && (before.rank?.count !== undefined || before.having.length > 0 || before.list)) {
    // "the revenue of those customers": the rows of an answer are not remembered, only the question
    merged.problem = {
      kind: 'clarify',
      text: 'I cannot carry the rows of a ranking or a list over to another question. Which ones do you mean, by name?',
    }
  }
  return merged
}

function mergeMetrics(merged: Draft, next: Draft, layer: SemanticLayer): void {
  if (next.metrics.length > 0) {
    merged.averageAsked = false
    if (next.metrics.some((name) => layer.metrics[name]?.additive !== 'full')) {
      // A rate has no shares and adds up to nothing
      merged.share = false
      merged.cumulative = false
      delete merged.averageOver
    }
    merged.metrics = next.marks.also ? [...new Set([...merged.metrics, ...next.metrics])] : [...next.metrics]
    merged.combined = next.combined
    if (!next.marks.also) {
      delete merged.rankMetric
      merged.having = []
      delete merged.list
    }
  }
  if (next.rankMetric !== undefined) merged.rankMetric = next.rankMetric
}

/** "by segment" after a list of churned customers counts them. */
function mergeList(merged: Draft, next: Draft): void {
  const { list } = merged
  const grouped =
    next.by.length > 0 || next.grain !== undefined || next.share || next.trend || next.growth !== undefined
  if (!list || !grouped || list.name === 'products' || list.name === 'values') return
  const counted = { churned: 'churned_customers', new: 'new_customers', active: 'customers' } as const
  merged.metrics = [list.name === 'orders' ? 'orders' : counted[list.state ?? 'active']]
  delete merged.list
  delete merged.rank
}

function mergeTime(merged: Draft, before: Draft, next: Draft, open: boolean): void {
  if (next.allTime) {
    merged.periods = []
    merged.comparing = false
    merged.allTime = true
    merged.asOf = false
  }
  const [only] = next.periods
  if (open && before.growth?.base === 'open' && next.periods.length === 1 && !next.comparing && only) {
    // "Compared with what?" – "the previous quarter", "last year"
    merged.growth = { ...before.growth, base: only.unit === 'year' ? 'year' : 'previous' }
    return
  }
  if (next.periods.length > 0) {
    merged.periods = [...next.periods]
    merged.comparing = next.comparing
    merged.asOf = next.asOf
    delete merged.versus
  }
  if (next.versus) {
    const [last] = before.periods.slice(-1)
    if (last) {
      merged.periods = [next.versus, last].toSorted((a, b) => (a.from < b.from ? -1 : 1))
      merged.comparing = true
    } else {
      merged.versus = next.versus
    }
    delete merged.growth
  }
  if (next.growth) {
    merged.growth = { ...before.growth, ...next.growth }
    if (next.growth.base !== 'open' && before.comparing) {
      merged.periods = before.periods.slice(-1)
      merged.comparing = false
    }
  }
}

function mergeGroups(merged: Draft, before: Draft, next: Draft, layer: SemanticLayer): void {
  const { marks } = next
  if (marks.reset) {
    merged.filters = []
    merged.having = []
    merged.amounts = []
    delete merged.rank
  }
  if (next.averageOver !== undefined) merged.averageOver = next.averageOver
  if (before.averageAsked && next.grain !== undefined && next.by.length === 0) {
    // "Average revenue per what?" – "per month"
    merged.averageOver = next.grain
    merged.averageAsked = false
    delete merged.grain
    return
  }
  if (next.by.length === 0 && next.grain === undefined) return
  const ranked = next.rank?.of !== undefined && before.metrics.length > 0
  if (marks.drill || marks.also) {
    merged.by = [...new Set([...before.by.filter((name) => !narrowedBy(name, next.by, before, layer)), ...next.by])]
    if (next.grain !== undefined) merged.grain = next.grain
    if (merged.by.length > 2) merged.by = merged.by.slice(-2)
  } else {
    const stepped = before.growth?.step !== undefined || before.cumulative
    const sameKind = marks.instead && before.by.length > 0 && before.grain !== undefined
    merged.by = sameKind && next.by.length === 0 ? before.by : [...next.by]
    const grain = next.grain ?? (sameKind || stepped ? before.grain : undefined)
    if (grain === undefined) delete merged.grain
    else merged.grain = grain
    if (next.grain !== undefined || next.by.length > 0) merged.trend = false
  }
  if (!ranked) delete merged.rank
}

/** The rows a count was made of. */
function listBehind(merged: Draft): void {
  const lists = {
    churned_customers: { name: 'customers', state: 'churned' },
    churn_rate: { name: 'customers', state: 'churned' },
    new_customers: { name: 'customers', state: 'new' },
    customers: { name: 'customers', state: 'active' },
    orders: { name: 'orders', sort: 'latest' },
    returns: { name: 'orders', sort: 'latest' },
  } as const satisfies Record<string, Draft['list']>
  const counted = merged.metrics[0] ?? ''
  const list = Object.entries(lists).find(([metric]) => metric === counted)?.[1]
  if (!list) {
    merged.problem = { kind: 'clarify', text: 'I can list customers, orders and products. Which shall I list?' }
    return
  }
  if (counted === 'returns') merged.filters.push({ dimension: 'returned', values: ['true'], exclude: false })
  merged.list = { ...list }
  merged.metrics = []
  merged.by = []
  delete merged.grain
  delete merged.rank
  delete merged.growth
  merged.share = false
}

/** Going down from a region that is held fixed, the region itself says nothing more. */
function narrowedBy(name: string, finer: readonly string[], before: Draft, layer: SemanticLayer): boolean {
  const held = before.filters.some(
    (filter) => filter.dimension === name && !filter.exclude && filter.values.length === 1,
  )
  return held && finer.some((other) => layer.dimensions[other]?.inside === name)
}

function mergeFilters(merged: Draft, next: Draft, layer: SemanticLayer): void {
  for (const filter of next.filters) {
    const same = merged.filters.find(
      ({ dimension, exclude }) => dimension === filter.dimension && exclude === filter.exclude,
    )
    if (same && next.marks.also && !filter.exclude) {
      same.values = [...new Set([...same.values, ...filter.values])]
      delete same.label
      if (!merged.by.includes(filter.dimension)) merged.by.push(filter.dimension)
      continue
    }
    merged.filters = merged.filters.filter((old) => {
      if (old.dimension === filter.dimension)
        return !filter.exclude && old.exclude && !overlaps(old.values, filter.values)
      // A country replaces the region asked about before, and the other way round; they would exclude each other
      return filter.exclude || old.exclude || !related(old.dimension, filter.dimension, layer)
    })
    merged.filters.push(filter)
  }
  if (next.amounts.length > 0) merged.amounts = next.amounts
  if (next.having.length > 0) merged.having = next.having
}

const overlaps = (a: readonly string[], b: readonly string[]): boolean => a.some((value) => b.includes(value))

const related = (a: string, b: string, layer: SemanticLayer): boolean =>
  layer.dimensions[a]?.inside === b || layer.dimensions[b]?.inside === a

function mergeViews(merged: Draft, before: Draft, next: Draft): void {
  if (next.share) {
    merged.share = true
    merged.shareOf = next.shareOf
    merged.cumulative = false
    delete merged.averageOver
  }
  if (next.cumulative) {
    merged.cumulative = true
    merged.share = false
  }
  if (next.trend) merged.trend = true
  if (next.total) {
    merged.total = true
    if (next.by.length === 0) merged.by = []
    if (next.grain === undefined) delete merged.grain
    delete merged.rank
  }
  if (next.growth && !before.growth) {
    merged.share = false
    merged.cumulative = false
  }
  if (next.rank) {
    const { of, ...rank } = { ...before.rank, ...next.rank }
    const known = of ?? merged.by.at(-1) ?? merged.grain
    merged.rank = {
      ...rank,
      perGroup:
        next.rank.perGroup || (known === merged.by.at(-1) && (merged.by.length > 1 || merged.grain !== undefined)),
      ...(known === undefined ? {} : { of: known }),
    }
  }
}
