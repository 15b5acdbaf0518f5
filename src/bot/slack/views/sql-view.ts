import type { types } from '@slack/bolt'
import type { ReplyResult } from '../../reply.ts'
import { queriesOf } from '../../chat/queries.ts'
import { windowWords } from '../../chat/window.ts'
import { context, section } from '../blocks/elements.ts'
import { preformatted, readingModal } from './modal.ts'

/** The queries that an answer rests on, as Genie wrote them. */
export function sqlView(result: ReplyResult): types.ModalView {
  const { shown, more } = queriesOf(result)
  const blocks = shown.flatMap(({ title, sql }) => [...(title === '' ? [] : [section(title)]), ...preformatted(sql, 4)])
  return readingModal(windowWords.sql.title, [
    ...(blocks.length > 0 ? blocks : [section(windowWords.sql.none)]),
    ...(more === '' ? [] : [context(more)]),
  ])
}
