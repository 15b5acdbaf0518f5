import type { Message } from '../contract.ts'
import { messageLimits } from '../blocks/limits.ts'
import type { Channel, State } from '../state.ts'
import { readContent, readThreadTs } from './content.ts'
import { SlackError } from './error.ts'
import { toMessageObject } from './message-object.ts'
import type { Call, MethodDeps, Methods } from './method.ts'
import { channelOf, joinedChannelOf } from './places.ts'

/** What the app's changes to messages set off. */
export interface ChatHooks {
  posted(message: Message): void
  changed(message: Message, before: Message): void
  deleted(message: Message): void
}

/** Posting, editing and deleting messages. */
export function chatMethods({ state, hooks }: MethodDeps & { readonly hooks: ChatHooks }): Methods {
  const scopes = ['chat:write']

  return {
    'chat.postMessage': {
      scopes,
      tier: 'post',
      handle(call) {
        const { args, team } = call
        const channel = writableChannel(state, call)
        const content = readContent(state, team.ids.team, args)
        const text = (content.text ?? '').slice(0, messageLimits.postedText)
        if (text === '' && (content.blocks ?? []).length === 0) throw new SlackError('no_text')
        const threadTs = readThreadTs(args)
        const message = state.post({
          channel: channel.id,
          user: team.ids.botUser,
          botId: team.ids.bot,
          text,
          blocks: content.blocks ?? [],
          ...(threadTs === undefined ? {} : { threadTs }),
          ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
        })
        clearStatus(state, message)
        hooks.posted(message)
        return { channel: channel.id, ts: message.ts, message: toMessageObject(state, message, { withMetadata: true }) }
      },
    },
    'chat.update': {
      scopes,
      tier: 3,
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        const before = ownMessage(state, channel, args.required('ts'), team.ids.botUser, 'cant_update_message')
        if (before.isStreaming) throw new SlackError('streaming_state_conflict')
        const content = readContent(state, team.ids.team, args)
        if (content.text === undefined && content.blocks === undefined) throw new SlackError('no_text')
        const text = content.text ?? before.text
        if (text.length > messageLimits.updatedText) throw new SlackError('msg_too_long')
        const blocks = content.blocks ?? before.blocks // only an empty list removes them
        if (text === '' && blocks.length === 0) throw new SlackError('no_text')
        const message = state.change(before, {
          text,
          blocks,
          isEdited: true,
          ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
        })
        hooks.changed(message, before)
        return { channel: channel.id, ts: message.ts, text, message: toMessageObject(state, message) }
      },
    },
    'chat.postEphemeral': {
      scopes,
      tier: 4,
      handle(call) {
        const { args, team } = call
        const channel = writableChannel(state, call)
        const user = args.required('user')
        if (!channel.members.has(user)) throw new SlackError('user_not_in_channel')
        const content = readContent(state, team.ids.team, args)
        if ((content.text ?? '') === '' && (content.blocks ?? []).length === 0) throw new SlackError('no_text')
        const threadTs = readThreadTs(args)
        const message = state.post({
          channel: channel.id,
          user: team.ids.botUser,
          botId: team.ids.bot,
          text: content.text ?? '',
          blocks: content.blocks ?? [],
          visibleTo: user,
          ...(threadTs === undefined ? {} : { threadTs }),
        })
        return { message_ts: message.ts }
      },
    },
    'chat.delete': {
      scopes,
      tier: 3,
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        const message = ownMessage(state, channel, args.required('ts'), team.ids.botUser, 'cant_delete_message')
        if (message.isStreaming) throw new SlackError('streaming_state_conflict')
        state.change(message, { isDeleted: true })
        hooks.deleted(message)
        return { channel: channel.id, ts: message.ts }
      },
    },
    'chat.getPermalink': {
      tier: 'none',
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        const message = state.find(channel.id, args.required('message_ts'))
        if (!message || message.visibleTo !== undefined) throw new SlackError('message_not_found')
        return { channel: channel.id, permalink: permalinkOf(state, message) }
      },
    },
  }
}

/** Where a link in the app leads to on the page. */
const permalinkOf = (state: State, message: Message): string =>
  `${state.url()}/#${message.channel}/${message.threadTs ?? message.ts}`

function writableChannel(state: State, { args, team }: Call): Channel {
  const id = args.required('channel')
  return team.scopes.has('chat:write.public') ? channelOf(state, team, id) : joinedChannelOf(state, team, id)
}

function ownMessage(state: State, channel: Channel, ts: string, botUser: string, refusal: string): Message {
  const message = state.find(channel.id, ts)
  if (!message || message.visibleTo !== undefined) throw new SlackError('message_not_found')
  if (message.user !== botUser) throw new SlackError(refusal)
  return message
}

/** A status goes when the app says something in its thread. */
export function clearStatus(state: State, message: Message): void {
  const threadTs = message.threadTs ?? message.ts
  if (state.statuses.delete(`${message.channel} ${threadTs}`)) {
    state.notify({ kind: 'status', channel: message.channel, threadTs })
  }
}
