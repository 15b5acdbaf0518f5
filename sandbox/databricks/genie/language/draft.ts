import type { ListName } from '../../../data/semantic-layer.ts'
import type { Grain, Period } from '../calendar.ts'
import type { Amount, Filter } from '../intent.ts'
import type { Rank } from './words.ts'

/** What one message says, before the conversation fills in what it leaves out. */
export interface Draft {
  metrics: string[]
  /** True when the metrics came from a word that means several at once ("churn"). */
  combined: boolean
  by: string[]
  grain?: Grain
  filters: Filter[]
  /** Row conditions: orders over 10,000 dollars. */
  amounts: Amount[]
  /** Group conditions: regions with revenue over a million. */
  having: Amount[]
  periods: Period[]
  /** Two or more times set against each other. */
  comparing: boolean
  /** "versus 2022" without saying what stands on the other side. */
  versus?: Period
  growth?: { base: 'year' | 'previous' | 'open'; step?: Grain; only?: 'rise' | 'fall' }
  share: boolean
  /** The part whose share is asked for: "what share comes from Online". */
  shareOf: Filter[]
  cumulative: boolean
  averageOver?: Grain
  /** "average revenue" was said, without per what. */
  averageAsked: boolean
  /** "which ones?": the rows behind the number before. */
  listThem: boolean
  trend: boolean
  total: boolean
  /** Only the state at the end of the period is meant ("at the end of 2023"). */
  asOf: boolean
  rank?: {
    rank: Rank
    count?: number
    of?: string
    perGroup: boolean
    growth: false | 'percent' | 'amount'
    /** Both ends were asked for, so the whole order is shown. */
    all?: boolean
  }
  /** The time step was named by "per" or "each". */
  perStep: boolean
  /** A metric that only orders the rows. */
  rankMetric?: string
  list?: {
    name: ListName | 'values'
    dimension?: string
    state?: 'churned' | 'new' | 'active'
    sort?: 'size' | 'latest' | 'earliest'
    low?: boolean
  }
  /** How the message leans on the conversation. */
  marks: {
    whatAbout: boolean
    instead: boolean
    also: boolean
    only: boolean
    drill: boolean
    reset: boolean
    pronoun: boolean
    /** Nothing in it but a metric, a time, a value …: no verb and no question word. */
    bare: boolean
  }
  /** "performance", "results": a wish without a measure. */
  vague: boolean
  compareWord: boolean
  /** "of all time" was said. */
  allTime: boolean
  /** A question to put back before anything else, or a plain no. */
  problem?: { readonly kind: 'clarify' | 'refuse'; readonly text: string }
}

export const emptyDraft = (): Draft => ({
  metrics: [],
  combined: false,
  by: [],
  filters: [],
  amounts: [],
  having: [],
  periods: [],
  comparing: false,
  share: false,
  shareOf: [],
  cumulative: false,
  averageAsked: false,
  listThem: false,
  trend: false,
  total: false,
  asOf: false,
  perStep: false,
  marks: {
    whatAbout: false,
    instead: false,
    also: false,
    only: false,
    drill: false,
    reset: false,
    pronoun: false,
    bare: false,
  },
  vague: false,
  compareWord: false,
  allTime: false,
})
