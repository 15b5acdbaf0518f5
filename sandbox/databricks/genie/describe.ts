import { dimensionOf, type Metric, metricOf, type SemanticLayer } from '../../data/semantic-layer.ts'
import { type Day, type Period, unitAt } from './calendar.ts'
import type { Amount, Filter, Intent, ListIntent, MeasureIntent, ValuesIntent } from './intent.ts'
import type { Correction } from './language/lexicon.ts'
import { dataStart } from './sql/base.ts'

/** How a question was read, so that a person can see whether it is what they meant. */
export interface Reading {
  /** "Revenue by region, Q4 2023" */
  readonly title: string
  /** "Revenue by region, 2023-10-01 to 2023-12-31" */
  readonly reading: string
  /** What the measures mean and what to beware of, as sentences. */
  readonly notes: readonly string[]
}

interface Deps {
  readonly layer: SemanticLayer
  readonly today: Day
}

export function describe(intent: Intent, deps: Deps, corrections: readonly Correction[] = []): Reading {
  const told = tell(intent, deps)
  const read = corrections.map(({ from, to }) => `I read "${from}" as "${to}".`)
  return { ...told, notes: [...told.notes, ...read] }
}

function tell(intent: Intent, deps: Deps): Reading {
  switch (intent.kind) {
    case 'measure':
      return tellMeasure(intent, deps)
    case 'list':
      return tellList(intent, deps)
    case 'values':
      return tellValues(intent, deps)
  }
}

function tellMeasure(intent: MeasureIntent, deps: Deps): Reading {
  const { layer } = deps
  const what = `${subject(intent, layer)}${conditionsOf(intent, layer)}`
  const [metric] = intent.metrics.map((name) => metricOf(layer, name))
  const times = timesOf(intent, deps, metric)
  return {
    title: `${what}, ${times.short}`,
    reading: `${what}, ${times.exact}`,
    notes: [...definitions(intent, layer), ...cautions(intent, deps)],
  }
}

function subject(intent: MeasureIntent, layer: SemanticLayer): string {
  const { view, top, grain } = intent
  const labels = listOf(
    intent.metrics.map((name, index) =>
      index === 0 ? metricOf(layer, name).label : lower(metricOf(layer, name).label),
    ),
  )
  const label = (name: string): string => layer.dimensions[name]?.label ?? name
  const keys = [...intent.by.map(label), ...(grain ? [grain] : [])]
  const first = metricOf(layer, intent.metrics[0] ?? '').label
  const by = keys.length > 0 ? ` by ${listOf(keys)}` : ''
  switch (view.kind) {
    case 'plain':
    case 'cumulative': {
      const measure = view.kind === 'cumulative' ? `Cumulative ${lower(labels)}` : labels
      return top ? ranked(intent, layer, measure) : `${measure}${by}`
    }
    case 'share':
      return top ? ranked(intent, layer, `Share of ${lower(first)}`) : `Share of ${lower(first)}${by}`
    case 'share-of':
      return `${filtersOf(view.part, layer)} as a share of ${lower(first)}${by}`
    case 'compare':
      return top?.growth || intent.change
        ? ranked(intent, layer, `${top?.growth === 'amount' ? 'Change' : 'Growth in percent'} of ${lower(labels)}`)
        : top
          ? ranked(intent, layer, labels)
          : `${labels}${by}`
    case 'growth': {
      const against =
        view.base === 'year'
          ? 'year over year'
          : grain === 'year'
            ? 'year over year'
            : `${grain ?? 'month'} over ${grain ?? 'month'}`
      return top
        ? ranked(intent, layer, `Growth of ${lower(first)} (${against})`)
        : `Growth of ${lower(first)}${by}, ${against}`
    }
    case 'average-over':
      return top
        ? ranked(intent, layer, `Average ${lower(labels)} per ${view.grain}`)
        : `Average ${lower(labels)} per ${view.grain}${by}`
  }
}

/** "Top 5 products by revenue", "Regions by margin, lowest first" */
function ranked(intent: MeasureIntent, layer: SemanticLayer, measure: string): string {
  const { top } = intent
  const of = top?.of ?? intent.by.at(-1) ?? intent.grain ?? ''
  const dimension = layer.dimensions[of]
  const rest = [...intent.by, ...(intent.grain ? [intent.grain] : [])]
    .filter((key) => key !== of)
    .map((key) => layer.dimensions[key]?.label ?? key)
  const metric = top?.by === undefined ? measure : `${lower(metricOf(layer, top.by).label)}, with ${lower(measure)}`
  const only = intent.change === undefined ? '' : intent.change === 'rise' ? ' that grew' : ' that shrank'
  const one = top?.count === 1
  const noun = one ? (dimension?.label ?? of) : (dimension?.plural ?? `${of}s`)
  const within = rest.length > 0 ? ` ${top?.perGroup ? 'within each' : 'and'} ${listOf(rest)}` : ''
  if (top?.count === undefined)
    return `${capital(noun)}${only}${only ? ',' : ''} by ${lower(metric)}${within}, ${top?.end === 'low' ? 'lowest' : 'highest'} first`
  const counted =
    top.growth === undefined &&
    intent.view.kind !== 'share' &&
    metricOf(layer, top.by ?? intent.metrics[0] ?? '').unit === 'count'
  const [high, low] = counted ? ['most', 'fewest'] : ['highest', 'lowest']
  const place = one ? (top.end === 'low' ? `the ${low}` : `the ${high}`) : top.end === 'low' ? 'Bottom' : 'Top'
  return one
    ? `${capital(noun)} with ${place} ${lower(metric)}${within}`
    : `${place} ${top.count} ${noun}${only} by ${lower(metric)}${within}`
}

function conditionsOf(
  intent: {
    readonly filters: readonly Filter[]
    readonly amounts: readonly Amount[]
    readonly having?: readonly Amount[]
  },
  layer: SemanticLayer,
): string {
  const parts: string[] = []
  const included = intent.filters.filter(({ exclude, dimension }) => !exclude && dimension !== 'returned')
  if (included.length > 0) parts.push(` for ${filtersOf(included, layer)}`)
  const excluded = intent.filters.filter(({ exclude }) => exclude)
  if (excluded.length > 0) parts.push(` without ${filtersOf(excluded, layer)}`)
  for (const { dimension, values } of intent.filters) {
    if (dimension === 'returned')
      parts.push(values.includes('true') ? ', only returned orders' : ', without returned orders')
  }
  for (const { field, operator, value } of intent.amounts) {
    const amount = field === 'discount_rate' ? `${Number((value * 100).toFixed(4))} %` : value.toLocaleString('en-US')
    parts.push(
      `, ${field === 'revenue' ? 'order value' : field === 'discount_rate' ? 'discount' : field === 'mrr' ? 'MRR' : field} ${operator} ${amount}`,
    )
  }
  for (const { field, operator, value } of intent.having ?? []) {
    parts.push(`, ${lower(metricOf(layer, field).label)} ${operator} ${value.toLocaleString('en-US')}`)
  }
  return parts.join('')
}

function filtersOf(filters: readonly Filter[], layer: SemanticLayer): string {
  return filters
    .map(({ dimension, values, label }) => {
      if (label !== undefined) return `${label} (${values.join(', ')})`
      return dimension === 'customer' || dimension === 'product'
        ? listOf(values)
        : `${dimensionOf(layer, dimension).label} ${listOf(values)}`
    })
    .join(', ')
}

function timesOf(
  intent: MeasureIntent,
  { layer, today }: Deps,
  metric: Metric | undefined,
): { readonly short: string; readonly exact: string } {
  if (intent.view.kind === 'compare') {
    const { periods } = intent.view
    return {
      short: periods
        .map(({ label }) => label)
        .toReversed()
        .join(' vs '),
      exact: periods
        .map((period) => `${period.label}: ${span(period)}`)
        .toReversed()
        .join(' vs '),
    }
  }
  const start = dataStart[metric?.table ?? 'orders']
  const stocks =
    ['plain', 'share', 'share-of'].includes(intent.view.kind) &&
    intent.grain === undefined &&
    intent.metrics.every(
      (name) => !metricOf(layer, name).sql.includes('{start}') && metricOf(layer, name).table === 'customers',
    )
  if (stocks) {
    const end = intent.period && intent.period.to < today ? intent.period.to : today
    if (intent.period === undefined || intent.period.from <= today)
      return { short: `at ${end}`, exact: `at the end of ${end}` }
  }
  if (!intent.period) return { short: 'all data', exact: `all data, ${start} to ${today}` }
  return { short: intent.period.label, exact: span(intent.period) }
}

const span = ({ from, to }: Period): string => (from === to ? from : `${from} to ${to}`)

/** What a measure means, where its name alone leaves room. */
function definitions(intent: MeasureIntent, layer: SemanticLayer): readonly string[] {
  return intent.metrics.flatMap((name) => {
    const metric = metricOf(layer, name)
    const allTime = intent.period === undefined && intent.grain === undefined && intent.view.kind === 'plain'
    const text = allTime ? (metric.definition_all_time ?? metric.definition) : metric.definition
    return text === undefined ? [] : [`${metric.label}: ${text}.`]
  })
}

function cautions(intent: MeasureIntent, { layer, today }: Deps): readonly string[] {
  const notes: string[] = []
  const { view, grain, period } = intent
  if (view.kind === 'compare' && view.likeForLike)
    notes.push(`The running time is compared with the same days before; data ends on ${today}.`)
  if (view.kind === 'growth') notes.push(`Only complete ${grain ?? 'month'}s are shown.`)
  const periods =
    view.kind === 'compare'
      ? view.periods
      : [period ?? { from: '', to: '9999-12-31', unit: 'range' as const, label: '' }]
  const open = periods.filter(({ from, to }) => from <= today && to > today)
  const ahead = periods.some(({ from }) => from > today)
  if (ahead) notes.push(`There is no data after ${today}.`)
  const stock = intent.metrics.every(
    (name) => !metricOf(layer, name).sql.includes('{start}') && metricOf(layer, name).table === 'customers',
  )
  if (open.length > 0 && view.kind !== 'growth' && view.kind !== 'average-over') {
    const step = grain ? unitAt(grain, today) : undefined
    const named = open.find(({ unit }) => unit !== 'range')
    if (named) notes.push(`${named.label} is not over; data ends on ${today}.`)
    else if (step && step.to > today && !stock)
      notes.push(`The last ${grain ?? ''} is not over; data ends on ${today}.`)
  }
  return notes
}

function tellList(intent: ListIntent, deps: Deps): Reading {
  const { layer } = deps
  const rows = layer.lists[intent.list]
  const state = intent.state === undefined ? '' : { churned: 'churned ', new: 'new ', active: 'active ' }[intent.state]
  const label = intent.count === 1 ? rows.label.replace(/s$/, '') : rows.label
  const noun = `${state}${lower(label)}`
  const order = {
    size: `by ${rows.size_label}, ${intent.end === 'low' ? 'smallest' : 'largest'} first`,
    latest: 'latest first',
    earliest: 'earliest first',
    name: 'by name',
  }[intent.sort]
  const count = intent.count === undefined ? '' : `${intent.count} `
  const head = `${capital(`${count}${noun}`)}${conditionsOf(intent, layer)}`
  const when = intent.period
    ? `, ${intent.state === 'churned' ? 'churned ' : intent.state === 'new' ? 'signed up ' : ''}${span(intent.period)}`
    : ''
  return {
    title: `${head}${intent.period ? `, ${intent.period.label}` : ''}`,
    reading: `${head}${when}, ${order}`,
    notes: [],
  }
}

function tellValues({ dimension, filters }: ValuesIntent, { layer }: Deps): Reading {
  const head = `${capital(dimensionOf(layer, dimension).plural)}${conditionsOf({ filters, amounts: [] }, layer)}`
  return { title: head, reading: head, notes: [] }
}

/** "a", "a and b", "a, b and c" */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}

/** The first letter small, unless the word is an abbreviation such as MRR. */
const lower = (label: string): string =>
  /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)

const capital = (label: string): string => label.charAt(0).toUpperCase() + label.slice(1)
