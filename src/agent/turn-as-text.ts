import type { Clock } from '../lib/clock.ts'
import type { Deck, RichText } from '../render/deck.ts'
import { formatFact } from '../render/format.ts'
import type { Table } from '../render/table.ts'
import type { ThreadMemory } from './events.ts'

/** Text of the values that prompts are filled with. Short on purpose: every word is paid for in each call. */

const mostTurns = 6
const mostCellLength = 60

export function today(clock: Clock): string {
  return new Date(clock.now()).toISOString().slice(0, 10)
}

/** The last few turns, oldest first. */
export function historyAsText(memory: ThreadMemory): string {
  return memory.transcript
    .slice(-mostTurns)
    .map((turn) => `Person: ${turn.question}\nAnswer: ${turn.answer}`)
    .join('\n')
}

/** One line per slide: number, layout, the side of the theme where it has its own, title. */
export function deckAsText(deck: Deck): string {
  return deck.slides
    .map((slide, index) => {
      const look = slide.look === undefined ? '' : `[${slide.look}] `
      return `${index + 1}. [${slide.layout}] ${look}${plainText(slide.title, deck)}`
    })
    .join('\n')
}

/** Rich text as a person would read it, without marks. */
export function plainText(text: RichText, deck: Pick<Deck, 'facts' | 'language'>): string {
  return text
    .map((segment) => {
      if (typeof segment === 'string') return segment
      if ('unverified' in segment) return segment.unverified
      const fact = deck.facts.find((candidate) => candidate.id === segment.fact)
      const { format = 'compact', absolute } = segment
      return fact ? formatFact(fact, { language: deck.language, format, absolute }) : ''
    })
    .join('')
    .trim()
}

/** Rich text as the chat model wrote it, with references to facts. */
export function modelText(text: RichText): string {
  return text
    .map((segment) =>
      typeof segment === 'string' ? segment : 'fact' in segment ? `{${segment.fact}}` : segment.unverified,
    )
    .join('')
}

/** Title, columns with types, SQL, and the first rows as tab-separated text. */
export function tablesAsText(tables: readonly Table[], sampleRows: number): string {
  return tables.map((table) => tableAsText(table, sampleRows)).join('\n\n')
}

function tableAsText(table: Table, sampleRows: number): string {
  const columns = table.columns.map((column) => `${column.name} (${column.type}, ${unitAsText(column.unit)})`)
  const rows = table.rows.slice(0, sampleRows).map((row) => row.map((cell) => cellAsText(cell)).join('\t'))
  return [
    `${table.id}: ${table.title}`,
    `question: ${table.question}`,
    `rows: ${table.rows.length}${table.truncated ? ` of ${table.totalRowCount}, cut by the warehouse` : ''}`,
    `columns: ${columns.join(' | ')}`,
    `sql: ${table.sql.replaceAll(/\s+/g, ' ').trim()}`,
    `first rows:`,
    ...rows,
  ].join('\n')
}

function unitAsText(unit: Table['columns'][number]['unit']): string {
  if (unit.kind === 'currency') return unit.code
  if (unit.kind === 'duration') return unit.unit
  return unit.kind
}

function cellAsText(cell: string | null): string {
  if (cell === null) return ''
  const line = cell.replaceAll(/\s+/g, ' ')
  return line.length > mostCellLength ? `${line.slice(0, mostCellLength - 1)}…` : line
}
