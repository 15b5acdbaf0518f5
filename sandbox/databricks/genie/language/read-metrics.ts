import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Draft } from './draft.ts'
import type { Reader } from './reader.ts'

/** Reads what is measured. Nouns and verbs that stand for a measure ("how many customers left") come first. */
export function readMetrics(
  reader: Reader,
  draft: Draft,
  layer: SemanticLayer,
  tense: { readonly past: boolean },
): void {
  if (draft.list) {
    // "list the churned customers": the metric's words were the list's
    return
  }
  readReturned(reader, draft)
  readCustomerVerbs(reader, draft)
  readCounts(reader, draft, layer, tense)
  readNamed(reader, draft)
  readSold(reader, draft)
  readNouns(reader, draft, layer)
  // "how much discount did we give" asks for an amount
  if (reader.operatorPlaces('how-much').length > 0) {
    draft.metrics = draft.metrics.map((name) => (name === 'discount_rate' ? 'discount_amount' : name))
  }
  if (draft.rankMetric !== undefined) rankBy(draft, draft.rankMetric)
}

function add(draft: Draft, ...metrics: readonly string[]): void {
  for (const metric of metrics) if (!draft.metrics.includes(metric)) draft.metrics.push(metric)
}

/** The ranking measure is shown first, and the only one when nothing else is asked for. */
function rankBy(draft: Draft, metric: string): void {
  if (draft.metrics.length === 0) draft.metrics.push(metric)
  else if (!draft.metrics.includes(metric)) draft.metrics.push(metric)
}

const metricPlaces = (reader: Reader, name: string): readonly number[] =>
  reader.places('metric').filter((place) => reader.at(place, 'metric')?.metrics[0] === name)

/** "how many orders came back", "what percentage of orders were returned" */
function readReturned(reader: Reader, draft: Draft): void {
  const verb = reader.operatorPlaces('returned-by')[0]
  const participle = metricPlaces(reader, 'returns').find((place) => reader.lexemes[place]?.text === 'returned')
  const place = verb ?? participle
  if (place === undefined) return
  const [orders] = metricPlaces(reader, 'orders')
  const share = reader.operatorPlaces('share')
  if (share.length > 0) {
    add(draft, 'return_rate')
    reader.take(...share)
  } else if (metricPlaces(reader, 'units').length > 0 || metricPlaces(reader, 'revenue').length > 0) {
    return
  } else {
    add(draft, 'returns')
  }
  reader.take(place)
  if (orders !== undefined) reader.take(orders)
  reader.takeOperators('how-many')
  takeProductNoun(reader)
}

/** "how many products were returned" counts orders; the noun adds nothing when it splits nothing. */
function takeProductNoun(reader: Reader): void {
  for (const place of reader.places('dimension')) {
    if (reader.at(place, 'dimension')?.dimension === 'product') reader.take(place)
  }
}

/** "customers who churned", "how many did we win", "which segment churns the most" */
function readCustomerVerbs(reader: Reader, draft: Draft): void {
  const noun = customerNoun(reader)
  const mrr = metricPlaces(reader, 'mrr')[0]
  const share = reader.operatorPlaces('share')
  const counts = reader.operatorPlaces('how-many')
  if (reader.operatorPlaces('churned').length > 0) {
    const others = reader.places('metric').filter((place) => place !== noun && place !== mrr)
    if (mrr !== undefined) add(draft, 'churned_mrr')
    else if (others.length > 0) return
    else if (share.length > 0) add(draft, 'churn_rate')
    else if (
      noun === undefined &&
      counts.length === 0 &&
      (draft.rank || reader.operatorPlaces('which').length > 0 || draft.by.length > 0)
    ) {
      add(draft, 'churn_rate', 'churned_customers')
      draft.combined = true
    } else add(draft, 'churned_customers')
    if (share.length > 0) reader.take(...share)
    reader.takeOperators('churned')
  } else if (reader.operatorPlaces('signed-up').length > 0) {
    if (reader.places('metric').some((place) => place !== mrr)) return
    if (noun === undefined && mrr === undefined && counts.length === 0) return
    add(draft, mrr === undefined ? 'new_customers' : 'new_mrr')
    reader.takeOperators('signed-up')
  } else if (reader.operatorPlaces('bought').length > 0 && noun !== undefined) {
    if (counts.length > 0) {
      add(draft, 'buyers')
      reader.takeOperators('bought')
      // "how many customers bought products"
      takeProductNoun(reader)
    } else if (
      reader.places('metric').length === 0 &&
      !draft.rank &&
      reader.operatorPlaces('which', 'list', 'show', 'who').length > 0
    ) {
      // "which customers bought Ergo Chairs": each with what they spent
      add(draft, 'revenue')
      draft.by.push('customer')
      draft.rank = { rank: { end: 'high', quality: false }, of: 'customer', perGroup: false, growth: false }
      reader.takeOperators('bought', 'which', 'list', 'who')
    } else return
  } else if (reader.operatorPlaces('active').length > 0 && noun !== undefined && reader.places('metric').length === 0) {
    add(draft, 'customers')
    reader.takeOperators('active')
  } else {
    return
  }
  if (counts.length > 0) reader.takeOperators('how-many')
  if (noun !== undefined) reader.take(noun)
  if (mrr !== undefined) reader.take(mrr)
}

/** The place of "customers", as a noun or as the measure "new customers" would need it. */
function customerNoun(reader: Reader): number | undefined {
  return reader.places('dimension').find((place) => reader.at(place, 'dimension')?.dimension === 'customer')
}

/** "how many customers", "number of orders", "how many Ergo Chairs" */
function readCounts(reader: Reader, draft: Draft, layer: SemanticLayer, tense: { readonly past: boolean }): void {
  for (const place of reader.operatorPlaces('how-many')) {
    const next = reader.skipPrepositions(place + 1)
    const noun = reader.at(next, 'dimension') ?? nounAfterValues(reader, next)
    if (noun) {
      const at = reader.lexemes.indexOf(noun)
      const past = reader
        .operatorPlaces('sold', 'bought')
        .some((verb) => reader.lexemes[verb]?.text !== 'sell' || tense.past)
      if (noun.dimension === 'product' && past) {
        draft.problem ??= { kind: 'clarify', text: 'Do you mean units sold, or the number of different products sold?' }
      }
      const metric = noun.dimension === 'product' ? 'products_sold' : layer.dimensions[noun.dimension]?.count
      if (metric === undefined) continue
      add(draft, metric)
      reader.take(place, at)
      continue
    }
    const metric = reader.lexemes.slice(next).find(({ type }) => type === 'metric')
    if (metric) {
      reader.take(place)
      continue
    }
    const product = draft.filters.some(({ dimension, exclude }) => dimension === 'product' && !exclude)
    if (product && draft.metrics.length === 0) {
      add(draft, 'units')
      reader.take(place)
      reader.takeOperators('sold', 'bought')
    } else if (draft.metrics.length > 0 || draft.marks.pronoun) {
      // "how many of them" goes on with what was counted before
      reader.take(place)
    }
  }
}

/** "how many Enterprise customers": values were taken, the noun follows. */
function nounAfterValues(
  reader: Reader,
  place: number,
): Extract<Reader['lexemes'][number], { type: 'dimension' }> | undefined {
  let next = place
  while (
    reader.lexemes[next]?.type === 'value' ||
    reader.lexemes[next]?.type === 'preposition' ||
    reader.isOperator(next, 'and')
  )
    next += 1
  return reader.at(next, 'dimension')
}

/** Measures by name. Two that are not listed but hang together ("cost of returns") are not understood as two. */
function readNamed(reader: Reader, draft: Draft): void {
  let last: number | undefined
  for (const place of reader.places('metric')) {
    const metric = reader.at(place, 'metric')
    if (!metric) continue
    const [name = ''] = metric.metrics
    if (last !== undefined && name === 'orders' && hangsOn(reader, last, place)) {
      // "revenue from online orders": the orders the revenue comes from
      reader.take(place)
      continue
    }
    if (last !== undefined && !listed(reader, last, place)) continue
    if (metric.metrics.length > 1) draft.combined = true
    add(draft, ...metric.metrics)
    reader.take(place)
    last = place
  }
}

/** Nothing but prepositions and values between two places, and no "and". */
function hangsOn(reader: Reader, from: number, to: number): boolean {
  for (let place = from + 1; place < to; place += 1) {
    const lexeme = reader.lexemes[place]
    if (lexeme?.type !== 'preposition' && lexeme?.type !== 'value') return false
  }
  return true
}

/** Something that joins two measures stands between two places: "and", "versus", "as a share of". */
function listed(reader: Reader, from: number, to: number): boolean {
  const joints: readonly string[] = ['and', 'or', 'versus', 'also', 'share']
  return reader.lexemes
    .slice(from + 1, to)
    .some((lexeme) => lexeme.type === 'operator' && joints.includes(lexeme.operator))
}

/** "how much did we sell", "which region sold the most" */
function readSold(reader: Reader, draft: Draft): void {
  const sells = reader.operatorPlaces('sold', 'bought').length > 0
  if (!sells) return
  if (draft.metrics.length === 0 && draft.rankMetric === undefined) add(draft, 'revenue')
  reader.takeOperators('sold', 'bought')
}

/** Nouns left over: customers to count, or words that only say whose numbers are meant. */
function readNouns(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  for (const place of reader.places('dimension')) {
    const noun = reader.at(place, 'dimension')
    if (!noun) continue
    const before = reader.lexemes[place - 1]
    const named = before?.type === 'value' || reader.lexemes[place + 1]?.type === 'value'
    const follows = before?.type === 'preposition' || named
    if (draft.metrics.length > 0 && noun.plural && follows && ['customer', 'product'].includes(noun.dimension)) {
      // "revenue from Enterprise customers", "margin on Hardware products"
      reader.take(place)
    } else if (
      noun.dimension === 'customer' &&
      draft.metrics.length === 0 &&
      draft.rankMetric === undefined &&
      (noun.plural || !draft.rank)
    ) {
      add(draft, 'customers')
      reader.take(place)
    } else if (layer.dimensions[noun.dimension]?.only && draft.metrics.length === 0 && noun.plural) {
      const [metric] = layer.dimensions[noun.dimension]?.only ?? []
      if (metric === undefined) continue
      add(draft, metric)
      if (!draft.by.includes(noun.dimension)) draft.by.push(noun.dimension)
      reader.take(place)
    } else if (
      noun.dimension === 'customer' &&
      reader.isOperator(place - 1, 'and') &&
      noun.plural &&
      draft.metrics.length > 0
    ) {
      // "revenue and customers by region"
      add(draft, 'customers')
      reader.take(place)
    }
  }
}
