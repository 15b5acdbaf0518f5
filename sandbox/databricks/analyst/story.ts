import type { ListedFact, ListedTable } from './prompt.ts'

/** What there is to say about a set of facts, in the order of importance. Sentences refer to facts as `{F12}`. */
export interface Story {
  /** The most important sentence. */
  readonly lead: string
  /** More sentences, one fact or two each, without repeating the lead. */
  readonly points: readonly string[]
  /** Key figures for cards: the fact and, where there is one, its change or share. */
  readonly keyFigures: readonly { readonly label: string; readonly fact: string; readonly change: string }[]
}

export function tellStory(facts: readonly ListedFact[]): Story {
  const [single] = facts.filter((fact) => fact.kind === 'cell')
  const ranked = [
    ...first(facts, 'maximum', 1),
    ...first(facts, 'total', 1),
    ...first(facts, 'growth', 2),
    ...first(facts, 'minimum', 1),
    ...first(facts, 'share', 3),
    ...first(facts, 'contribution', 2),
    ...first(facts, 'average', 1),
    ...first(facts, 'difference', 1),
    ...first(facts, 'outlier', 2),
    ...first(facts, 'missing', 1),
  ]
  const told = ranked.length > 0 ? ranked : single ? [single] : facts.slice(0, 4)
  const sentences = told.map((fact) => sentence(fact))
  const cards = [...first(facts, 'total', 1), ...first(facts, 'maximum', 1), ...first(facts, 'growth', 1), ...first(facts, 'minimum', 1), ...first(facts, 'average', 1)]
  const keyed = cards.length > 0 ? cards : told
  return {
    lead: sentences[0] ?? 'The data holds no number to tell',
    points: sentences.slice(1),
    keyFigures: keyed.slice(0, 4).map((fact) => ({ label: fact.label, fact: fact.id, change: '' })),
  }
}

/** One fact as a sentence that says no more than its label. */
export function sentence(fact: ListedFact): string {
  const [what = fact.label, ...rest] = fact.label.split(', ')
  const whose = rest.join(', ')
  switch (fact.kind) {
    case 'total':
    case 'average':
      return `${fact.label} is {${fact.id}}`
    case 'maximum':
      return whose === '' ? `${fact.label} is {${fact.id}}` : `${whose} leads with {${fact.id}}`
    case 'minimum':
      return whose === '' ? `${fact.label} is {${fact.id}}` : `${whose} comes last with {${fact.id}}`
    case 'share':
      return whose === '' ? `${fact.label}: {${fact.id}}` : `${whose} makes up {${fact.id}} of ${lowerFirst(what.replace(/^Share of /i, ''))}`
    default:
      return `${fact.label}: {${fact.id}}`
  }
}

/** Column of categories or time, the measure, and a second category where the table has one. */
export function shapeOf(table: ListedTable): { readonly x: string; readonly y: string; readonly series: string; readonly overTime: boolean } {
  const names = (test: (column: ListedTable['columns'][number]) => boolean): string[] => table.columns.filter(test).map((column) => column.name)
  const isTime = (column: ListedTable['columns'][number]): boolean =>
    column.type === 'date' || /^(year|quarter|month|week|day|date|period)$/i.test(column.name)
  const [time = ''] = names(isTime)
  const [category = '', second = ''] = names((column) => column.type === 'text' && !isTime(column))
  const [y = ''] = names((column) => column.type === 'number' && !isTime(column))
  const x = time || category
  return { x, y, series: time === '' ? second : category, overTime: time !== '' }
}

export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text
}

function first(facts: readonly ListedFact[], kind: string, count: number): ListedFact[] {
  return facts.filter((fact) => fact.kind === kind).slice(0, count)
}
