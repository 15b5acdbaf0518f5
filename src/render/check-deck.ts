import type { Chart, Deck, RichText, Slide, TableView } from './deck.ts'
import { visibleTexts } from './html/slide-texts.ts'
import { limits } from './limits.ts'
import { RenderError } from './renderer.ts'
import { columnIndex, type Table } from './table.ts'

export interface DeckProblem {
  /** Id of the slide; null when it is about the whole deck. */
  readonly slide: string | null
  /** Where in the slide, such as `chart.y`. */
  readonly field: string
  /** What is and what should be, for the model that wrote the slide and for operators. */
  readonly message: string
}

/**
 * Everything that keeps a deck from being drawn: references to tables, columns and facts that do not exist, and charts
 * whose values are no numbers. Empty when the deck can be rendered.
 */
export function checkDeck(deck: Deck): readonly DeckProblem[] {
  const tables = new Map(deck.tables.map((table) => [table.id, table]))
  const facts = new Set(deck.facts.map((fact) => fact.id))
  const sizes = sizeProblems(deck)
  if (sizes.length > 0) return sizes
  return [
    ...textProblems(null, 'title', deck.title, facts),
    ...deck.slides.flatMap((slide) => slideProblems(slide, tables, facts)),
  ]
}

/** What is larger than any person would look at; a deck with such is not read any further. */
function sizeProblems(deck: Deck): readonly DeckProblem[] {
  const { slides } = deck
  if (slides.length > limits.slides) {
    return [{ slide: null, field: 'slides', message: `${slides.length} slides, expected at most ${limits.slides}` }]
  }
  return slides.flatMap((slide) =>
    listsOf(slide)
      .filter(([, length]) => length > limits.items)
      .map(([field, length]) => ({
        slide: slide.id,
        field,
        message: `${length} entries, expected at most ${limits.items}`,
      })),
  )
}

/** The lists of a slide and how long they are. */
function listsOf(slide: Slide): readonly (readonly [field: string, length: number])[] {
  switch (slide.layout) {
    case 'bullets':
    case 'closing':
      return [['bullets', slide.bullets.length]]
    case 'comparison':
      return [
        ['left.bullets', slide.left.bullets.length],
        ['right.bullets', slide.right.bullets.length],
      ]
    case 'kpis':
      return [['kpis', slide.kpis.length]]
    case 'chart':
    case 'chart_table':
      return [['chart.y', slide.chart.y.length]]
    default:
      return []
  }
}

/** @throws RenderError `bad-deck` naming the first problems, when there are any */
export function assertDeck(deck: Deck): void {
  const problems = checkDeck(deck)
  if (problems.length === 0) return
  const listed = problems
    .slice(0, 5)
    .map((problem) => `${problem.slide ?? 'deck'} ${problem.field}: ${problem.message}`)
  throw new RenderError('bad-deck', `Cannot render deck "${deck.id}": ${listed.join('; ')}`, {
    userMessage:
      sizeProblems(deck).length > 0
        ? `The deck is too long to be drawn: it may have ${limits.slides} slides, and ${limits.items} points on one of them. Ask for fewer slides.`
        : 'The deck refers to data it does not have, so it could not be drawn.',
  })
}

type Tables = ReadonlyMap<string, Table>
type FactIds = ReadonlySet<string>

function slideProblems(slide: Slide, tables: Tables, facts: FactIds): DeckProblem[] {
  const problems = [...visibleTexts(slide), slide.notes].flatMap((text) => textProblems(slide.id, 'text', text, facts))
  const add = (field: string, message: string): void => {
    problems.push({ slide: slide.id, field, message })
  }
  for (const id of slide.sources) if (!tables.has(id)) add('sources', unknown('table', id, tables.keys()))
  if (slide.layout === 'kpis') {
    slide.kpis.forEach((kpi, index) => {
      for (const id of [kpi.fact, ...(kpi.change === undefined ? [] : [kpi.change])]) {
        if (!facts.has(id)) add(`kpis[${index}]`, `unknown fact "${id}"`)
      }
    })
  }
  if (slide.layout === 'chart' || slide.layout === 'chart_table') {
    for (const [field, message] of chartProblems(slide.chart, tables)) add(field, message)
  }
  if (slide.layout === 'table' || slide.layout === 'chart_table') {
    for (const [field, message] of viewProblems(slide.table, tables)) add(field, message)
  }
  return problems
}

type Found = readonly [field: string, message: string]

function chartProblems(chart: Chart, tables: Tables): Found[] {
  const table = tables.get(chart.table)
  if (table === undefined) return [['chart.table', unknown('table', chart.table, tables.keys())]]
  const names = table.columns.map((column) => column.name)
  const found: Found[] = []
  const x = columnIndex(table, chart.x)
  if (x < 0) found.push(['chart.x', unknown('column', chart.x, names)])
  for (const name of chart.y) {
    const column = table.columns[columnIndex(table, name)]
    if (column === undefined) found.push(['chart.y', unknown('column', name, names)])
    else if (column.type !== 'number') {
      found.push(['chart.y', `column "${column.name}" is of type ${column.type}, expected number`])
    }
  }
  if (chart.series !== undefined) {
    const series = columnIndex(table, chart.series)
    if (series < 0) found.push(['chart.series', unknown('column', chart.series, names)])
    else if (series === x) found.push(['chart.series', `column "${chart.series}" is also x, expected another column`])
    if (chart.y.length > 1) found.push(['chart.y', `${chart.y.length} columns together with series, expected one`])
  }
  return found
}

function viewProblems(view: TableView, tables: Tables): Found[] {
  const table = tables.get(view.table)
  if (table === undefined) return [['table.table', unknown('table', view.table, tables.keys())]]
  if (table.columns.length === 0) return [['table.table', `table "${table.id}" has no columns`]]
  const missing = (view.columns ?? []).filter((name) => columnIndex(table, name) < 0)
  const names = table.columns.map((column) => column.name)
  return missing.map((name): Found => ['table.columns', unknown('column', name, names)])
}

function textProblems(slide: string | null, field: string, text: RichText, facts: FactIds): DeckProblem[] {
  return text.flatMap((segment) =>
    typeof segment !== 'string' && 'fact' in segment && !facts.has(segment.fact)
      ? [{ slide, field, message: `unknown fact "${segment.fact}"` }]
      : [],
  )
}

function unknown(what: string, name: string, known: Iterable<string>): string {
  return `unknown ${what} "${name}", expected one of ${[...known].slice(0, 20).join(', ')}`
}
