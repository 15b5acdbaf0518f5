import type { types } from '@slack/bolt'
import type { Deck, Slide } from '../../../render/deck.ts'
import { type Why, type WhyFact, whyOf } from '../../chat/why.ts'
import { windowWords } from '../../chat/window.ts'
import { fixedWidthTable } from '../blocks/first-answer.ts'
import { context, section } from '../blocks/elements.ts'
import { preformatted, readingModal } from './modal.ts'

/** Where the numbers of a slide come from: each with its exact value, formula and rows; then the queries. */
export function whyView(deck: Deck, slide: Slide, number: number): types.ModalView {
  const { facts, more, queries, provenance } = whyOf(deck, slide)
  return readingModal(windowWords.why.title(number), [
    ...(facts.length === 0 ? [section(windowWords.why.none)] : []),
    ...facts.flatMap(factBlocks),
    ...(more === '' ? [] : [context(more)]),
    ...queries.flatMap(queryBlocks),
    context(provenance),
  ])
}

function factBlocks({ value, label, lineage, rows }: WhyFact): types.KnownBlock[] {
  return [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: value || '–', style: { bold: true } },
            { type: 'text', text: `  ${label}` },
          ],
        },
      ],
    },
    context(lineage),
    ...(rows ? fixedWidthTable(rows, rows.rows.length) : []),
  ]
}

function queryBlocks({ title, sql }: Why['queries'][number]): types.KnownBlock[] {
  return [{ type: 'divider' }, section(windowWords.why.query(title)), ...preformatted(sql, 2)]
}
