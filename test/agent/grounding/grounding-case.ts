import { createGrounder, type Grounded, type Grounder } from '../../../src/agent/grounding.ts'
import type { FactSheet } from '../../../src/agent/facts.ts'
import { formatFact } from '../../../src/render/format.ts'
import type { Table } from '../../../src/render/table.ts'

/** Data, and what honest and lying models may write about it. */
export interface GroundingCase {
  readonly name: string
  readonly question: string
  readonly tables: readonly Table[]
  readonly sheet: FactSheet
  /** Each with the number of facts that must be shown. `{<label>}` is a reference to the fact with that label. */
  readonly honest: readonly (readonly [text: string, facts: number])[]
  /** The part in «» must be marked, and nothing else. */
  readonly lies: readonly string[]
  readonly grounder: Grounder
  /** The text with `<label>` as the fact's id, `<T2:label>` where two tables have it; fails unless exactly one fact has it. */
  readonly withIds: (text: string) => string
}

export function caseOf(given: Omit<GroundingCase, 'grounder' | 'withIds'>): GroundingCase {
  const idOf = (label: string, tableId: string | undefined): string => {
    const found = given.sheet.facts.filter(
      (fact) => fact.label === label && (tableId === undefined || fact.lineage.tableId === tableId),
    )
    const [only] = found
    if (!only || found.length > 1) throw new Error(`${found.length} facts are labelled "${label}"`)
    return only.id
  }
  const { sheet, tables, question } = given
  return {
    ...given,
    grounder: createGrounder({ sheet, tables, question, unverified: 'mark', language: 'en' }),
    withIds: (text) =>
      text.replaceAll(/<(?:(T\d):)?([^<>]+)>/g, (_, tableId: string | undefined, label: string) =>
        idOf(label, tableId),
      ),
  }
}

/** As a reader sees it: facts in 〔〕, what is marked in «». */
export function read(grounded: Grounded): string {
  const parts = grounded.text.map((segment) => {
    if (typeof segment === 'string') return segment
    if ('unverified' in segment) return `«${segment.unverified}»`
    const fact = grounded.facts.find(({ id }) => id === segment.fact)
    if (!fact) throw new Error(`${segment.fact} is shown and not among the facts`)
    return `〔${formatFact(fact, { language: 'en', format: segment.format, absolute: segment.absolute })}〕`
  })
  return parts.join('')
}
