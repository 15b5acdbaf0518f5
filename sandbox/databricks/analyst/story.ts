import type { ListedFact, ListedTable } from './prompt.ts'
import type { Wording } from './wording.ts'

/** What there is to say about a set of facts, in the order of importance. Sentences refer to facts as `{F12}`. */
export interface Story {
  /** The most important sentence. */
  readonly lead: string
  /** More sentences, one fact each, without repeating the lead. */
  readonly points: readonly string[]
  /** Key figures for cards: the fact and, where there is one, its change or share. */
  readonly keyFigures: readonly { readonly label: string; readonly fact: string; readonly change: string }[]
}

export function tellStory(facts: readonly ListedFact[], wording: Wording): Story {
  const trend = facts.filter((fact) => fact.kind === 'growth' && isOverall(fact))
  const overall = trend[1] ?? trend[0]
  const told = [
    ...(overall ? [overall] : []),
    ...first(facts, 'maximum', 1),
    ...first(facts.filter(isOverall), 'total', 1),
    ...first(facts, 'share', 2),
    ...first(facts, 'minimum', 1),
    ...first(facts, 'contribution', 2),
    ...facts.filter((fact) => fact.kind === 'growth' && !isOverall(fact)).slice(0, 2),
    ...first(facts, 'difference', 1),
    ...first(facts, 'average', 1),
    ...first(facts, 'outlier', 2),
    ...first(facts, 'missing', 1),
  ]
  const [single] = facts.filter((fact) => fact.kind === 'cell')
  const chosen = told.length > 0 ? told : single ? [single] : facts.slice(0, 3)
  const sentences =
    told.length > 0
      ? chosen.map((fact) => wording.sentence(fact))
      : chosen.map((fact) => `${wording.label(fact)}: {${fact.id}:full}`)
  return {
    lead: sentences[0] ?? wording.nothing,
    points: sentences.slice(1),
    keyFigures: keyFigures(facts, chosen, wording),
  }
}

/** Column of categories or time, the measure, and a second category where the table has one. */
export function shapeOf(table: ListedTable): {
  readonly x: string
  readonly y: string
  readonly series: string
  readonly overTime: boolean
} {
  const names = (test: (column: ListedTable['columns'][number]) => boolean): string[] =>
    table.columns.filter(test).map((column) => column.name)
  const isTime = (column: ListedTable['columns'][number]): boolean =>
    column.type === 'date' || /^(.*_)?(year|quarter|month|week|day|date|period)$/i.test(column.name)
  const [time = ''] = names(isTime)
  const [category = '', second = ''] = names((column) => column.type === 'text' && !isTime(column))
  const [y = ''] = names((column) => column.type === 'number' && !isTime(column))
  return { x: time || category, y, series: time === '' ? second : category, overTime: time !== '' }
}

function keyFigures(
  facts: readonly ListedFact[],
  chosen: readonly ListedFact[],
  wording: Wording,
): Story['keyFigures'] {
  const cards = [
    ...first(facts.filter(isOverall), 'total', 1),
    ...first(facts, 'maximum', 1),
    ...first(facts, 'minimum', 1),
    ...first(facts, 'average', 1),
  ]
  const shown = cards.length > 0 ? cards : chosen
  return shown.slice(0, 4).map((fact) => ({
    label: wording.label(fact),
    fact: fact.id,
    change: shareOfWhole(fact, facts),
  }))
}

/** The share fact of the member that an extreme is about; '' when there is none. */
function shareOfWhole(fact: ListedFact, facts: readonly ListedFact[]): string {
  const member = /^(?:Highest|Lowest) .*?: (.*)$/.exec(fact.label)?.[1]
  const share = facts.find((other) => other.kind === 'share' && member && other.label.endsWith(`, ${member}`))
  return share?.id ?? ''
}

/** About everything, not about one member: "Total revenue", "Growth of total revenue, Q3 2023 to Q4 2023". */
function isOverall(fact: ListedFact): boolean {
  return fact.label.split(', ').length <= (fact.kind === 'growth' ? 2 : 1)
}

function first(facts: readonly ListedFact[], kind: string, count: number): ListedFact[] {
  return facts.filter((fact) => fact.kind === kind).slice(0, count)
}
