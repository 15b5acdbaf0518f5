import { userMessageOf } from '../../lib/errors.ts'
import type { Deck, Slide, SlideLayout } from '../../render/deck.ts'
import type { Table } from '../../render/table.ts'
import { chooseChart } from '../choose-chart.ts'
import { evidenceAsText, gatherEvidence, type Evidence, type EvidenceDeps } from '../evidence.ts'
import type { Turn } from '../events.ts'
import { buildFactSheet } from '../facts.ts'
import type { QueryResult } from '../query-genie.ts'
import { checkDraft, slideDrafts, type CheckedSlide } from '../slide-draft.ts'
import { draftSlide } from '../slides.ts'
import { deckAsText, today } from '../turn-as-text.ts'
import type { SlideChanger } from './change-slide.ts'
import type { Change } from './wishes.ts'

/** One question to the thread's Genie conversation; its table carries an id that is free in the deck. */
export type AskGenie = (query: string) => Promise<QueryResult>

/** New data for a deck that is there: its tables and facts keep their ids, what comes in continues the numbering. */
export interface Additions {
  readonly evidence: Evidence
  /** The table that answered each question. */
  readonly tableFor: ReadonlyMap<string, Table>
  /** Why questions brought no rows, in sentences for the person. */
  readonly problems: readonly string[]
}

/** Asks what the new slides need, one question after the other: Genie's conversation takes one at a time. */
export async function gatherAdditions(
  questions: readonly string[],
  askGenie: AskGenie,
  deck: Deck,
  evidence: Evidence,
  deps: EvidenceDeps & { readonly unverified: 'mark' | 'block' },
  turn: Turn,
  signal: AbortSignal,
): Promise<Additions> {
  const tableFor = new Map<string, Table>()
  const problems: string[] = []
  for (const question of new Set(questions)) {
    try {
      const { table, answer } = await askGenie(question)
      if (table && table.rows.length > 0) tableFor.set(question, table)
      else problems.push(answer.text || `No data matches "${question}".`)
    } catch (error) {
      signal.throwIfAborted()
      problems.push(userMessageOf(error))
    }
  }
  const added = [...tableFor.values()]
  if (added.length === 0) return { evidence, tableFor, problems }
  const highest = Math.max(0, ...deck.facts.map((fact) => Number(/^F(\d+)$/.exec(fact.id)?.[1] ?? 0)))
  const sheet = buildFactSheet(added, { startAt: highest + 1, today: today(deps.clock) })
  const joined = { facts: [...deck.facts, ...sheet.facts], notes: sheet.notes }
  return { evidence: gatherEvidence([...deck.tables, ...added], joined, turn, deps), tableFor, problems }
}

/** A slide that was not there, about `change.instruction`, over the table it was asked for. @throws ChatModelError */
export async function addSlide(
  change: Change,
  id: string,
  table: Table | undefined,
  { deck, evidence, deps, question }: SlideChanger,
  signal: AbortSignal,
): Promise<CheckedSlide> {
  const layout = layoutFor(change.kind, table)
  const plan = { layout, message: change.instruction || question, table: table?.id ?? '', facts: [] }
  const about = table ? factsOf(evidence, table) : evidence
  const description = [
    `number: ${deck.slides.length + 1} of ${deck.slides.length + 1}`,
    `layout: ${layout}`,
    `message: ${plan.message}`,
    `table: ${plan.table}`,
    `language: ${deps.language}`,
    `new slide about: ${plan.message}`,
  ].join('\n')
  const context = { question, outline: deckAsText(deck), ...evidenceAsText(about, deps) }
  return checkDraft(id, await draftSlide(plan, description, context, deps, signal), plan, evidence)
}

/** Only what the new slide is about: the rest of the deck has its own slides. */
function factsOf(evidence: Evidence, table: Table): Evidence {
  const facts = evidence.sheet.facts.filter((fact) => fact.lineage.tableId === table.id)
  return { ...evidence, tables: [table], sheet: { facts, notes: evidence.sheet.notes } }
}

function layoutFor(asked: string, table: Table | undefined): SlideLayout {
  const known = Object.keys(slideDrafts).find((layout): layout is SlideLayout => layout === asked)
  if (known && known !== 'title' && (table || !/chart|table/.test(known))) return known
  if (!table) return 'bullets'
  if (table.rows.length === 1) return 'kpis'
  return chooseChart(table) ? 'chart' : 'table'
}

/** An id that no slide of the deck has, nor has had as far as can be told: "s9" after "s8". */
export function freeSlideId(slides: readonly Slide[]): (offset: number) => string {
  const highest = Math.max(0, ...slides.map((slide) => Number(/^s(\d+)/.exec(slide.id)?.[1] ?? 0)))
  return (offset) => `s${highest + 1 + offset}`
}

export function freeTableNumber(deck: Deck): number {
  return Math.max(0, ...deck.tables.map((table) => Number(/^T(\d+)$/.exec(table.id)?.[1] ?? 0))) + 1
}
