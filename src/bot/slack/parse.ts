import { z } from 'zod'
import type { Heard } from '../chat/heard.ts'
import { spotIn } from '../chat/place.ts'
import { channelAt, placeAt, timeOf } from './places.ts'
import { mentionsIn, toPlainText } from './plain-text.ts'

const Id = z.string().min(1).max(100)
const optionalText = z.string().nullish()

const MessageFields = z.looseObject({
  type: z.string(),
  subtype: optionalText,
  channel: Id.regex(/^\w+$/),
  channel_type: optionalText,
  user: optionalText,
  bot_id: optionalText,
  text: optionalText,
  ts: Id.regex(/^[\d.]+$/),
  thread_ts: optionalText,
  files: z.array(z.unknown()).nullish(),
  edited: z.unknown().optional(),
  user_team: optionalText,
  deleted_ts: optionalText,
  message: z.looseObject({ subtype: optionalText, ts: Id.regex(/^[\d.]+$/) }).nullish(),
  previous_message: z.looseObject({ bot_id: optionalText, subtype: optionalText, thread_ts: optionalText }).nullish(),
})

/** Messages of people, besides those without a subtype. */
const spoken: ReadonlySet<string> = new Set(['file_share', 'thread_broadcast', 'me_message'])

/** Where and to whom an event was delivered. */
export interface Delivered {
  readonly team: string
  readonly botUser: string
  /** The channel is shared with another company. */
  readonly isShared: boolean
}

/** Reads an `app_mention` or `message` event. Never throws: what cannot be read is ignored. */
export function parseMessageEvent(event: unknown, { team, botUser, isShared }: Delivered): Heard {
  const parsed = MessageFields.safeParse(event)
  if (!parsed.success) return { kind: 'ignored', why: 'not a message we can read' }
  const message = parsed.data
  const { channel, subtype } = message

  const deleted = deletedTs(message)
  if (deleted) {
    const { previous_message: previous } = message
    if (previous?.bot_id) return { kind: 'ignored', why: 'a deleted message of a bot' }
    const root = placeAt(team, channel, previous?.thread_ts || deleted)
    return { kind: 'deleted', place: placeAt(team, channel, deleted), root }
  }
  if (subtype && !spoken.has(subtype)) return { kind: 'ignored', why: `subtype ${subtype}` }
  if (message.bot_id || !message.user || message.user === botUser || message.user === 'USLACKBOT') {
    return { kind: 'ignored', why: 'written by a bot' }
  }
  if (message.edited) return { kind: 'ignored', why: 'an edit' }

  const text = message.text ?? ''
  const named = mentionsIn(text)
  const isReply = Boolean(message.thread_ts) && message.thread_ts !== message.ts
  const isDirect = message.channel_type === 'im' || channel.startsWith('D')
  const root = { ...placeAt(team, channel, message.thread_ts || message.ts), isDirect }
  return {
    kind: 'written',
    place: { ...root, id: message.ts },
    root,
    aside: isReply ? spotIn(root) : { ...channelAt(team, channel), isDirect },
    user: message.user,
    text: toPlainText(text, botUser),
    sentAt: timeOf(message.ts),
    isMention: message.type === 'app_mention' || named.includes(botUser),
    namesOthers: named.some((id) => id !== botUser),
    isReply,
    hasFiles: (message.files?.length ?? 0) > 0,
    isStranger: isShared && Boolean(message.user_team) && message.user_team !== team,
  }
}

/** Of a message that has replies already, a tombstone stays: for Slack that is a change, not a deletion. */
function deletedTs({ subtype, deleted_ts: ts, message }: z.infer<typeof MessageFields>): string | undefined {
  if (subtype === 'message_deleted') return ts ?? undefined
  return subtype === 'message_changed' && message?.subtype === 'tombstone' ? message.ts : undefined
}
