import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Amount } from '../intent.ts'
import type { Draft } from './draft.ts'
import type { Reader } from './reader.ts'

/** Columns of single rows that people set limits on, by the metric whose word they use for it. */
const rowFields: Readonly<Record<string, string>> = {
  revenue: 'revenue',
  orders: 'revenue',
  discount_rate: 'discount_rate',
  average_discount: 'discount_rate',
  units: 'quantity',
  mrr: 'mrr',
}

/** Reads which rows count: named values, what is excluded, and limits on numbers. */
export function readFilters(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  readExclusions(reader, draft)
  readLimits(reader, draft)
  const mixed = mixedLevels(reader, layer)
  if (mixed !== undefined) draft.problem ??= { kind: 'clarify', text: mixed }
  for (const place of reader.places('value')) readValue(place, reader, draft)
  for (const filter of draft.filters) {
    const known = layer.dimensions[filter.dimension]
    const inGroups = Object.entries(known?.groups ?? {}).filter(([label]) => filter.label === label)
    if (inGroups.length === 0) delete filter.label
  }
}

/** "EMEA and Germany" cannot mean both at once: one lies in the other. */
function mixedLevels(reader: Reader, layer: SemanticLayer): string | undefined {
  for (const place of reader.places('value')) {
    const first = reader.at(place, 'value')
    const joint = place + 1
    const second = reader.at(reader.skipPrepositions(joint + 1), 'value')
    if (!first || !second || !reader.isOperator(joint, 'and', 'or', 'versus')) continue
    const [a, b] = [first.dimension, second.dimension]
    if (layer.dimensions[a]?.inside === b || layer.dimensions[b]?.inside === a) {
      return `${first.label} and ${second.label} are not of one kind: a ${a} and a ${b}. Which of them do you mean?`
    }
  }
  return undefined
}

/** "excluding returns", "without Germany and France", "not in EMEA", "non-returned". */
function readExclusions(reader: Reader, draft: Draft): void {
  for (const place of reader.operatorPlaces('except', 'not')) {
    let next = reader.skipPrepositions(place + 1)
    let found = false
    for (;;) {
      const value = reader.at(next, 'value')
      const metric = reader.at(next, 'metric')
      if (value) {
        addFilter(draft, value.dimension, value.values, true, value.label)
        reader.take(next)
        takeNoun(reader, next, value.dimension)
      } else if (metric?.metrics[0] === 'returns' && !found) {
        addFilter(draft, 'returned', ['false'], false)
        reader.take(next)
        // "excluding returned orders" names the orders with it; "non returned orders" still counts them
      } else {
        break
      }
      found = true
      let after = next + 1
      if (reader.at(after, 'dimension')?.dimension === value?.dimension) after += 1
      if (!reader.isOperator(after, 'and', 'or')) break
      next = reader.skipPrepositions(after + 1)
      if (!reader.at(next, 'value')) break
      reader.take(after)
    }
    if (found) reader.take(place)
  }
  for (const place of reader.operatorPlaces('including')) {
    const next = reader.skipPrepositions(place + 1)
    if (reader.at(next, 'metric')?.metrics[0] === 'returns') reader.take(place, next)
  }
  // "only returned orders"
  if (draft.marks.only) {
    const returned = reader.places('metric').find((place) => reader.at(place, 'metric')?.metrics[0] === 'returns')
    const others = reader.places('metric').filter((place) => place !== returned)
    if (
      returned !== undefined &&
      (others.length > 0 || /^returned orders?$/.test(reader.lexemes[returned]?.text ?? ''))
    ) {
      addFilter(draft, 'returned', ['true'], false)
      reader.take(returned)
    }
  }
}

/** "orders over 10,000 dollars", "with a discount above 20 %", "regions with revenue over 1 million". */
function readLimits(reader: Reader, draft: Draft): void {
  const operators = { 'more-than': '>', 'at-least': '>=', 'less-than': '<', 'at-most': '<=' } as const
  for (const [operator, sign] of Object.entries(operators) as [keyof typeof operators, Amount['operator']][]) {
    for (const place of reader.operatorPlaces(operator)) {
      const number = reader.at(place + 1, 'number')
      if (!number) {
        readWithoutNumber(place, reader, draft)
        continue
      }
      readLimit(reader, draft, { place, sign, value: number.value, unit: number.unit })
    }
  }
}

/** "over the last year" and "under the Plus plan" are no limits; "bigger than APAC" compares. */
function readWithoutNumber(place: number, reader: Reader, draft: Draft): void {
  const text = reader.lexemes[place]?.text ?? ''
  const next = reader.lexemes[reader.skipPrepositions(place + 1)]?.type
  if (/^(?:over|under|above|below)$/.test(text) && (next === 'period' || next === 'value')) reader.take(place)
  if (text.endsWith(' than') && next === 'value') {
    draft.compareWord = true
    reader.take(place)
  }
}

function readLimit(
  reader: Reader,
  draft: Draft,
  limit: {
    readonly place: number
    readonly sign: Amount['operator']
    readonly value: number
    readonly unit: 'usd' | 'percent' | undefined
  },
): void {
  const { place, sign, value, unit } = limit
  const before = reader.skipPrepositions(place - 1, -1)
  const afterPlace = reader.skipPrepositions(place + 2)
  const after = reader.at(afterPlace, 'metric')
  const people = reader.at(afterPlace, 'dimension')?.dimension === 'customer'
  const counted =
    people ||
    (after?.metrics.length === 1 &&
      ['orders', 'units', 'returns', 'customers', 'churned_customers', 'new_customers'].includes(
        after.metrics[0] ?? '',
      ))
  const field =
    counted && unit === undefined ? (people ? 'customers' : after?.metrics[0]) : reader.at(before, 'metric')?.metrics[0]
  if (field === undefined) return
  const rows = reader.lexemes.some((lexeme) => lexeme.type === 'metric' && lexeme.metrics[0] === 'orders')
  // "revenue over 5 million by country": without orders to speak of, the limit is on the groups
  const split = !rows && field !== 'mrr' && reader.operatorPlaces('by', 'per').some((by) => by > place)
  const grouped = split || groupBefore(reader, counted ? place : before)
  // "customers with more than 10 orders", "regions with revenue over a million": a limit on a group
  if (grouped) {
    draft.having.push({ field, operator: sign, value })
    reader.take(place, place + 1)
    draft.rankMetric ??= field
    reader.take(counted ? afterPlace : before)
    return
  }
  const column = rowFields[field]
  if (column === undefined || (counted && field !== 'units') || (!rows && field !== 'mrr')) return
  const scale = column === 'discount_rate' ? 0.01 : 1
  if (column === 'discount_rate' && unit !== 'percent' && value <= 1) return
  draft.amounts.push({ field: column, operator: sign, value: Number((value * scale).toFixed(6)) })
  reader.take(place, place + 1)
  if (counted) reader.take(afterPlace)
  // "orders over 500" still counts orders; "orders with a discount over 20 %" and "with revenue over 500" do too
  if (field !== 'orders' && field !== 'mrr' && ordersBefore(reader, before)) reader.take(before)
  // "customers in Japan with MRR over 1,000"
  if (field === 'mrr' && customersBefore(reader, before)) reader.take(before)
}

function groupBefore(reader: Reader, place: number): boolean {
  const noun = reader.skipPrepositions(place - 1, -1)
  const dimension = reader.at(noun, 'dimension')
  return dimension !== undefined && !dimension.adjective
}

function ordersBefore(reader: Reader, place: number): boolean {
  const noun = reader.skipPrepositions(place - 1, -1)
  return reader.at(noun, 'metric')?.metrics[0] === 'orders'
}

function customersBefore(reader: Reader, place: number): boolean {
  return reader
    .places('dimension')
    .some((noun) => noun < place && reader.at(noun, 'dimension')?.dimension === 'customer')
}

function readValue(place: number, reader: Reader, draft: Draft): void {
  const value = reader.at(place, 'value')
  if (!value) return
  addFilter(draft, value.dimension, value.values, false, value.label)
  reader.take(place)
  takeNoun(reader, place, value.dimension)
}

/** "the EMEA region", "region EMEA", "segment: Enterprise": the noun only says what kind of value it is. */
function takeNoun(reader: Reader, place: number, dimension: string): void {
  for (const next of [reader.skipPrepositions(place + 1), reader.skipPrepositions(place - 1, -1)]) {
    const noun = reader.at(next, 'dimension')
    const grouping = reader.isOperator(next - 1, 'by', 'per', 'which') || reader.lexemes[next - 1]?.type === 'rank'
    if (noun?.dimension === dimension && !noun.plural && !grouping) {
      reader.take(next)
      return
    }
  }
}

function addFilter(draft: Draft, dimension: string, values: readonly string[], exclude: boolean, label?: string): void {
  const same = draft.filters.find((filter) => filter.dimension === dimension && filter.exclude === exclude)
  if (same) {
    same.values = [...new Set([...same.values, ...values])]
    delete same.label
  } else {
    draft.filters.push({ dimension, values: [...values], exclude, ...(label === undefined ? {} : { label }) })
  }
}
