import type { Deck, Slide } from '../../render/deck.ts'
import type { Fact } from '../../render/fact.ts'
import { columnFormatter, humanizeName } from '../../render/format.ts'
import { factsOf } from '../../render/html/backup.ts'
import { createDeckContext, type DeckContext } from '../../render/html/context.ts'
import { exactValue, lineageText } from '../../render/html/rich-text.ts'
import { columnIndex, type Table } from '../../render/table.ts'
import type { Reply } from '../reply.ts'

/** Where the numbers of a slide come from, as texts without markup. */
export interface Why {
  readonly facts: readonly WhyFact[]
  /** How many more facts there are, in words; '' when these are all. */
  readonly more: string
  readonly queries: readonly { readonly title: string; readonly sql: string }[]
  readonly provenance: string
}

export interface WhyFact {
  readonly value: string
  readonly label: string
  /** How it was computed, and from what. */
  readonly lineage: string
  /** The first of the rows that went in; absent when their table is not kept. */
  readonly rows?: NonNullable<Reply['firstAnswer']>
}

const most = { facts: 12, rows: 6, columns: 5, tables: 4 } as const

/** Each number with its exact value, formula and rows; then the queries. */
export function whyOf(deck: Deck, slide: Slide): Why {
  const context = createDeckContext(deck)
  const facts = factsOf(slide, context)
  const named = new Set([...facts.map(({ lineage }) => lineage.tableId), ...slide.sources])
  const rest = facts.length - most.facts
  return {
    facts: facts.slice(0, most.facts).map((fact) => toWhyFact(fact, context)),
    more: rest > 0 ? `and ${rest} more: the deck page explains each number you click` : '',
    queries: deck.tables.filter(({ id }) => named.has(id)).slice(0, most.tables),
    provenance: deck.provenance,
  }
}

function toWhyFact(fact: Fact, context: DeckContext): WhyFact {
  const table = context.deck.tables.find(({ id }) => id === fact.lineage.tableId)
  return {
    value: exactValue(fact, context),
    label: fact.label,
    lineage: lineageText(fact, context),
    ...(table ? { rows: rowsOf(fact, table, context.language) } : {}),
  }
}

/** With the columns that tell the rows apart, and those that were used. */
function rowsOf({ lineage }: Fact, table: Table, language: string): NonNullable<Reply['firstAnswer']> {
  const names = table.columns.filter(({ type }) => type !== 'number').map(({ name }) => name)
  const wanted = [...lineage.columns, ...names].map((name) => columnIndex(table, name)).filter((index) => index >= 0)
  const indexes = [...new Set(wanted)].slice(0, most.columns).toSorted((a, b) => a - b)
  const places = lineage.rows.length > 0 ? lineage.rows : [...table.rows.keys()]
  const formats = indexes.map((index) => columnFormatter(table, index, language))
  const rows = places.slice(0, most.rows).flatMap((place) => {
    const row = table.rows[place]
    return row ? [formats.map((format, at) => format(row[indexes[at] ?? -1] ?? null))] : []
  })
  const columns = indexes.map((index) => ({
    title: humanizeName(table.columns[index]?.name ?? ''),
    isNumber: table.columns[index]?.type === 'number',
  }))
  return { headline: '', columns, rows, moreRows: places.length - rows.length }
}
