import { z } from 'zod'
import { mentionsIn, toPlainText } from './plain-text.ts'
import type { Place } from './origin.ts'

/** What an event about messages tells us, in our own words. */
export type Heard = Written | Deleted | { readonly kind: 'ignored'; readonly why: string }

/** Somebody wrote something. Whether it is for us is decided by {@link file://./follow-up.ts}. */
export interface Written {
  readonly kind: 'written'
  readonly place: Place
  /** First message of its thread; its own place when it starts one. */
  readonly root: Place
  readonly user: string
  /** Plain text, our mention left out; '' when there is none. */
  readonly text: string
  readonly isDirect: boolean
  readonly isMention: boolean
  /** It names other people or groups. */
  readonly namesOthers: boolean
  /** The thread was begun by somebody else than us, before. */
  readonly isReply: boolean
  readonly hasFiles: boolean
  /** The person belongs to another company, in a channel that two companies share. */
  readonly isStranger: boolean
}

/** A person took their message back. */
export interface Deleted {
  readonly kind: 'deleted'
  readonly place: Place
  readonly root: Place
}

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
  const place: Place = { team, channel, ts: message.ts }

  const deleted = deletedTs(message)
  if (deleted) {
    const { previous_message: previous } = message
    if (previous?.bot_id) return { kind: 'ignored', why: 'a deleted message of a bot' }
    const at = { ...place, ts: deleted }
    return { kind: 'deleted', place: at, root: { ...at, ts: previous?.thread_ts || deleted } }
  }
  if (subtype && !spoken.has(subtype)) return { kind: 'ignored', why: `subtype ${subtype}` }
  if (message.bot_id || !message.user || message.user === botUser || message.user === 'USLACKBOT') {
    return { kind: 'ignored', why: 'written by a bot' }
  }
  if (message.edited) return { kind: 'ignored', why: 'an edit' }

  const text = message.text ?? ''
  const named = mentionsIn(text)
  return {
    kind: 'written',
    place,
    root: { ...place, ts: message.thread_ts || message.ts },
    user: message.user,
    text: toPlainText(text, botUser),
    isDirect: message.channel_type === 'im' || channel.startsWith('D'),
    isMention: message.type === 'app_mention' || named.includes(botUser),
    namesOthers: named.some((id) => id !== botUser),
    isReply: Boolean(message.thread_ts) && message.thread_ts !== message.ts,
    hasFiles: (message.files?.length ?? 0) > 0,
    isStranger: isShared && Boolean(message.user_team) && message.user_team !== team,
  }
}

/** Of a message that has replies already, a tombstone stays: for Slack that is a change, not a deletion. */
function deletedTs({ subtype, deleted_ts: ts, message }: z.infer<typeof MessageFields>): string | undefined {
  if (subtype === 'message_deleted') return ts ?? undefined
  return subtype === 'message_changed' && message?.subtype === 'tombstone' ? message.ts : undefined
}
