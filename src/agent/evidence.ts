import type { Deck } from '../render/deck.ts'
import type { Table } from '../render/table.ts'
import type { ThreadMemory, Turn } from './events.ts'
import { describeFacts, type FactSheet } from './facts.ts'
import { createGrounder, type Grounder } from './grounding.ts'
import type { StageDeps } from './stage.ts'
import { tablesAsText } from './turn-as-text.ts'

/** What a stage over data works with: the tables, the facts computed from them, and the check of every sentence. */
export interface Evidence {
  readonly tables: readonly Table[]
  readonly sheet: FactSheet
  readonly grounder: Grounder
}

export interface EvidenceDeps extends StageDeps {
  /** Language tag of number formats. */
  readonly language: string
  /** Rows of each table that the chat model sees. */
  readonly sampleRows: number
}

interface GroundingSettings {
  readonly unverified: 'mark' | 'block'
  readonly language: string
}

export function gatherEvidence(
  tables: readonly Table[],
  sheet: FactSheet,
  turn: Turn,
  settings: GroundingSettings,
): Evidence {
  const question = wordsOfPerson(turn.question, turn.memory)
  return { tables, sheet, grounder: createGrounder({ sheet, tables, ...pick(settings), question }) }
}

/** The evidence that an existing deck rests on. */
export function evidenceOf(deck: Deck, turn: Turn, settings: GroundingSettings): Evidence {
  return gatherEvidence(deck.tables, { facts: deck.facts, notes: [] }, turn, settings)
}

/** The values of a prompt that is about data: the language to write in, the facts and the tables. */
export interface EvidenceText {
  readonly language: string
  readonly facts: string
  readonly tables: string
}

export function evidenceAsText(evidence: Evidence, deps: EvidenceDeps): EvidenceText {
  return {
    language: deps.language,
    facts: describeFacts(evidence.sheet, { language: deps.language }),
    tables: tablesAsText(evidence.tables, deps.sampleRows),
  }
}

/** Names and dates the person used in this thread are no inventions of the model. */
function wordsOfPerson(question: string, memory: ThreadMemory): string {
  return [...memory.transcript.map((turn) => turn.question), question].join('\n')
}

function pick({ unverified, language }: GroundingSettings): GroundingSettings {
  return { unverified, language }
}
