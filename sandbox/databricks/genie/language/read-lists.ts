import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Draft } from './draft.ts'
import type { Reader } from './reader.ts'

/** Reads wishes to see rows or names instead of measures: "list churned customers", "the 10 biggest orders". */
export function readLists(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  const measures =
    draft.by.length > 0 || draft.grain !== undefined || draft.averageOver !== undefined || draft.having.length > 0
  const views = reader.operatorPlaces('share', 'growth', 'rise', 'fall', 'trend', 'average', 'cumulative').length > 0
  if (measures || views || draft.growth || draft.comparing) return
  const counts = reader.operatorPlaces('how-many').length > 0
  if (!counts) readOrderList(reader, draft)
  if (!counts && !draft.list) readCustomerList(reader, draft)
  if (!draft.list) readNames(reader, draft, layer)
}

function readOrderList(reader: Reader, draft: Draft): void {
  const metrics = reader.places('metric')
  const [place] = metrics
  if (place === undefined || metrics.length !== 1 || reader.at(place, 'metric')?.metrics[0] !== 'orders') {
    readReturnedOrders(reader, draft)
    return
  }
  if (reader.places('dimension').length > 0) return
  const latest = reader.operatorPlaces('latest', 'earliest')[0]
  const listing = reader.operatorPlaces('list').length > 0
  const asksWhich =
    reader.operatorPlaces('which').some((which) => reader.skipPrepositions(which + 1) === place) &&
    reader.lexemes[place]?.text.endsWith('s') === true
  if (!draft.rank && latest === undefined && !listing && !asksWhich) return
  if (draft.rankMetric !== undefined && draft.rankMetric !== 'revenue') return
  const singular = reader.lexemes[place]?.text.endsWith('s') !== true
  draft.list = { name: 'orders', sort: draft.rank ? 'size' : 'latest', low: draft.rank?.rank.end === 'low' }
  if (latest !== undefined) draft.list.sort = reader.isOperator(latest, 'earliest') ? 'earliest' : 'latest'
  finish(reader, draft, place, singular ? 1 : draft.rank || latest !== undefined ? 10 : undefined)
  delete draft.rankMetric
}

/** "list returned orders" */
function readReturnedOrders(reader: Reader, draft: Draft): void {
  const place = reader
    .places('metric')
    .find((at) =>
      /^(?:returned orders|orders returned|orders that were returned)$/.test(reader.lexemes[at]?.text ?? ''),
    )
  if (place === undefined || reader.places('metric').length !== 1) return
  if (reader.operatorPlaces('list').length === 0 && !draft.rank) return
  draft.filters.push({ dimension: 'returned', values: ['true'], exclude: false })
  draft.list = { name: 'orders', sort: draft.rank ? 'size' : 'latest', low: draft.rank?.rank.end === 'low' }
  finish(reader, draft, place, draft.rank ? 10 : undefined)
}

function readCustomerList(reader: Reader, draft: Draft): void {
  const noun = reader.places('dimension').find((place) => reader.at(place, 'dimension')?.dimension === 'customer')
  const metric = reader.places('metric').find((place) => {
    const name = reader.at(place, 'metric')?.metrics[0] ?? ''
    return ['churned_customers', 'new_customers', 'customers'].includes(name)
  })
  const place = noun ?? metric
  const verb = reader.operatorPlaces('churned', 'signed-up', 'active')[0]
  const whoAre = reader.operatorPlaces('who').length > 0
  const who =
    whoAre && (verb !== undefined || (noun !== undefined && reader.places('metric').length === 0 && !draft.rank))
  const asks =
    reader.operatorPlaces('list').length > 0 ||
    who ||
    (verb !== undefined && noun !== undefined && reader.operatorPlaces('which', 'show', 'who').length > 0)
  const latest = reader.operatorPlaces('latest', 'earliest')[0]
  const which = reader.operatorPlaces('which').some((at) => reader.skipPrepositions(at + 1) === noun)
  const plain =
    which && reader.places('metric').length === 0 && reader.operatorPlaces('bought', 'sold', 'returned-by').length === 0
  const ranked = draft.rank !== undefined && draft.rank.of === undefined && (verb !== undefined || metric !== undefined)
  if (!asks && latest === undefined && !plain && !ranked) return
  if (place === undefined && !who) return
  const others = reader.places('metric').filter((other) => other !== metric)
  // "list customers by revenue", "list the customers with the highest revenue" rank a measure
  if (others.length > 0 || (!ranked && (draft.rankMetric !== undefined || draft.rank))) return
  delete draft.rankMetric
  const state = stateOf(reader, metric)
  draft.list = { name: 'customers', ...(state ? { state } : {}), low: draft.rank?.rank.end === 'low' }
  if (latest !== undefined) draft.list.sort = reader.isOperator(latest, 'earliest') ? 'earliest' : 'latest'
  reader.takeOperators('churned', 'signed-up', 'active', 'who')
  finish(reader, draft, place, latest === undefined && !ranked ? undefined : 10)
}

function stateOf(reader: Reader, metricPlace: number | undefined): 'churned' | 'new' | 'active' | undefined {
  const metric = metricPlace === undefined ? undefined : reader.at(metricPlace, 'metric')?.metrics[0]
  if (metric === 'churned_customers' || reader.operatorPlaces('churned').length > 0) return 'churned'
  if (metric === 'new_customers' || reader.operatorPlaces('signed-up').length > 0) return 'new'
  return metric === 'customers' || reader.operatorPlaces('active').length > 0 ? 'active' : undefined
}

/** "which regions do we have?", "list all products", "how many channels are there?" */
function readNames(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  const nouns = reader.places('dimension')
  const [place] = nouns
  const noun = place === undefined ? undefined : reader.at(place, 'dimension')
  if (place === undefined || !noun?.plural || nouns.length !== 1 || draft.rank || draft.rankMetric !== undefined) return
  // "how many countries" has a measure, "how many regions" shows them
  const counts = reader.operatorPlaces('how-many').length > 0
  if (counts && (noun.dimension === 'product' || layer.dimensions[noun.dimension]?.count !== undefined)) return
  if (reader.places('metric').length > 0 || (!counts && reader.operatorPlaces('list', 'which').length === 0)) return
  if (reader.operatorPlaces('churned', 'bought', 'signed-up', 'returned-by', 'rise', 'fall', 'average').length > 0)
    return
  if (draft.periods.length > 0) return
  if (noun.dimension === 'customer') return
  reader.takeOperators('sold')
  draft.list =
    noun.dimension === 'product' ? { name: 'products', sort: 'size' } : { name: 'values', dimension: noun.dimension }
  if (noun.dimension === 'product') delete draft.list.sort
  finish(reader, draft, place, undefined)
}

/** Takes the noun, the words around it and a number of rows: "list 20 customers". */
function finish(reader: Reader, draft: Draft, place: number | undefined, standard: number | undefined): void {
  if (place !== undefined) {
    const number = reader.at(place - 1, 'number')
    if (number && Number.isInteger(number.value) && number.value > 0 && !number.unit) {
      draft.rank = {
        perGroup: false,
        growth: false,
        rank: { end: 'high', quality: false },
        ...draft.rank,
        count: number.value,
      }
      reader.take(place - 1)
    }
    reader.take(place)
  }
  for (const operator of reader.operatorPlaces('latest', 'earliest')) {
    const near = [operator + 1, operator - 1].find((next) => reader.at(next, 'number') !== undefined)
    const number = near === undefined ? undefined : reader.at(near, 'number')
    if (near !== undefined && number && Number.isInteger(number.value) && number.value > 0 && !number.unit) {
      draft.rank = { perGroup: false, growth: false, rank: { end: 'high', quality: false }, count: number.value }
      reader.take(near)
    }
  }
  reader.takeOperators(
    'list',
    'which',
    'who',
    'latest',
    'earliest',
    ...(draft.list?.name === 'values' ? (['how-many'] as const) : []),
  )
  if (standard !== undefined) {
    draft.rank = {
      perGroup: false,
      growth: false,
      rank: { end: draft.list?.low === true ? 'low' : 'high', quality: false },
      count: standard,
      ...(draft.rank?.count === undefined ? {} : { count: draft.rank.count }),
    }
  }
}
