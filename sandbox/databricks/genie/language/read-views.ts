import { metricOf, type SemanticLayer } from '../../../data/semantic-layer.ts'
import type { Filter } from '../intent.ts'
import type { Draft } from './draft.ts'
import type { Reader } from './reader.ts'

/** Reads how the numbers are looked at: shares, growth, trends, running totals, averages, things set side by side. */
export function readViews(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  readShare(reader, draft, layer)
  readGrowth(reader, draft)
  if (reader.takeOperators('trend')) draft.trend = true
  if (reader.takeOperators('cumulative')) draft.cumulative = true
  readAverage(reader, draft, layer)
  splitComparedValues(reader, draft)
}

function readShare(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  const places = reader.operatorPlaces('share')
  if (places.length === 0) return
  reader.take(...places)
  const sign = places.every((place) => /^(?:%|percent|percentage)$/.test(reader.lexemes[place]?.text ?? ''))
  // "gross margin %" is only its unit
  if (sign && draft.metrics.length > 0 && draft.metrics.every((name) => metricOf(layer, name).unit === 'percent'))
    return
  if (readRatio(reader, draft, places)) return
  draft.share = true
  const included = draft.filters.filter(
    ({ exclude, dimension }) => !exclude && !draft.by.includes(dimension) && dimension !== 'returned',
  )
  if (included.length === 0) return
  const unclear = included.find((filter) => draft.by.length > 0 && isAdjective(filter, reader, places))
  if (unclear) {
    const named = unclear.values.join(' and ')
    const text = `Do you mean which share comes from ${named} in each ${draft.by.join(' and ')}, or how ${named} is split over them?`
    draft.problem ??= { kind: 'clarify', text }
    return
  }
  const parts = included.filter((filter) => !isScope(filter, reader, draft, places))
  const part = parts.length === 0 && draft.by.length === 0 && included.length === 1 ? included : parts
  const [only] = part
  if (part.length > 1) {
    draft.problem ??= {
      kind: 'clarify',
      text: `Whose share do you mean: ${part.map(({ values }) => values.join(' and ')).join(', or ')}?`,
    }
  } else if (only) {
    draft.shareOf = [only]
    draft.filters = draft.filters.filter((filter) => filter !== only)
  }
}

/** "returns as a percentage of orders", "profit as a share of revenue": rates with names of their own. */
function readRatio(reader: Reader, draft: Draft, shares: readonly number[]): boolean {
  const rates: Readonly<Record<string, string>> = {
    'returns orders': 'return_rate',
    'profit revenue': 'margin',
    'discount_amount list_value': 'discount_rate',
    'churned_customers customers': 'churn_rate',
  }
  const isMetric = (lexeme: { readonly type: string }): boolean => lexeme.type === 'metric'
  const between = shares.some(
    (place) => reader.lexemes.slice(0, place).some(isMetric) && reader.lexemes.slice(place).some(isMetric),
  )
  const rate = rates[draft.metrics.join(' ')]
  if (between && rate !== undefined) {
    draft.metrics = [rate]
    return true
  }
  if (draft.metrics.length > 1 && !draft.combined) {
    draft.problem ??= {
      kind: 'refuse',
      text: 'I can show the share of one measure at a time. Of rates between measures I know return rate, gross margin, discount rate and churn rate.',
    }
  }
  return false
}

/** "the share of online orders": the value stands before its noun, and tells neither part nor whole. */
function isAdjective(filter: Filter, reader: Reader, shares: readonly number[]): boolean {
  const place = reader.lexemes.findIndex((lexeme) => lexeme.type === 'value' && lexeme.dimension === filter.dimension)
  const next = reader.lexemes[place + 1]
  const noun = next?.type === 'metric' || (next?.type === 'dimension' && next.dimension === 'customer')
  return noun && (shares.includes(place - 1) || reader.lexemes[place - 1]?.text === 'of')
}

/** "in EMEA", "for Enterprise" and "of EMEA revenue" say where to look; "from Online" and "the Online share" say which part. */
function isScope(filter: Filter, reader: Reader, draft: Draft, shares: readonly number[]): boolean {
  const place = reader.lexemes.findIndex((lexeme) => lexeme.type === 'value' && lexeme.dimension === filter.dimension)
  const before = reader.lexemes[place - 1]
  const next = reader.lexemes[place + 1]
  if (
    shares.includes(place + 1) ||
    before?.text === 'from' ||
    /(?:came|come|comes|coming) (?:from|through)|^(?:are|is|were|was|fall|falls) |^(?:located|based) in|^belong|through|via/.test(
      before?.text ?? '',
    )
  )
    return false
  if (/^(?:in|for|within|among)$/.test(before?.text ?? '')) return true
  if (shares.includes(place - 1) && next?.type === 'metric') return draft.by.length > 0 || draft.filters.length > 1
  return false
}

function readGrowth(reader: Reader, draft: Draft): void {
  const rise = reader.takeOperators('rise')
  const fall = reader.takeOperators('fall')
  const growth = reader.takeOperators('growth')
  if (!rise && !fall && !growth) return
  draft.growth ??= { base: 'open' }
  if (draft.rank?.growth && fall) {
    // "dropped the most": the largest fall is the lowest growth
    draft.rank.rank = { end: draft.rank.rank.end === 'high' ? 'low' : 'high', quality: false }
  } else if (
    !draft.rank?.growth &&
    draft.by.length > 0 &&
    reader.lexemes.some((lexeme) => lexeme.type === 'operator' && lexeme.operator === 'which')
  ) {
    // "which regions grew": those that did
    if (rise !== fall) draft.growth.only = rise ? 'rise' : 'fall'
  }
  if (draft.rank && !draft.rank.growth && draft.growth.only) draft.rank.growth = 'percent'
}

function readAverage(reader: Reader, draft: Draft, layer: SemanticLayer): void {
  const said = reader.operatorPlaces('average').length > 0
  if (draft.averageOver !== undefined) {
    reader.takeOperators('average')
    return
  }
  if (!said || draft.metrics.length === 0) return
  const averages = draft.metrics.map((name) => averageOf(name, layer))
  if (averages.some((name) => name === undefined)) {
    const labels = draft.metrics.map((name) => metricOf(layer, name).label.toLowerCase()).join(' and ')
    const ratios = draft.metrics.includes('revenue')
      ? ' Or do you mean average order value, or revenue per customer?'
      : ''
    draft.problem ??= {
      kind: 'clarify',
      text: `Average ${labels} per what: per day, week, month, quarter or year?${ratios}`,
    }
    draft.averageAsked = true
    reader.takeOperators('average')
    return
  }
  draft.metrics = averages.filter((name) => name !== undefined)
  reader.takeOperators('average')
}

/** The measure "average …" means; what is a rate or a mean already stays itself. */
function averageOf(name: string, layer: SemanticLayer): string | undefined {
  const { average, additive, unit } = metricOf(layer, name)
  return average ?? (additive === 'none' && unit !== 'count' ? name : undefined)
}

/** Several values of one dimension are shown next to each other: "revenue in EMEA and APAC". */
function splitComparedValues(reader: Reader, draft: Draft): void {
  if (draft.list) return
  const compared = reader.operatorPlaces('versus', 'compare').length > 0
  const several = draft.filters.filter(({ exclude, dimension }) => !exclude && placesOf(reader, dimension).length > 1)
  for (const filter of several) {
    const groups = placesOf(reader, filter.dimension).filter((values) => values > 1)
    if (groups.length > 0 && compared) {
      draft.problem ??= {
        kind: 'clarify',
        text: 'I can compare single regions, countries, segments and so on, but not groups of them. Which ones shall I compare?',
      }
    }
    if (!draft.by.includes(filter.dimension) && !draft.total && draft.by.length < 2) draft.by.push(filter.dimension)
  }
  if (
    compared &&
    several.length === 0 &&
    draft.filters.filter(({ exclude }) => !exclude).length > 1 &&
    !draft.comparing &&
    !draft.versus &&
    !draft.growth &&
    draft.by.length === 0
  ) {
    draft.problem ??= {
      kind: 'clarify',
      text: 'I can compare values of one kind, such as two regions or two segments. What shall I compare with what?',
    }
  }
}

/** For each mention of this dimension, how many values it stands for. */
function placesOf(reader: Reader, dimension: string): readonly number[] {
  return reader.lexemes.flatMap((lexeme) =>
    lexeme.type === 'value' && lexeme.dimension === dimension ? [lexeme.values.length] : [],
  )
}
