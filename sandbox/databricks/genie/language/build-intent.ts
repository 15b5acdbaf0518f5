import { metricOf, type SemanticLayer, type TableName } from '../../../data/semantic-layer.ts'
import { addDays, type Day, dayCount, type Grain, type Period, rangePeriod, shiftUnit, unitAt } from '../calendar.ts'
import type { Intent, MeasureIntent, View } from '../intent.ts'
import type { Draft } from './draft.ts'
import { cut } from './period-grammar.ts'
import { baseOf } from './read-periods.ts'

/** What came of a message: a question that can be run, one to put back, or a plain no. */
export type Outcome =
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'clarify'; readonly text: string }
  | { readonly kind: 'refuse'; readonly text: string }

export interface BuildDeps {
  readonly layer: SemanticLayer
  readonly today: Day
  /** Tables of the space that is asked. */
  readonly tables: readonly TableName[]
  /** The measure meant when something is to be ranked or compared and none is named. */
  readonly standardMetric: string
  /** What to suggest in a question back, such as "revenue, orders or return rate". */
  readonly exampleMetrics: string
}

const clarify = (text: string): Outcome => ({ kind: 'clarify', text })
const refuse = (text: string): Outcome => ({ kind: 'refuse', text })

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

interface Shape {
  metrics: string[]
  by: string[]
  grain?: Grain
  period?: Period
}

function chooseMetrics(draft: Draft, { layer, standardMetric, exampleMetrics }: BuildDeps): string[] | Outcome {
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

function checkTables(metrics: readonly string[], draft: Draft, { layer, tables }: BuildDeps): Outcome | undefined {
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

function chooseView(draft: Draft, shape: Shape, deps: BuildDeps): View | Extract<Outcome, { text: string }> {
  const { layer, today } = deps
  const [first = ''] = shape.metrics
  const metric = metricOf(layer, first)
  if (draft.versus) return { kind: 'clarify', text: `Which time shall I compare with ${draft.versus.label}?` }
  if (draft.share) return shareView(draft, shape, deps)
  if (draft.comparing) return compareView(draft, shape)
  if (draft.growth) return growthView(draft, draft.growth, shape, today)
  if (draft.cumulative) {
    if (shape.metrics.some((name) => metricOf(layer, name).additive !== 'full'))
      return { kind: 'refuse', text: `${metric.label} cannot be added up over time.` }
    shape.grain ??= 'month'
    return { kind: 'cumulative' }
  }
  if (draft.averageOver !== undefined) {
    if (shape.grain !== undefined)
      return {
        kind: 'clarify',
        text: `Do you mean the average per ${draft.averageOver}, or the values by ${shape.grain}?`,
      }
    const complete = completeUnits(draft.averageOver, shape.period, metric.table, today)
    if (!complete)
      return {
        kind: 'refuse',
        text: `There is no complete ${draft.averageOver} in ${shape.period?.label ?? 'that time'} yet.`,
      }
    shape.period = complete
    return { kind: 'average-over', grain: draft.averageOver }
  }
  if (draft.trend) shape.grain ??= trendGrain(shape.period, today)
  return { kind: 'plain' }
}

function shareView(draft: Draft, shape: Shape, { layer }: BuildDeps): View | Extract<Outcome, { text: string }> {
  const metric = metricOf(layer, shape.metrics[0] ?? '')
  if (metric.additive === 'none')
    return {
      kind: 'refuse',
      text: `${metric.label} is no quantity that has shares. I can show it by region, segment and so on.`,
    }
  if (draft.comparing || (draft.growth && !(draft.trend && draft.growth.base === 'open')))
    return {
      kind: 'refuse',
      text: 'I can show shares, or changes, but not changes of shares. Please ask for the shares over time instead.',
    }
  if (draft.trend) shape.grain ??= 'month'
  if (draft.shareOf.length > 0) return { kind: 'share-of', part: draft.shareOf }
  if (shape.by.length === 0 && (shape.grain === undefined || metric.additive === 'dimensions')) {
    return { kind: 'clarify', text: `Share of ${metric.label.toLowerCase()} by what: region, country, segment …?` }
  }
  shape.metrics = shape.metrics.slice(0, 1)
  return { kind: 'share' }
}

function compareView(draft: Draft, shape: Shape): View | Extract<Outcome, { text: string }> {
  const [first, ...rest] = draft.periods
  if (!first) return { kind: 'clarify', text: 'Which times shall I compare?' }
  if (shape.grain !== undefined || draft.trend) {
    const grain = (shape.grain ??= 'month')
    const contiguous = rest.every(
      (period, index) => draft.periods[index] && addDays(draft.periods[index].to, 1) === period.from,
    )
    const sameUnit = first.unit === grain
    const aligned =
      !sameUnit &&
      !coarser(grain, first) &&
      draft.periods.every((period) => period.unit === first.unit && period.from.slice(5) === first.from.slice(5))
    if (!aligned || grain === 'day' || grain === 'week') {
      if (!contiguous)
        return {
          kind: 'clarify',
          text: `I cannot set these times side by side by ${grain}. Shall I show each as a whole?`,
        }
      shape.period = rangePeriod(
        first.from,
        rest.at(-1)?.to ?? first.to,
        `${first.label} to ${rest.at(-1)?.label ?? first.label}`,
      )
      return { kind: 'plain' }
    }
  }
  return { kind: 'compare', periods: [...draft.periods], likeForLike: false }
}

function growthView(
  draft: Draft,
  growth: NonNullable<Draft['growth']>,
  shape: Shape,
  today: Day,
): View | Extract<Outcome, { text: string }> {
  const step = growth.step
  if (shape.grain === undefined && step !== undefined && shape.period?.unit !== step) shape.grain = step
  if (shape.grain === undefined && draft.trend) shape.grain = 'month'
  if (shape.grain !== undefined && draft.rank?.of !== shape.grain) {
    return { kind: 'growth', base: growth.base === 'year' && shape.grain !== 'year' ? 'year' : 'previous' }
  }
  if (shape.grain !== undefined)
    return { kind: 'growth', base: growth.base === 'year' && shape.grain !== 'year' ? 'year' : 'previous' }
  if (!shape.period) {
    if (growth.base === 'previous')
      return { kind: 'clarify', text: 'Which time shall I compare with the one before it?' }
    if (shape.by.length === 0) {
      shape.grain = 'year'
      return { kind: 'growth', base: 'previous' }
    }
    // "Which region grows fastest?": the last complete year
    shape.period = shiftUnit('year', today, -1)
  }
  const { period } = shape
  const isYear =
    period.unit === 'year' ||
    period.label.endsWith(' to date') ||
    (period.unit === 'range' && period.label.startsWith('last '))
  if (growth.base === 'open' && !isYear) {
    const named =
      period.unit === 'range' ? 'the time before it' : `the ${period.unit} before (${baseOf(period, 'previous').label})`
    return {
      kind: 'clarify',
      text: `Growth of ${period.label} against ${named}, or against the same time a year earlier (${baseOf(period, 'year').label})?`,
    }
  }
  const base = growth.base === 'previous' ? 'previous' : 'year'
  const running = period.label.endsWith(' to date') ? wholeOf(period) : period
  const unfinished = running.from <= today && running.to > today
  if (!unfinished) return { kind: 'compare', periods: [baseOf(period, base), period], likeForLike: false }
  const soFar = cut(running, today)
  const full = baseOf(running, base)
  const earlier =
    base === 'year'
      ? baseOf(rangePeriod(soFar.from, soFar.to), 'year')
      : rangePeriod(full.from, addDays(full.from, dayCount(soFar.from, soFar.to) - 1))
  const to = earlier.to > full.to ? full.to : earlier.to
  return {
    kind: 'compare',
    periods: [
      { ...rangePeriod(earlier.from, to), label: `${full.label} to ${to.slice(5)}` },
      { ...soFar, label: `${running.label} to ${today.slice(5)}` },
    ],
    likeForLike: true,
  }
}

/** The year, quarter or month that "2026 to date" is the beginning of. */
function wholeOf(period: Period): Period {
  const label = period.label.replace(/ to date$/, '')
  const units = ['year', 'quarter', 'month', 'week'] as const
  return units.map((unit) => unitAt(unit, period.from)).find((unit) => unit.label === label) ?? period
}

function chooseTop(
  draft: Draft,
  shape: Shape,
  view: View,
  { layer }: BuildDeps,
): MeasureIntent['top'] | Extract<Outcome, { text: string }> {
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
  if (rank.growth && view.kind !== 'compare' && view.kind !== 'growth')
    return { kind: 'clarify', text: 'Growth between which times?' }
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
    return { kind: 'clarify', text: 'Which of what shall I compare: regions, products, segments …?' }
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

function buildList(draft: Draft, { layer, tables }: BuildDeps): Outcome {
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

/** A stock is what is there at a moment; it does not look at the start of the time. */
export function isStock(layer: SemanticLayer, name: string): boolean {
  const { table, sql } = metricOf(layer, name)
  return table === 'customers' && !sql.includes('{start}')
}

function coarser(grain: Grain, period: Period): boolean {
  const size = { day: 0, week: 1, month: 2, quarter: 3, half: 3.5, year: 4 } as const
  return period.unit !== 'range' && size[grain] > size[period.unit]
}

/** Steps that make a readable line: days up to six weeks, months up to three years, then quarters. */
function trendGrain(period: Period | undefined, today: Day): Grain {
  if (!period) return 'quarter'
  const end = period.to > today ? today : period.to
  const days = dayCount(period.from, end)
  if (days <= 45) return 'day'
  return days <= 3 * 366 ? 'month' : 'quarter'
}

/** The whole units of a time that are over; undefined when there is none. */
function completeUnits(grain: Grain, period: Period | undefined, table: TableName, today: Day): Period | undefined {
  const start = table === 'orders' ? '2021-01-01' : '2018-01-01'
  const all = period ?? rangePeriod(start, today, 'all time')
  let from = unitAt(grain, all.from < start ? start : all.from)
  if (from.from < all.from) from = shiftUnit(grain, from.from, 1)
  let to = unitAt(grain, all.to > today ? today : all.to)
  if (to.to > all.to || to.to > today) to = shiftUnit(grain, to.from, -1)
  if (to.to < from.from) return undefined
  if (from.from === all.from && to.to === all.to) return all
  return rangePeriod(from.from, to.to, `${from.label} to ${to.label}`)
}
