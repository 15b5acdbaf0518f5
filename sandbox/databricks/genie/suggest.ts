import { dimensionOf, metricOf, type SemanticLayer } from '../../data/semantic-layer.ts'
import { shiftUnit } from './calendar.ts'
import type { Intent, MeasureIntent } from './intent.ts'
import type { Scope, Understander } from './understand.ts'

const most = 3

export interface SuggestDeps {
  readonly layer: SemanticLayer
  readonly today: string
  readonly understander: Understander
}

/**
 * Up to three questions that lead on from an answer (or, without one, into the space). Each is whole, so that it can be
 * asked anywhere, and each has been understood here before it is offered.
 */
export function suggest(
  intent: Intent | undefined,
  scope: Scope,
  { layer, today, understander }: SuggestDeps,
): readonly string[] {
  const candidates =
    intent === undefined
      ? openers(scope, today)
      : intent.kind === 'measure'
        ? afterMeasure(intent, layer, today)
        : afterList(intent, today)
  const asked = intent === undefined ? '' : JSON.stringify(intent)
  const good = candidates.filter((question) => {
    const understood = understander.understand(question, scope)
    return understood.kind === 'intent' && JSON.stringify(understood.intent) !== asked
  })
  return [...new Set(good)].slice(0, most)
}

function openers({ tables }: Scope, today: string): readonly string[] {
  const quarter = shiftUnit('quarter', today, -1).label
  return tables.includes('orders')
    ? [
        `What was revenue by region in ${quarter}?`,
        'Show monthly churn rate for the last 12 months',
        'Which 5 products had the highest revenue this year?',
      ]
    : [
        'How many customers do we have by segment?',
        'Show monthly churn rate for the last 12 months',
        `Which customers churned in ${quarter}?`,
      ]
}

function afterMeasure(intent: MeasureIntent, layer: SemanticLayer, today: string): readonly string[] {
  const metric = metricOf(layer, intent.metrics[0] ?? '')
  const name = /^[A-Z]{2}/.test(metric.label) ? metric.label : metric.label.toLowerCase()
  const period = intent.view.kind === 'compare' ? intent.view.periods.at(-1) : intent.period
  const named = period && ['month', 'quarter', 'half', 'year'].includes(period.unit)
  const when = period === undefined ? '' : named ? ` in ${period.label}` : ` from ${period.from} to ${period.to}`
  const where = intent.filters
    .filter(
      ({ exclude, dimension, label: group, values }) =>
        !exclude && dimension !== 'returned' && group === undefined && values.length === 1,
    )
    .map(({ values }) => ` for ${values[0] ?? ''}`)
    .join('')
  const possible = ['region', 'segment', 'category', 'channel', 'plan', 'country'].filter(
    (dimension) =>
      dimensionOf(layer, dimension).columns[metric.table] !== undefined &&
      !intent.by.includes(dimension) &&
      !intent.filters.some(
        (filter) => filter.dimension === dimension || dimensionOf(layer, filter.dimension).inside === dimension,
      ),
  )
  const [next = 'region', other = 'segment'] = possible
  const long = period === undefined || ['year', 'half', 'quarter', 'range'].includes(period.unit)
  const trend = long && intent.grain === undefined ? [`Show ${name} by month${where}${when}`] : []
  const year = period?.unit === 'year' ? period : shiftUnit('year', today, -1)
  const before = shiftUnit('year', year.from, -1)
  return [
    `Show ${name} by ${next}${where}${when}`,
    ...trend,
    `Compare ${name} by ${intent.by[0] ?? next}${where} in ${year.label} and ${before.label}`,
    ...(metric.table === 'orders' ? [`Which 5 products had the highest ${name}${where}${when}?`] : []),
    `Show ${name} by ${other}${where}${when}`,
  ]
}

function afterList(intent: Exclude<Intent, MeasureIntent>, today: string): readonly string[] {
  const lastYear = shiftUnit('year', today, -1).label
  if (intent.kind === 'list' && intent.list === 'customers') {
    const when = intent.period?.label ?? lastYear
    return [`How many customers churned in ${when} by segment?`, `Show churn reasons in ${when}`, `Show MRR by plan`]
  }
  if (intent.kind === 'list' && intent.list === 'orders') {
    return [
      `Show revenue by month in ${lastYear}`,
      `What was the average order value by segment in ${lastYear}?`,
      `Show revenue by channel in ${lastYear}`,
    ]
  }
  return [
    `Show revenue by category in ${lastYear}`,
    `Which 5 products had the highest revenue in ${lastYear}?`,
    `Show customers by segment`,
  ]
}
