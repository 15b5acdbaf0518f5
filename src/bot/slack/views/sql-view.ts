import type { types } from '@slack/bolt'
import type { ReplyResult } from '../../reply.ts'
import { windowWords } from '../../chat/window.ts'
import { context, section } from '../blocks/elements.ts'
import { preformatted, readingModal } from './modal.ts'

/** More than that nobody reads in a modal; the deck page has them all. */
const mostQueries = 20

/** The queries that an answer rests on, as Genie wrote them. */
export function sqlView({ sql, readings }: ReplyResult): types.ModalView {
  const shown = sql.slice(0, mostQueries)
  const blocks = shown.flatMap((query, index) => [
    ...(readings.length === sql.length ? [section(readings[index] ?? '')] : []),
    ...preformatted(query, 4),
  ])
  const more = sql.length - shown.length
  return readingModal(windowWords.sql.title, [
    ...(blocks.length > 0 ? blocks : [section(windowWords.sql.none)]),
    ...(more > 0 ? [context(`and ${more} more`)] : []),
  ])
}
