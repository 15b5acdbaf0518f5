import type { types } from '@slack/bolt'
import type { Deck, Slide } from '../../../render/deck.ts'
import type { Fact } from '../../../render/fact.ts'
import { columnFormatter, humanizeName } from '../../../render/format.ts'
import { factsOf } from '../../../render/html/backup.ts'
import { createDeckContext, type DeckContext } from '../../../render/html/context.ts'
import { exactValue, lineageText } from '../../../render/html/rich-text.ts'
import { columnIndex, type Table } from '../../../render/table.ts'
import { windowWords } from '../../chat/window.ts'
import { fixedWidthTable } from '../blocks/first-answer.ts'
import { context, section } from '../blocks/elements.ts'
import { preformatted, readingModal } from './modal.ts'

const most = { facts: 12, rows: 6, columns: 5, tables: 4 } as const

/** Where the numbers of a slide come from: each with its exact value, formula and rows; then the queries. */
export function whyView(deck: Deck, slide: Slide, number: number): types.ModalView {
  const deckContext = createDeckContext(deck)
  const facts = factsOf(slide, deckContext)
  const named = new Set([...facts.map(({ lineage }) => lineage.tableId), ...slide.sources])
  const tables = deck.tables.filter(({ id }) => named.has(id))
  const rest = facts.length - most.facts
  return readingModal(windowWords.why.title(number), [
    ...(facts.length === 0 ? [section(windowWords.why.none)] : []),
    ...facts.slice(0, most.facts).flatMap((fact) => factBlocks(fact, deckContext)),
    ...(rest > 0 ? [context(`and ${rest} more: the deck page explains each number you click`)] : []),
    ...tables.slice(0, most.tables).flatMap(queryBlocks),
    context(deck.provenance),
  ])
}

function factBlocks(fact: Fact, deckContext: DeckContext): types.KnownBlock[] {
  const table = deckContext.deck.tables.find(({ id }) => id === fact.lineage.tableId)
  return [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: exactValue(fact, deckContext) || '–', style: { bold: true } },
            { type: 'text', text: `  ${fact.label}` },
          ],
        },
      ],
    },
    context(lineageText(fact, deckContext)),
    ...(table ? rowBlocks(fact, table, deckContext.language) : []),
  ]
}

/** The first of the rows that went in, with the columns that tell them apart and those that were used. */
function rowBlocks({ lineage }: Fact, table: Table, language: string): types.KnownBlock[] {
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
  return fixedWidthTable({ headline: '', columns, rows, moreRows: places.length - rows.length }, most.rows)
}

function queryBlocks({ title, sql }: Table): types.KnownBlock[] {
  return [{ type: 'divider' }, section(`Query: ${title}`), ...preformatted(sql, 2)]
}
