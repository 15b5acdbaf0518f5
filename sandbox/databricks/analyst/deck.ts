import type { ChatBrainRequest } from '../chat-brain.ts'
import { listedFacts, listedTables, section, type ListedFact, type ListedTable } from './prompt.ts'
import { shapeOf, tellStory } from './story.ts'
import { wordingFor, type Wording } from './wording.ts'

interface Plan {
  readonly layout: string
  readonly message: string
  readonly table: string
  readonly facts: readonly string[]
}

/** A storyline of at most as many slides as allowed, in the schema `outline`. */
export function outline(request: ChatBrainRequest): { readonly title: string; readonly slides: readonly Plan[] } {
  const question = section(request, 'question')
  const most = Number(section(request, 'max_slides')) || 10
  const facts = listedFacts(section(request, 'facts'))
  const tables = listedTables(section(request, 'tables'))
  const wording = wordingFor(section(request, 'language'))
  const story = tellStory(facts, wording)
  const [main] = tables
  const table = main?.id ?? ''
  const used = facts.slice(0, 8).map((fact) => fact.id)
  const plan = (layout: string, message: string | undefined, of = table): Plan[] =>
    message === undefined ? [] : [{ layout, message, table: of, facts: used }]

  const { points, lead } = story
  const shown = main && main.rowCount > 1
  const isList = main !== undefined && main.columns.filter((column) => column.type === 'text').length > 2
  const body: Plan[] = [
    ...(isList && shown ? plan('table', headlineOf(question)) : []),
    ...plan('kpis', lead),
    ...(shown && !isList ? plan('chart', points[0]) : []),
    ...(shown && !isList && main.rowCount > 2 ? plan('chart_table', points[2] ?? points[1]) : []),
    ...tables.slice(1).flatMap((extra) => plan('chart_table', extra.title, extra.id)),
    ...(points.length > 4 ? plan('bullets', wording.more) : []),
  ]
  const title = headlineOf(question)
  if (most < 4 || body.length < 3) return { title, slides: body.slice(0, most) }
  const kept = body.slice(0, most - (most > 4 ? 2 : 1))
  return { title, slides: [...plan('title', title), ...kept, ...(most > 4 ? plan('closing', wording.remember) : [])] }
}

/** One slide in the schema of its layout. */
export function writeSlide(request: ChatBrainRequest, layout: string): Record<string, unknown> {
  const facts = listedFacts(section(request, 'facts'))
  const tables = listedTables(section(request, 'tables'))
  const about = section(request, 'slide')
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(about)?.[1]?.trim() ?? ''
  const table = tables.find((candidate) => candidate.id === field('table')) ?? tables[0]
  const wording = wordingFor(section(request, 'language'))
  const message = retold(field('message'), facts, wording)
  const story = tellStory(facts, wording)
  const position = Number.parseInt(field('number'), 10) || 1
  const all = [story.lead, ...story.points]
  // What other slides have as their message is theirs to say.
  const elsewhere = section(request, 'outline')
  const fresh = all.filter((line) => !elsewhere.includes(line))
  const others = layout === 'closing' ? all : rotate(fresh.length > 0 ? fresh : all, position - 1)
  const base = { title: message, notes: others.slice(0, 2).map(stop).join(' ') }
  const takeaway = stop(others[0] ?? message)
  switch (layout) {
    case 'title':
      return { ...base, subtitle: stop(story.lead) }
    case 'section':
      return { ...base, subtitle: '' }
    case 'kpis':
      return { ...base, kpis: story.keyFigures, takeaway }
    case 'chart':
      return { ...base, chart: chartOf(table), takeaway }
    case 'chart_table':
      return { ...base, chart: chartOf(table), columns: [], takeaway }
    case 'table':
      return { ...base, columns: [], takeaway }
    case 'comparison':
      return { ...base, ...comparison(facts, wording) }
    case 'closing':
      return { ...base, bullets: others.slice(0, 3).map(stop) }
    default:
      return { ...base, bullets: others.slice(0, 5).map(stop) }
  }
}

/** The answer in two or three sentences, in the schema `synthesis`. */
export function synthesis(request: ChatBrainRequest): Record<string, unknown> {
  const story = tellStory(listedFacts(section(request, 'facts')), wordingFor(section(request, 'language')))
  return { answer: [story.lead, ...story.points.slice(0, 2)].map(stop).join(' '), suggestions: [] }
}

/** How the numbers came about, in the schema `synthesis`. */
export function explanation(request: ChatBrainRequest): Record<string, unknown> {
  const facts = listedFacts(section(request, 'facts'))
  const tables = listedTables(section(request, 'tables'))
  const wording = wordingFor(section(request, 'language'))
  const story = tellStory(facts, wording)
  const sources = tables.map((table) => table.title).join('; ')
  return { answer: `${stop(story.lead)} ${wording.computedFrom(sources)}`, suggestions: [] }
}

function comparison(facts: readonly ListedFact[], wording: Wording): Record<string, unknown> {
  const [highest] = facts.filter((fact) => fact.kind === 'maximum')
  const [lowest] = facts.filter((fact) => fact.kind === 'minimum')
  return {
    left_heading: wording.highest,
    left_bullets: highest ? [stop(wording.sentence(highest))] : [],
    right_heading: wording.lowest,
    right_bullets: lowest ? [stop(wording.sentence(lowest))] : [],
  }
}

function chartOf(table: ListedTable | undefined): Record<string, unknown> {
  const shape = table ? shapeOf(table) : { x: '', y: '', series: '', overTime: false }
  const kind = shape.overTime ? 'line' : 'bar'
  return { kind, x: shape.x, y: [shape.y], series: shape.series, title: '' }
}

/** A message that is there already, said again in this language: that of its fact, or one of our own headings. */
function retold(message: string, facts: readonly ListedFact[], wording: Wording): string {
  const id = /\{(F\d+)/.exec(message)?.[1]
  const fact = facts.find((candidate) => candidate.id === id)
  if (fact) return wording.sentence(fact)
  for (const other of [wordingFor('en'), wordingFor('de')]) {
    if (message === other.more) return wording.more
    if (message === other.remember) return wording.remember
  }
  return message
}

/** The question as a heading: "What were Q4 2023 sales by region?" becomes "Q4 2023 sales by region". */
function headlineOf(question: string): string {
  const bare = question
    .trim()
    .replace(/[?!.\s]+$/, '')
    .replace(
      /^(please\s+)?(what|which|how|show|give|list|tell)\s+(me\s+)?(was|were|is|are|did|do|does|the|has|have)?\s*(the\s+)?/i,
      '',
    )
  const text = bare === '' ? question : bare
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** So that slides of one deck do not all say the same beside their message. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

function stop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
