import type { Heard } from '../chat/heard.ts'
import { spotIn } from '../chat/place.ts'
import { isStranger, placeIn, userOf } from './places.ts'
import { mentionsIn, toPlainText } from './plain-text.ts'
import type { VerifiedActivity } from './wire.ts'

/** Teams repeats the text of a message as HTML, and its own cards, as attachments: only what people add is a file. */
const noFiles =
  /^(text\/html|application\/vnd\.microsoft\.card\.|application\/vnd\.microsoft\.teams\.messageReference)/i

/** Ids of bots begin so, those of people with `29:`. */
const botMark = '28:'

/**
 * Reads what people write and take back. `root` is the id of the thread it belongs to: the reply chain of a channel, the
 * running topic of a chat. Never throws: what cannot be read is ignored.
 */
export function parseMessage({ activity, ref }: VerifiedActivity, root: string): Heard {
  const { type, id, from, text, entities, attachments, timestamp } = activity
  if (!id) return { kind: 'ignored', why: 'a message without an id' }
  const place = placeIn(ref, id)
  const thread = placeIn(ref, root)
  if (type === 'messageDelete') return { kind: 'deleted', place, root: thread }
  if (type !== 'message') return { kind: 'ignored', why: `activity ${type}` }
  if (from.role === 'bot' || from.id.startsWith(botMark) || from.id === ref.botId || userOf(activity) === '') {
    return { kind: 'ignored', why: 'written by a bot' }
  }
  const named = mentionsIn(entities)
  const { conversationType } = ref
  return {
    kind: 'written',
    place,
    root: thread,
    aside: spotIn(thread),
    user: userOf(activity),
    text: toPlainText({ ...activity, text: text ?? '' }, ref.botId),
    sentAt: Date.parse(timestamp ?? '') || 0,
    isMention: named.some((mention) => mention.id === ref.botId),
    namesOthers: named.some((mention) => mention.id !== ref.botId),
    // A group's chat has begun before us, like a channel's chain whose first message this is not.
    isReply: conversationType === 'groupChat' || (conversationType === 'channel' && root !== id),
    hasFiles: (attachments ?? []).some(({ contentType }) => contentType && !noFiles.test(contentType)),
    isStranger: isStranger(activity, ref),
  }
}
