import { clip, oneLine } from '../../chat/text.ts'
import type { Reply } from '../../reply.ts'
import { type Block, context, markup } from './elements.ts'

const longestQuestion = 300

/** Who wants what, for those who did not see it being asked. */
export function askedBy({ question, userId }: Reply): Block[] {
  if (question === '') return []
  const who = /^[UW][A-Z0-9]+$/.test(userId) ? `<@${userId}> asked:` : 'Asked:'
  return [context(markup(who), clip(oneLine(question), longestQuestion))]
}
