import { metricOf } from '../../../data/semantic-layer.ts'
import type { MeasureIntent, View } from '../intent.ts'
import { buildList } from './build-list.ts'
import { chooseView } from './choose-view.ts'
import type { Draft } from './draft.ts'
import {
  type BuildDeps,
  clarify,
  coarser,
  isStock,
  type NoIntent,
  type Outcome,
  refuse,
  type Shape,
} from './outcome.ts'

/** Turns a complete draft into an intent, checking that the data can answer it and that it can be read in one way only. */
export function buildIntent(draft: Draft, deps: BuildDeps): Outcome {
  if (draft.problem) return draft.problem
  if (draft.list) return buildList(draft, deps)
  const metrics = chooseMetrics(draft, deps)
  if (!Array.isArray(metrics)) return metrics
  const fault = checkTables(metrics, draft, deps)
  if (fault) return fault
  for (const { field } of draft.having) if (!metrics.includes(field)) metrics.push(field)
  const shape: Shape = {
    metrics,
    by: [...draft.by],
    ...(draft.grain === undefined ? {} : { grain: draft.grain }),
    ...(draft.periods.length === 1 && draft.periods[0] ? { period: draft.periods[0] } : {}),
  }
  const view = chooseView(draft, shape, deps)
  if ('text' in view) return view
  const top = chooseTop(draft, shape, view, deps)
  if (top && 'text' in top) return top
  if (draft.asOf && !metrics.every((name) => isStock(deps.layer, name))) {
    return clarify(`Shall I count up to ${shape.period?.label ?? 'then'}, or only that day?`)
  }
  if (shape.grain && shape.period && shape.period.unit !== 'range' && coarser(shape.grain, shape.period)) {
    return clarify(`${shape.period.label} is shorter than a ${shape.grain}. Which time shall I show by ${shape.grain}?`)
  }
  if (shape.by.length > 3 || metrics.length > 5)
    return refuse('That is too much for one table. Please ask for fewer measures or splits at a time.')
  const intent: MeasureIntent = {
    kind: 'measure',
    ...shape,
    filters: draft.filters,
    amounts: draft.amounts,
    having: draft.having,
    view,
    ...(draft.growth?.only === undefined || view.kind !== 'compare' ? {} : { change: draft.growth.only }),
    ...(top ? { top } : {}),
  }
  return { kind: 'intent', intent }
}

function chooseMetrics(draft: Draft, { layer, standardMetric, exampleMetrics }: BuildDeps): string[] | NoIntent {
  let metrics = [...draft.metrics]
  if (draft.rankMetric !== undefined && !metrics.includes(draft.rankMetric)) metrics = [draft.rankMetric]
  const limited = draft.by.flatMap((name) => layer.dimensions[name]?.only ?? [])
  if (metrics.length === 0 && limited[0] !== undefined) metrics = [limited[0]]
  if (metrics.length === 0) {
    if (draft.vague) return clarify(`What would you like to see? I can show, for example, ${exampleMetrics}.`)
    const comparesThings = draft.comparing || (draft.compareWord && (draft.by.length > 0 || draft.periods.length > 0))
    const ranksThings = draft.rank !== undefined && (draft.rank.of !== undefined || draft.by.length > 0)
    if (draft.compareWord && !comparesThings)
      return clarify('What shall I compare with what? For example two regions, two segments, or two years.')
    if (!comparesThings && !ranksThings)
      return clarify(`Which measure would you like to see? For example ${exampleMetrics}.`)
    metrics = [standardMetric]
  }
  if (limited.length > 0) {
    const possible = metrics.filter((name) => limited.includes(name))
    if (possible.length === 0) {
      const names = limited.map((name) => metricOf(layer, name).label.toLowerCase()).join(' or ')
      return refuse(
        `By ${draft.by.map((name) => layer.dimensions[name]?.label ?? name).join(' and ')} I can show ${names}, but not ${metrics.map((name) => metricOf(layer, name).label.toLowerCase()).join(' and ')}.`,
      )
    }
    metrics = possible
  }
  return metrics
}

function checkTables(metrics: readonly string[], draft: Draft, { layer, tables }: BuildDeps): NoIntent | undefined {
  for (const name of metrics) {
    const metric = metricOf(layer, name)
    if (!tables.includes(metric.table))
      return refuse(`${metric.label} is not in this space. It has data about ${tables.join(' and ')} only.`)
    const filters = [...draft.filters, ...draft.shareOf]
    for (const dimension of new Set([...draft.by, ...filters.map((filter) => filter.dimension)])) {
      const known = layer.dimensions[dimension]
      if (known?.columns[metric.table] !== undefined) continue
      const others = Object.values(layer.dimensions).filter(
        ({ columns, words }) => columns[metric.table] !== undefined && words.length > 0,
      )
      return refuse(
        `${metric.label} is not known by ${known?.label ?? dimension}. It is known by ${others.map(({ label }) => label).join(', ')}.`,
      )
    }
    if (
      draft.amounts.length > 0 &&
      draft.amounts.some(({ field }) => (field === 'mrr') !== (metric.table === 'customers'))
    ) {
      return refuse(`${metric.label} cannot be limited that way.`)
    }
  }
  const aboutReturns = metrics.some((name) => ['returns', 'return_rate', 'returned_revenue'].includes(name))
  if (aboutReturns && draft.filters.some(({ dimension }) => dimension === 'returned')) {
    return refuse('Returns cannot be shown with or without returned orders: they are the returned orders.')
  }
  const tablesUsed = new Set(metrics.map((name) => metricOf(layer, name).table))
  const special =
    draft.share || draft.growth !== undefined || draft.cumulative || draft.averageOver !== undefined || draft.comparing
  if (tablesUsed.size > 1 && (special || draft.having.length > 0)) {
    return refuse('Orders and customers come from different tables; please ask for these measures one at a time.')
  }
  const having = draft.having.find(
    ({ field }) => !metrics.includes(field) && metricOf(layer, field).table !== metricOf(layer, metrics[0] ?? '').table,
  )
  return having ? refuse('I cannot combine that limit with that measure.') : undefined
}

function chooseTop(draft: Draft, shape: Shape, view: View, { layer }: BuildDeps): MeasureIntent['top'] | NoIntent {
  const { rank } = draft
  if (!rank) return undefined
  if (shape.by.length === 0 && shape.grain === undefined) {
    const metric = metricOf(layer, shape.metrics[0] ?? '')
    return {
      kind: 'clarify',
      text: `${rank.count === undefined ? 'The highest or lowest' : `The first ${rank.count}`} of what, by ${metric.label.toLowerCase()}: products, customers, countries …?`,
    }
  }
  const by = draft.rankMetric ?? shape.metrics[0] ?? ''
  if (rank.growth && view.kind !== 'compare' && view.kind !== 'growth') return clarify('Growth between which times?')
  const good = metricOf(layer, by).good
  const shrank = draft.growth?.only === 'fall' && view.kind === 'compare'
  const end = shrank
    ? 'low'
    : rank.rank.quality && good === 'low'
      ? rank.rank.end === 'high'
        ? 'low'
        : 'high'
      : rank.rank.end
  if (view.kind === 'compare' && shape.by.length === 0)
    return clarify('Which of what shall I compare: regions, products, segments …?')
  if (!shape.metrics.includes(by)) shape.metrics = [by, ...shape.metrics]
  return {
    ...(rank.count === undefined ? {} : { count: rank.count }),
    of: rank.of ?? shape.by.at(-1) ?? shape.grain ?? '',
    end,
    perGroup: rank.perGroup && shape.by.length + (shape.grain === undefined ? 0 : 1) > 1,
    ...(rank.growth === false ? {} : { growth: rank.growth }),
    ...(by === shape.metrics[0] ? {} : { by }),
  }
}
