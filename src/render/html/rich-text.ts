import type { RichText, Segment } from '../deck.ts'
import { escapeText } from '../escape.ts'
import type { Fact } from '../fact.ts'
import { formatFact, formatNumber } from '../format.ts'
import { cutText, limits } from '../limits.ts'
import type { DeckContext } from './context.ts'

/** Stands beside what nothing could confirm; the slide's footer says what it means. */
export const unverifiedMark = '?'

/**
 * Text of a slide as HTML, cut after `most` characters. Each number of a fact carries its origin as a tooltip, unconfirmed
 * ones carry a mark.
 */
export function richHtml(text: RichText, context: DeckContext, most: number = limits.text): string {
  let room = most
  const parts: string[] = []
  for (const segment of text) {
    if (room <= 0) break
    const plain = plainSegment(segment, context)
    parts.push(segmentHtml(segment, cutText(plain, room), context))
    room -= plain.length
  }
  return parts.join('')
}

/** The same text without markup, for measuring and for labels. */
export function richPlain(text: RichText, context: DeckContext, most: number = limits.text): string {
  return cutText(text.map((segment) => plainSegment(segment, context)).join(''), most)
}

export function isBlank(text: RichText, context: DeckContext): boolean {
  return richPlain(text, context).trim() === ''
}

/** A fact's value as an element that says where it comes from. `shown` is the formatted value. */
export function factHtml(fact: Fact, shown: string, context: DeckContext): string {
  const origin = `${fact.label}: ${exactValue(fact, context)} · ${lineageText(fact, context)}`
  // A number stays on its line; a name may be longer than any line.
  const name = fact.valueType === 'number' ? 'fact' : 'fact words'
  const value =
    `<data class="${name}" data-fact="${escapeText(fact.id)}" value="${escapeText(fact.value)}" ` +
    `title="${escapeText(cutText(origin, limits.label))}">${escapeText(shown)}</data>`
  if (!context.explainsFacts) return value
  return `<button type="button" class="ask" popovertarget="${explanationId(fact)}">${value}</button>`
}

/** Id of the element that explains a fact (see `explanations.ts`). */
export function explanationId(fact: Fact): string {
  return `about-${fact.id}`
}

/** The formula, the table and the rows behind a fact, in one line. */
export function lineageText(fact: Fact, context: DeckContext): string {
  const { lineage } = fact
  const table = context.deck.tables.find((one) => one.id === lineage.tableId)
  return `${lineage.formula} · ${table?.title ?? lineage.tableId}, ${rowsText(lineage.rows, context)}`
}

export function exactValue(fact: Fact, context: DeckContext): string {
  if (fact.valueType !== 'number') return formatFact(fact, { language: context.language })
  const number = formatNumber(fact.value, fact.unit, { language: context.language, format: 'full' })
  return isInPoints(fact) ? context.words.points(number) : number
}

/** True for a difference of percentages, which is in percentage points. */
export function isInPoints({ unit }: Fact): boolean {
  return unit.kind === 'plain' && unit.isPoints === true
}

function segmentHtml(segment: Segment, shown: string, context: DeckContext): string {
  if (typeof segment === 'string') return escapeText(shown)
  if ('fact' in segment) return factHtml(context.fact(segment.fact), shown, context)
  return (
    `<span class="unverified" title="${escapeText(context.words.unverified)}">${escapeText(shown.slice(0, -1))}` +
    `<sup>${unverifiedMark}</sup></span>`
  )
}

function plainSegment(segment: Segment, context: DeckContext): string {
  if (typeof segment === 'string') return segment
  if ('unverified' in segment) return `${segment.unverified}${unverifiedMark}`
  const style = {
    language: context.language,
    format: segment.format,
    absolute: 'absolute' in segment && segment.absolute === true,
  }
  return formatFact(context.fact(segment.fact), style)
}

function rowsText(rows: readonly number[], context: DeckContext): string {
  const numbers = rows.slice(0, 6).map((row) => row + 1)
  const list = `${numbers.join(', ')}${rows.length > numbers.length ? ' …' : ''}`
  return context.words.rowList(list, rows.length === 1)
}
