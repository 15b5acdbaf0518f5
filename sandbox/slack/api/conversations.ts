import type { Message } from '../contract.ts'
import type { Channel, State } from '../state.ts'
import { openDirect } from '../teams.ts'
import { SlackError } from './error.ts'
import { toMessageObject } from './message-object.ts'
import type { Call, MethodDeps, Methods } from './method.ts'
import { channelOf, joinedChannelOf, placeScope } from './places.ts'

/** Channels, and what was said in them. */
export function conversationMethods({ state }: MethodDeps): Methods {
  const scoped = (right: 'history' | 'read') => (call: Call) => [placeScope(state, call.args.text('channel'), right)]

  return {
    'conversations.info': {
      scopes: scoped('read'),
      tier: 3,
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        return { channel: toChannelObject(channel, team.ids.botUser) }
      },
    },
    'conversations.members': {
      scopes: scoped('read'),
      tier: 4,
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        return { members: [...channel.members], response_metadata: { next_cursor: '' } }
      },
    },
    'conversations.open': {
      scopes: ({ args }) => [args.text('users').includes(',') ? 'mpim:write' : 'im:write'],
      tier: 3,
      handle({ args, team }) {
        const users = args.text('users').split(',').filter(Boolean)
        if (users.length === 0) throw new SlackError('users_list_not_supplied')
        const known = users.every((id) => state.people.get(id)?.team === team.ids.team)
        if (!known) throw new SlackError('user_not_found')
        const channel = openDirect(state, team.ids, users)
        return {
          channel: args.flag('return_im') ? toChannelObject(channel, team.ids.botUser) : { id: channel.id },
        }
      },
    },
    'conversations.join': {
      scopes: ['channels:join'],
      tier: 3,
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel'))
        if (channel.kind !== 'channel') throw new SlackError('method_not_supported_for_channel_type')
        channel.members.add(team.ids.botUser)
        state.notify({ kind: 'channels' })
        return { channel: toChannelObject(channel, team.ids.botUser) }
      },
    },
    'conversations.history': {
      scopes: scoped('history'),
      tier: 3,
      handle({ args, team }) {
        const channel = joinedChannelOf(state, team, args.required('channel'))
        const messages = visible(state, channel).filter(({ threadTs }) => threadTs === undefined)
        return page(state, { args, team }, messages.toReversed())
      },
    },
    'conversations.replies': {
      scopes: scoped('history'),
      tier: 3,
      handle({ args, team }) {
        const channel = joinedChannelOf(state, team, args.required('channel'))
        const ts = args.required('ts')
        const root = state.find(channel.id, ts)?.threadTs ?? ts
        const thread = visible(state, channel).filter((message) => message.ts === root || message.threadTs === root)
        if (thread.length === 0) throw new SlackError('thread_not_found')
        return page(state, { args, team }, thread)
      },
    },
  }
}

/** What anyone in the channel sees. */
const visible = (state: State, channel: Channel): readonly Message[] =>
  state.messagesOf(channel.id).filter((message) => !message.isDeleted && message.visibleTo === undefined)

/** The messages asked for by time and cursor. */
function page(state: State, { args }: Call, messages: readonly Message[]) {
  const latest = args.text('latest') || '9'.repeat(12)
  const oldest = args.text('oldest') || '0'
  const inclusive = args.flag('inclusive')
  const within = messages.filter(({ ts }) =>
    inclusive
      ? Number(ts) <= Number(latest) && Number(ts) >= Number(oldest)
      : Number(ts) < Number(latest) && Number(ts) > Number(oldest),
  )
  const limit = Math.min(Math.max(1, args.number('limit', 100)), 999)
  const start = Number(/^offset:(\d+)$/.exec(Buffer.from(args.text('cursor'), 'base64').toString())?.[1] ?? 0)
  const hasMore = within.length > start + limit
  const withMetadata = args.flag('include_all_metadata')
  return {
    messages: within.slice(start, start + limit).map((message) => toMessageObject(state, message, { withMetadata })),
    has_more: hasMore,
    ...(hasMore
      ? { response_metadata: { next_cursor: Buffer.from(`offset:${start + limit}`).toString('base64') } }
      : {}),
  }
}

function toChannelObject(channel: Channel, botUser: string): Record<string, unknown> {
  const { kind, members } = channel
  return {
    id: channel.id,
    ...(channel.name === '' ? {} : { name: channel.name, name_normalized: channel.name }),
    is_channel: kind === 'channel',
    is_group: kind === 'group',
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: kind !== 'channel',
    is_archived: false,
    is_member: members.has(botUser),
    ...(kind === 'im' ? { user: [...members].find((id) => id !== botUser) } : { num_members: members.size }),
    context_team_id: channel.team,
    topic: { value: channel.topic },
  }
}
