/**
 * What a column measures, and whether it measures at all. Read from names and types first, refined by the values where a
 * name leaves room; whatever stays unclear stays `plain`, because a wrong unit on a slide is a wrong number.
 */
import type { Column, Table, Unit } from '../render/table.ts'
import { timePartOf } from './facts/time-axis.ts'
import { wordsOf } from './facts/words.ts'

const plain: Unit = { kind: 'plain' }

/** Codes that are no English word, and those that are and need a money word or capitals in brackets beside them. */
const currencyCodes = new Set(
  'usd eur gbp jpy chf aud nzd cny inr brl mxn sek nok dkk pln czk huf zar sgd hkd krw thb idr myr vnd aed sar ils clp ars uah bgn kzt egp ngn kes twd'.split(
    ' ',
  ),
)
const wordLikeCodes = new Set('cad try php ron rub cop pen mad'.split(' '))
const currencySigns: Readonly<Record<string, string>> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  '₽': 'RUB',
}
const currencyWords: Readonly<Record<string, string>> = {
  dollar: 'USD',
  dollars: 'USD',
  euro: 'EUR',
  euros: 'EUR',
  sterling: 'GBP',
  yen: 'JPY',
  rupee: 'INR',
  rupees: 'INR',
  yuan: 'CNY',
  renminbi: 'CNY',
  rmb: 'CNY',
  francs: 'CHF',
}

const moneyWords = new Set(
  'revenue sales amount price cost costs profit margin spend spending budget value mrr arr income expense expenses fee fees salary payroll turnover gmv aov ltv umsatz kosten preis payment payments balance ebitda cogs refund refunds discount discounts tax'.split(
    ' ',
  ),
)

const percentWords = new Set(['%', 'pct', 'percent', 'percentage', 'perc', 'prozent', 'pourcentage'])
const ratioWords = new Set(['rate', 'ratio', 'share', 'fraction', 'proportion', 'quote', 'anteil'])
/** With one of these, a rate can never exceed 1: values above it must be percent points. */
const boundedRates = new Set(
  'churn conversion retention return returned win bounce click open response refund attrition utilization utilisation occupancy completion error failure success fill defect cancellation cancel adoption penetration discount vat unemployment share proportion fraction anteil'.split(
    ' ',
  ),
)
const growthWords = new Set(['growth', 'yoy', 'mom', 'qoq', 'wow', 'cagr'])
const exchangeWords = new Set(['exchange', 'fx', 'hourly', 'daily', 'heart', 'bit', 'frame', 'per'])

const countLeads = new Set(['count', 'cnt', 'num', 'n', 'nr', 'no', 'number', 'anzahl', 'nombre', 'nb'])
const countTails = new Set(['count', 'cnt', 'counts', 'qty', 'quantity', 'anzahl', 'headcount'])
const countedNouns = new Set(
  'orders customers users units items products returns visits visitors sessions clicks impressions signups subscribers subscriptions accounts employees transactions invoices tickets leads deals opportunities shipments deliveries stores purchases cancellations members seats licenses downloads installs events calls emails people patients students contracts renewals cases complaints refunds rows records logins views companies suppliers buyers contacts meetings projects tasks incidents defects vehicles rooms nights bookings reservations'.split(
    ' ',
  ),
)
/** May follow the counted noun without changing what is counted: orders_2023, customers_prev. */
const qualifiers = new Set(
  'total last prev previous current prior this ytd ly ty year quarter month before after active new old start end net gross py cy'.split(
    ' ',
  ),
)

const integerType =
  /^(?:u?(?:tiny|small|big|huge)?int(?:eger)?|long|short|byte|int\d+)$|^decimal\(\d+, ?0\)$|^numeric\(\d+, ?0\)$/i

const durations: Readonly<Record<string, 'days' | 'hours' | 'minutes' | 'seconds'>> = {
  days: 'days',
  hours: 'hours',
  hrs: 'hours',
  minutes: 'minutes',
  mins: 'minutes',
  seconds: 'seconds',
  secs: 'seconds',
  tage: 'days',
  stunden: 'hours',
  minuten: 'minutes',
  sekunden: 'seconds',
}
/** Before or inside a span that only says over which time something is counted: last_30_days, orders_per_day. */
const spanWords = new Set([
  'last',
  'past',
  'per',
  'within',
  'every',
  'next',
  'trailing',
  'rolling',
  'in',
  'over',
  'business',
  'first',
])

const identifierTails = new Set(
  'id ids uuid guid key sku zip zipcode postcode postal phone ean isbn code pk fk hash barcode'.split(' '),
)
const numberedThings = new Set(['number', 'no', 'nr', 'num'])
const orderingWords = new Set(
  'rank ranking position decile quartile quantile percentile bucket latitude longitude lat lng lon version hour weekday dow level tier'.split(
    ' ',
  ),
)

/**
 * What a column measures, by its name and type alone: currency only where a code, sign or word says which one, percent
 * (points) and ratio by their words, counts for whole numbers of countable things, durations by their unit. Else plain.
 */
export function unitOf(columnName: string, type: Column['type'], vendorType: string): Unit {
  if (type !== 'number') return plain
  const words = wordsOf(columnName)
  if (words.some((word) => percentWords.has(word)) && !words.includes('percentile')) return { kind: 'percent' }
  if (isRatio(words) && !integerType.test(vendorType)) return { kind: 'ratio' }
  const duration = durationOf(words)
  if (duration) return { kind: 'duration', unit: duration }
  const leads = countLeads.has(words[0] ?? '') && words.length > 1
  if (leads && integerType.test(vendorType) && !words.includes('per')) return { kind: 'count' }
  const code = currencyOf(columnName, words)
  if (code) return { kind: 'currency', code }
  return integerType.test(vendorType) && isCount(words) ? { kind: 'count' } : plain
}

function isRatio(words: readonly string[]): boolean {
  if (words.some((word) => exchangeWords.has(word) || currencyCodes.has(word))) return false
  const at = words.findLastIndex((word) => ratioWords.has(word))
  if (at < 0 || words[at + 1] === 'price' || words[at + 1] === 'id') return false
  // "share_of_revenue" and "rate_of_return" are ratios; "rate_plan_fee" is not
  return at === words.length - 1 || words[at + 1] === 'of' || qualifiers.has(words[at + 1] ?? '')
}

function durationOf(words: readonly string[]): 'days' | 'hours' | 'minutes' | 'seconds' | undefined {
  const place = [words.length - 1, 0].find((index) => durations[words[index] ?? ''] !== undefined)
  if (place === undefined) return undefined
  const before = words[place - 1] ?? ''
  if (place > 0 && (/^\d+$/.test(before) || spanWords.has(before))) return undefined
  // "days" first needs something it spans: days_to_ship, hours_worked, not hours_customers
  if (place === 0 && words.length > 1 && countedNouns.has(words.at(-1) ?? '')) return undefined
  return durations[words[place] ?? '']
}

function currencyOf(columnName: string, words: readonly string[]): string | undefined {
  // Cents and rates are money in another scale, "usd_eur" is a pair: none is an amount in that currency
  if (words.some((word) => word === 'cents' || word === 'cent' || word === 'rate' || word === 'fx')) return undefined
  const money = words.some((word) => moneyWords.has(word))
  const codes = new Set<string>()
  for (const word of words) {
    const code = currencySigns[word] ?? currencyWords[word]
    if (code) codes.add(code)
    else if (currencyCodes.has(word)) codes.add(word.toUpperCase())
    else if (wordLikeCodes.has(word) && (money || columnName.includes(`(${word.toUpperCase()})`)))
      codes.add(word.toUpperCase())
    else if (money && (word === 'pound' || word === 'pounds')) codes.add('GBP')
  }
  return codes.size === 1 ? [...codes][0] : undefined
}

function isCount(words: readonly string[]): boolean {
  if (words.includes('per') || words.some((word) => /^(?:avg|average|mean|median|pct|rank)$/.test(word))) return false
  const head = words.findLast((word) => !qualifiers.has(word) && !/^(?:q?\d+|h[12]|fy\d+)$/.test(word)) ?? ''
  return countedNouns.has(head) || countTails.has(head)
}

/**
 * The same table with units that its values confirm. A column called a rate may hold fractions or percent points, and
 * one called a percentage may hold fractions: where the values cannot tell, the unit becomes plain. Idempotent; units
 * that the caller knew better (no longer what {@link unitOf} says) are left alone.
 */
export function refineUnits(table: Table): Table {
  const columns = table.columns.map((column, index) => {
    if (column.type !== 'number') return column
    const named = unitOf(column.name, column.type, column.vendorType)
    if (JSON.stringify(named) !== JSON.stringify(column.unit) && column.unit.kind !== 'plain') return column
    const unit = refine(column, named, table, index)
    return JSON.stringify(unit) === JSON.stringify(column.unit) ? column : { ...column, unit }
  })
  return columns.every((column, index) => column === table.columns[index]) ? table : { ...table, columns }
}

function refine(column: Column, named: Unit, table: Table, index: number): Unit {
  const values = table.rows.flatMap((row) => {
    const cell = row[index]
    return cell === null || cell === undefined || !Number.isFinite(Number(cell)) ? [] : [Number(cell)]
  })
  if (values.length === 0) return named
  const words = wordsOf(column.name)
  const sizes = values.map(Math.abs)
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
  const typical = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0
  switch (named.kind) {
    case 'percent': {
      if (largest > 1 || largest === 0 || words.some((word) => growthWords.has(word) || word === 'change')) return named
      // 0.35 under "refund_pct" is 35 % or 0.35 %: parts that add up to one are fractions, else nobody knows
      const sum = values.reduce((total, value) => total + value, 0)
      return values.length > 1 && values.every((value) => value >= 0) && Math.abs(sum - 1) < 0.01
        ? { kind: 'ratio' }
        : plain
    }
    case 'ratio': {
      if (largest <= 1) return named
      if (words.some((word) => growthWords.has(word))) return typical > 1 ? { kind: 'percent' } : plain
      return largest <= 100 && words.some((word) => boundedRates.has(word)) ? { kind: 'percent' } : plain
    }
    case 'plain': {
      if (
        words.some((word) => growthWords.has(word)) &&
        !words.some((word) => moneyWords.has(word) && word !== 'revenue' && word !== 'sales')
      ) {
        if (largest <= 1 && !values.every(Number.isInteger)) return { kind: 'ratio' }
        return typical > 1 && !integerType.test(column.vendorType) && !values.every(Number.isInteger)
          ? { kind: 'percent' }
          : plain
      }
      if (words.includes('margin') && largest <= 1 && !values.every(Number.isInteger)) return { kind: 'ratio' }
      return isCount(words) && values.every(Number.isInteger) ? { kind: 'count' } : plain
    }
    default:
      return named
  }
}

/**
 * What a column is for. Whole numbers that name a year, a month or a thing (`order_id`, `zip`, `rank`) are no measures:
 * they are never summed. A text column is `time` when every value names a period.
 */
export function roleOf(column: Column, table: Table): 'measure' | 'dimension' | 'time' | 'identifier' {
  const words = wordsOf(column.name)
  const tail = words.at(-1) ?? ''
  if (timePartOf(column, table) !== null) return 'time'
  const identifier = identifierTails.has(tail) && column.type !== 'boolean'
  if (column.type !== 'number') return identifier && tail !== 'code' ? 'identifier' : 'dimension'
  if (identifier) return 'identifier'
  const numbered = numberedThings.has(tail) && words.length > 1
  if (numbered) return 'identifier'
  return orderingWords.has(tail) && column.unit.kind !== 'duration' ? 'dimension' : 'measure'
}
