import type { Column } from '../../render/table.ts'
import { wordsOf } from './words.ts'

/**
 * Which sums of a measure make sense. `full`: over anything. `across`: over categories at one time only, as for stock
 * levels, recurring revenue or customers, whom two months would count twice. `none`: averages, rates, prices, scores.
 */
export type Additivity = 'full' | 'across' | 'none'

const never = new Set(
  'avg average mean median min max minimum maximum lowest highest stddev std variance var percentile rate ratio pct percent percentage % share price per score rating nps csat index rank growth yoy mom qoq cumulative cum cumul running rolling moving ytd distinct unique temperature age ltv clv aov arpu arpa multiple factor probability weight cagr latitude longitude durchschnitt preis moyenne'.split(
    ' ',
  ),
)
const stocks = new Set(
  'mrr arr balance balances inventory stock headcount backlog customers users accounts subscribers subscriptions members employees active installed population outstanding seats patients students'.split(
    ' ',
  ),
)
/** What comes and goes in a period adds up, even when the noun is a stock: new_customers, churned_users. */
const flows = new Set(
  'new lost churned added signed joined won cancelled canceled gained acquired reactivated hired left expansion contraction churn change'.split(
    ' ',
  ),
)
const spent = new Set('worked spent logged billed total lost booked used downtime overtime'.split(' '))

/** By name and unit alone; what is unclear is not added up. */
export function additivityOf(column: Column): Additivity {
  const words = wordsOf(column.name)
  const { kind } = column.unit
  if (kind === 'percent' || kind === 'ratio') return 'none'
  if (words.some((word) => never.has(word) || /^p\d\d$/.test(word))) return 'none'
  if (words.includes('unit') && words.some((word) => word === 'cost' || word === 'value')) return 'none'
  if (words.includes('margin') && kind !== 'currency') return 'none'
  if (kind === 'duration') return words.some((word) => spent.has(word)) ? 'full' : 'none'
  if (words.some((word) => stocks.has(word)) && !words.some((word) => flows.has(word))) return 'across'
  return 'full'
}

/** True when a mean over rows says something: a mean of rates or of means, unweighted, misleads. */
export function canAverage(column: Column): boolean {
  const words = wordsOf(column.name)
  if (column.unit.kind === 'percent' || column.unit.kind === 'ratio') return false
  return !words.some(
    (word) =>
      /^(?:avg|average|mean|median|min|max|per|rate|ratio|share|rank|growth|yoy|mom|qoq|index|aov|arpu|arpa|p\d\d)$/.test(
        word,
      ) || /^cum|running|rolling|moving|ytd/.test(word),
  )
}
