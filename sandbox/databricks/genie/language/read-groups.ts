import type { SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Grain } from '../calendar.ts'
import type { Draft } from './draft.ts'
import type { Reader } from './reader.ts'

/** Reads what the numbers are split by and what is ranked: by-lists, rankings, "which region …", "regional". */
export function readGroups(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  for (const place of reader.operatorPlaces('sorted')) readSorted(place, reader, draft)
  for (const place of reader.operatorPlaces('ascending', 'descending')) {
    const low = reader.isOperator(place, 'ascending')
    draft.rank ??= { rank: { end: low ? 'low' : 'high', quality: false }, perGroup: false, growth: false }
    reader.take(place)
  }
  for (const place of reader.operatorPlaces('by', 'per', 'drill')) readByList(place, reader, draft, layer)
  readAdjectives(reader, draft)
  readRanks(reader, draft)
  readGroupLimits(reader, draft)
  readRankedThing(reader, draft, layer)
  readWhole(reader, draft)
}

/** "sorted by revenue", "ranked by margin, lowest first" */
function readSorted(place: number, reader: Reader, draft: Draft): void {
  const next = reader.skipPrepositions(place + 1)
  const metric = reader.at(next, 'metric')
  if (metric) {
    draft.rankMetric = metric.metrics[0] ?? ''
    reader.take(next)
  }
  const low = reader.takeOperators('ascending')
  reader.takeOperators('descending')
  draft.rank = { rank: { end: low ? 'low' : 'high', quality: false }, perGroup: false, growth: false }
  reader.take(place)
}

/** After "by" or "per": dimensions and time steps, joined by commas and "and"; or the metric that ranks. */
function readByList(place: number, reader: Reader, draft: Draft, layer: SemanticLayer): void {
  if (!reader.isOperator(place, 'by', 'per', 'drill')) return
  const per = reader.isOperator(place, 'per')
  const averaged = reader.operatorPlaces('average').length > 0
  let next = place + 1
  let found = 0
  for (;;) {
    while (reader.lexemes[next]?.type === 'preposition' || reader.isOperator(next, 'all', 'per', 'by', 'which')) {
      reader.take(next)
      next += 1
    }
    const dimension = reader.at(next, 'dimension')
    const grain = reader.at(next, 'grain')
    if (dimension) {
      group(draft, dimension.dimension)
    } else if (grain) {
      // "orders per day on average" is a mean, "revenue per month" a series
      if (per && averaged) draft.averageOver = grain.grain
      else setGrain(draft, grain.grain)
      draft.perStep = per
    } else {
      if (found === 0 && !per) found += readRankMetric(next, place, reader, draft, layer)
      break
    }
    reader.take(next)
    found += 1
    next += 1
    const link = next
    while (reader.isOperator(next, 'and', 'by', 'per') || (reader.lexemes[next]?.type === 'preposition' && next > link))
      next += 1
    const goesOn = next > link && (reader.at(next, 'dimension') !== undefined || reader.at(next, 'grain') !== undefined)
    if (!goesOn) break
    for (let joint = link; joint < next; joint += 1) reader.take(joint)
  }
  if (found > 0) reader.take(place)
}

/** "top 5 products by number of orders", "customers by revenue" */
function readRankMetric(place: number, by: number, reader: Reader, draft: Draft, layer: SemanticLayer): number {
  // "by growth" ranks by it; the word itself is read with the other growth words
  if (reader.isOperator(place, 'growth')) return 1
  const subject = [...reader.places('dimension'), ...reader.places('grain'), ...reader.places('rank')].some(
    (noun) => noun < by,
  )
  if (!subject && !draft.rank) return 0
  let next = place
  const skipped: number[] = []
  while (
    reader.isOperator(next, 'how-many', 'share') ||
    reader.lexemes[next]?.type === 'preposition' ||
    reader.at(next, 'rank')
  ) {
    if (reader.isOperator(next, 'share') || reader.at(next, 'rank')) break
    skipped.push(next)
    next += 1
  }
  const metric = reader.at(next, 'metric')
  const counted =
    skipped.length > 0 ? layer.dimensions[reader.at(next, 'dimension')?.dimension ?? '']?.count : undefined
  if (counted !== undefined) {
    draft.rankMetric = counted
    reader.take(next, ...skipped)
    return 1
  }
  if (!metric) return 0
  draft.rankMetric = metric.metrics[0] ?? ''
  if (metric.metrics.length > 1) {
    draft.metrics.push(...metric.metrics)
    draft.combined = true
  }
  reader.take(next, ...skipped)
  return 1
}

function group(draft: Draft, dimension: string): void {
  if (!draft.by.includes(dimension)) draft.by.push(dimension)
}

const order: readonly Grain[] = ['day', 'week', 'month', 'quarter', 'year']

/** Of "by year and month" the finer step counts: its dates carry the year. */
function setGrain(draft: Draft, grain: Grain): void {
  draft.grain = draft.grain === undefined || order.indexOf(grain) < order.indexOf(draft.grain) ? grain : draft.grain
}

/** "monthly revenue", "regional sales" */
function readAdjectives(reader: Reader, draft: Draft): void {
  for (const place of reader.places('grain')) {
    const grain = reader.at(place, 'grain')
    if (!grain?.adjective) continue
    if (reader.operatorPlaces('average').length > 0) draft.averageOver = grain.grain
    else setGrain(draft, grain.grain)
    reader.take(place)
  }
  for (const place of reader.places('dimension')) {
    const dimension = reader.at(place, 'dimension')
    if (!dimension) continue
    const next = reader.lexemes[place + 1]
    const counted =
      reader.isOperator(place - 1, 'how-many', 'list', 'which') ||
      reader.lexemes[place - 1]?.type === 'rank' ||
      reader.lexemes[place - 1]?.type === 'number'
    // "product revenue", "country sales": the noun right before the metric splits it
    const modifies =
      next?.type === 'metric' &&
      !dimension.plural &&
      dimension.dimension !== 'customer' &&
      !counted &&
      reader.places('rank').length === 0
    if (dimension.adjective || modifies) {
      group(draft, dimension.dimension)
      reader.take(place)
    }
  }
}

/** "top 5", "the 3 worst", "highest", "fastest growing" */
function readRanks(reader: Reader, draft: Draft): void {
  const places = reader.places('rank')
  const ends = new Set<string>()
  for (const place of places) {
    const lexeme = reader.at(place, 'rank')
    if (!lexeme) continue
    const count = [place + 1, place - 1]
      .map((next) => [next, reader.at(next, 'number')] as const)
      .find(([, number]) => number)
    const limit =
      count?.[1] && Number.isInteger(count[1].value) && count[1].value > 0 && count[1].value <= 1000 && !count[1].unit
        ? count[1].value
        : undefined
    if (limit !== undefined && count) reader.take(count[0])
    reader.take(place)
    ends.add(lexeme.rank.end)
    // Of "top 5 regions with the lowest margin" the word at the metric tells the end
    const atMetric = reader.lexemes[place + 1]?.type === 'metric'
    const before = draft.rank
    draft.rank = {
      rank: before && !atMetric ? before.rank : lexeme.rank,
      perGroup: false,
      growth: false,
      ...optional('count', limit ?? before?.count),
    }
    if (lexeme.metric !== undefined && reader.places('metric').length === 0 && draft.rankMetric === undefined) {
      draft.rankMetric = lexeme.metric
    }
  }
  // "the highest and the lowest": the whole order shows both
  const topFirst = places.some((place) => /^(?:top|bottom)$/.test(reader.lexemes[place]?.text ?? ''))
  if (ends.size > 1 && draft.rank && !topFirst)
    draft.rank = { rank: { end: 'high', quality: false }, perGroup: false, growth: false, all: true }
  if (reader.takeOperators('fastest'))
    draft.rank = { perGroup: false, ...draft.rank, rank: { end: 'high', quality: false }, growth: 'percent' }
  // "grew the most", "the biggest drop"
  const changing = reader.operatorPlaces('growth', 'rise', 'fall')
  if (draft.rank && !draft.rank.growth && changing.length > 0) {
    const amount = places.some(
      (place) =>
        /^(?:biggest|largest|greatest)$/.test(reader.lexemes[place]?.text ?? '') && changing.includes(place + 1),
    )
    draft.rank.growth = amount ? 'amount' : 'percent'
  }
}

/** "regions with revenue over a million": the group the limit is set on. */
function readGroupLimits(reader: Reader, draft: Draft): void {
  if (draft.having.length === 0) return
  for (const place of reader.places('dimension')) {
    const dimension = reader.at(place, 'dimension')
    if (!dimension || dimension.adjective) continue
    const counts = reader.operatorPlaces('how-many').some((other) => other < place)
    if (counts) {
      draft.problem ??= {
        kind: 'clarify',
        text: `I can list the ${dimension.dimension === 'country' ? 'countries' : `${dimension.dimension}s`} that pass such a limit, but not count them. Shall I list them?`,
      }
    }
    group(draft, dimension.dimension)
    reader.take(place)
    return
  }
}

/** What is ranked: "which region …", "best month", "top 5 customers". */
function readRankedThing(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  const who = reader.operatorPlaces('who').length > 0
  // "customers by revenue" ranks them
  if (!draft.rank && draft.rankMetric !== undefined)
    draft.rank = { rank: { end: 'high', quality: false }, perGroup: false, growth: false }
  const { rank } = draft
  if (!rank) {
    readWhich(reader, draft)
    return
  }
  if (reader.operatorPlaces('when').length > 0 && reader.takeOperators('when')) {
    rank.of = 'month'
    rank.count ??= 1
    setGrain(draft, 'month')
    return
  }
  const nouns = reader.places('dimension').filter((place) => !reader.at(place, 'dimension')?.adjective)
  const asked = nouns.find((place) => reader.isOperator(reader.skipPrepositions(place - 1, -1), 'which'))
  const [first] = nouns
  const chosen = asked ?? first
  const noun = chosen === undefined ? undefined : reader.at(chosen, 'dimension')
  if (ranksCustomerRows(reader, draft, noun?.dimension)) return
  const numbered = chosen === undefined ? undefined : reader.at(chosen - 1, 'number')
  if (chosen !== undefined && noun) {
    if (who) reader.takeOperators('who')
    if (numbered && Number.isInteger(numbered.value) && numbered.value > 0 && !numbered.unit) {
      rank.count ??= numbered.value
      reader.take(chosen - 1)
    }
    askWhichTop(reader, draft, noun.text)
    rank.perGroup = draft.by.length > 0 || draft.grain !== undefined
    rank.of = noun.dimension
    group(draft, noun.dimension)
    reader.take(chosen)
    if (noun.plural) {
      const values = Object.keys(layer.dimensions[noun.dimension]?.values ?? {}).length
      const all = rank.all === true || (rank.of !== 'customer' && reader.lexemes.every(({ type }) => type !== 'rank'))
      if ((values > 10 || values === 0) && !all) rank.count ??= 10
    } else {
      rank.count ??= 1
    }
    return
  }
  if (who) {
    reader.takeOperators('who')
    rank.of = 'customer'
    rank.count ??= 1
    rank.perGroup = draft.by.length > 0 || draft.grain !== undefined
    group(draft, 'customer')
    return
  }
  const grainPlace = reader.places('grain')[0]
  const grain = grainPlace === undefined ? undefined : reader.at(grainPlace, 'grain')
  if (grain && grainPlace !== undefined) {
    rank.of = grain.grain
    rank.perGroup = draft.by.length > 0
    rank.count ??= grain.text.endsWith('s') ? 10 : 1
    setGrain(draft, grain.grain)
    reader.take(grainPlace)
    return
  }
  // "highest revenue by region", "top 5 by country"
  const last = draft.by.at(-1)
  if (last !== undefined) {
    rank.of = last
    rank.perGroup = draft.by.length > 1 || draft.grain !== undefined
  } else if (draft.grain !== undefined) {
    rank.of = draft.grain
  }
}

/** "revenue by month for the top 3 products": the leaders of each month, or the same three all along? */
function askWhichTop(reader: Reader, draft: Draft, noun: string): void {
  const place = reader.lexemes.findIndex(({ type }) => type === 'rank')
  const within = ['for', 'of', 'from'].includes(reader.lexemes[place - 1]?.text ?? '')
  const steps = draft.grain !== undefined && !draft.perStep
  const groups = draft.by.length > 0 && within
  const each = draft.grain ?? draft.by[0] ?? ''
  if (place < 0 || (!steps && !groups)) return
  draft.problem ??= {
    kind: 'clarify',
    text: `Do you mean the first ${noun} of each ${each}? Then ask for the top ${noun} per ${each}. Or the same ones throughout? Then name them, please.`,
  }
}

/** "the largest customers we lost", "top 5 churned customers": rows of customers, which read-lists reads. */
function ranksCustomerRows(reader: Reader, draft: Draft, noun: string | undefined): boolean {
  if (
    draft.by.length > 0 ||
    draft.grain !== undefined ||
    (draft.rankMetric !== undefined && draft.rankMetric !== 'mrr')
  )
    return false
  const named = reader.places('metric').map((place) => reader.at(place, 'metric')?.metrics[0] ?? '')
  const counted = named.length === 1 && ['churned_customers', 'new_customers'].includes(named[0] ?? '')
  if (noun === undefined) return counted && reader.places('grain').length === 0
  return noun === 'customer' && named.length === 0 && reader.operatorPlaces('churned', 'signed-up').length > 0
}

/** "which regions grew", "which products were returned": a split, without a ranking. */
function readWhich(reader: Reader, draft: Draft): void {
  const measured = reader.places('metric').length > 0 || reader.operatorPlaces('rise', 'fall', 'sold').length > 0
  if (!measured) return
  for (const place of reader.operatorPlaces('which')) {
    const next = reader.skipPrepositions(place + 1)
    const noun = reader.at(next, 'dimension')
    // "which customers …" lists them
    if (!noun || noun.adjective || noun.dimension === 'customer') continue
    if (/^what(?:$| )/.test(reader.lexemes[place]?.text ?? '') && !noun.plural) continue
    group(draft, noun.dimension)
    reader.take(place, next)
    draft.rank ??= { rank: { end: 'high', quality: false }, perGroup: false, growth: false }
  }
}

/** "for all regions", "in all countries": each of them, unless the total over all is asked for. */
function readWhole(reader: Reader, draft: Draft): void {
  for (const place of reader.places('dimension')) {
    // "split between channels"
    const noun = reader.at(place, 'dimension')
    if (
      !noun?.plural ||
      noun.dimension === 'customer' ||
      !/^(?:between|among|amongst)$/.test(reader.lexemes[place - 1]?.text ?? '')
    )
      continue
    group(draft, noun.dimension)
    reader.take(place)
  }
  for (const place of reader.operatorPlaces('all')) {
    const next = reader.skipPrepositions(place + 1)
    const noun = reader.at(next, 'dimension')
    if (!noun?.plural || noun.dimension === 'customer') continue
    if (reader.isOperator(place - 1, 'list', 'which')) continue
    if (!draft.total) group(draft, noun.dimension)
    reader.take(place, next)
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  // The one key is the one asked for
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}
