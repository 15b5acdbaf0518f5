import type { Message } from '../contract.ts'
import type { State } from '../state.ts'
import { toFileObject } from './file-object.ts'

/** Says in place of a thread's first message that it was deleted. */
export const slackbot = 'USLACKBOT'

/** What stands in the thread of a message, for all to see. */
export function repliesTo(state: State, { channel, ts }: Message): readonly Message[] {
  return state
    .messagesOf(channel)
    .filter((each) => each.threadTs === ts && each.ts !== ts && !each.isDeleted && each.visibleTo === undefined)
}

/** A message as the Web API and interactions carry it. Metadata only where it was asked for. */
export function toMessageObject(
  state: State,
  message: Message,
  options: { readonly withMetadata?: boolean } = {},
): Record<string, unknown> {
  const team = state.channels.get(message.channel)?.team
  const replies = repliesTo(state, message)
  const files = message.files.flatMap(({ id }) => state.files.get(id) ?? [])
  const threadTs = message.threadTs ?? (replies.length > 0 ? message.ts : undefined)
  return {
    type: 'message',
    ...(message.user === slackbot ? { subtype: 'tombstone', hidden: true } : {}),
    user: message.user,
    ts: message.ts,
    ...(message.botId === undefined ? {} : { bot_id: message.botId, app_id: state.appId }),
    text: message.text,
    team,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(replies.length === 0
      ? {}
      : {
          reply_count: replies.length,
          reply_users: [...new Set(replies.map(({ user }) => user))],
          latest_reply: replies.at(-1)?.ts,
        }),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(files.length === 0 ? {} : { files: files.map((file) => toFileObject(state, file)) }),
    ...(message.isEdited ? { edited: { user: message.user, ts: (message.changedAt / 1000).toFixed(6) } } : {}),
    ...(options.withMetadata === true && message.metadata !== undefined ? { metadata: message.metadata } : {}),
  }
}
