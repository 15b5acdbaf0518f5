import type { Delivery, Message } from '../contract.ts'
import type { Channel, State, Team } from '../state.ts'
import { toFileObject } from '../api/file-object.ts'
import { toMessageObject } from '../api/message-object.ts'
import type { Sender } from './sender.ts'

/** Tells the app what happens, as far as it has subscribed to it and is there to see it. */
export interface Events {
  /** A new message: `message`, and `app_mention` when it names the app; in a random order. */
  posted(message: Message): Promise<readonly Delivery[]>
  changed(message: Message, before: Message): Promise<readonly Delivery[]>
  deleted(message: Message): Promise<readonly Delivery[]>
  /** The first message of a thread is deleted: its tombstone stays. */
  buried(tombstone: Message, before: Message): Promise<readonly Delivery[]>
  /** Somebody opened the direct message with the app. */
  homeOpened(channel: Channel, user: string): Promise<readonly Delivery[]>
  uninstalled(team: Team): Promise<readonly Delivery[]>
}

export function createEvents(deps: {
  readonly state: State
  readonly sender: Sender
  readonly random: () => number
  readonly echoes: boolean
}): Events {
  const { state, sender, random } = deps

  async function send(team: Team, events: readonly Readonly<Record<string, unknown>>[]): Promise<readonly Delivery[]> {
    const sent = await Promise.all(
      events.map((event) => {
        const eventId = state.ids.next('Ev')
        return sender.send({
          kind: 'event',
          type: String(event['subtype'] ?? event['type']),
          eventId,
          payload: envelope(state, team, event, eventId),
        })
      }),
    )
    return sent.filter((delivery) => delivery !== undefined)
  }

  /** The team and channel when the app may hear of messages there. */
  function audience(message: Message): { readonly team: Team; readonly channel: Channel } | undefined {
    const channel = state.channels.get(message.channel)
    const team = channel && state.teams.get(channel.team)
    if (!channel || !team?.isInstalled || message.visibleTo !== undefined) return undefined
    if (!channel.members.has(team.ids.botUser)) return undefined
    if (!deps.echoes && message.user === team.ids.botUser) return undefined
    return { team, channel }
  }

  const hears = (type: string): boolean => state.manifest.events.includes(type)

  return {
    async posted(message) {
      const heard = audience(message)
      if (!heard) return []
      const { team, channel } = heard
      const event = messageEvent(state, message, channel)
      const isOwn = message.user === team.ids.botUser
      const isMention = channel.kind !== 'im' && !isOwn && message.text.includes(`<@${team.ids.botUser}>`)
      const events = [
        ...(isMention && hears('app_mention') ? [{ ...event, type: 'app_mention', channel_type: undefined }] : []),
        ...(hears(subscriptionOf(channel)) ? [event] : []),
      ]
      return await send(team, random() < 0.5 ? events : events.toReversed())
    },
    async changed(message, before) {
      const heard = audience(message)
      if (!heard || !hears(subscriptionOf(heard.channel))) return []
      const { channel_type: type, ...now } = messageEvent(state, message, heard.channel)
      const { channel_type: _, ...previous } = messageEvent(state, before, heard.channel)
      return await send(heard.team, [
        {
          type: 'message',
          subtype: 'message_changed',
          hidden: true,
          message: { ...now, edited: { user: message.user, ts: tsOf(message.changedAt) } },
          previous_message: previous,
          channel: message.channel,
          channel_type: type,
          ts: state.ids.ts(state.time.now()),
          event_ts: tsOf(message.changedAt),
        },
      ])
    },
    async deleted(message) {
      const heard = audience(message)
      if (!heard || !hears(subscriptionOf(heard.channel))) return []
      const { channel_type: type, ...previous } = messageEvent(state, message, heard.channel)
      return await send(heard.team, [
        {
          type: 'message',
          subtype: 'message_deleted',
          hidden: true,
          deleted_ts: message.ts,
          previous_message: previous,
          channel: message.channel,
          channel_type: type,
          ts: state.ids.ts(state.time.now()),
          event_ts: tsOf(state.time.now()),
        },
      ])
    },
    async buried(tombstone, before) {
      const heard = audience(tombstone)
      if (!heard || !hears(subscriptionOf(heard.channel))) return []
      const { channel_type: type, ...previous } = messageEvent(state, before, heard.channel)
      return await send(heard.team, [
        {
          type: 'message',
          subtype: 'message_changed',
          hidden: true,
          message: toMessageObject(state, tombstone),
          previous_message: { ...previous, thread_ts: before.ts },
          channel: before.channel,
          channel_type: type,
          ts: state.ids.ts(state.time.now()),
          event_ts: tsOf(tombstone.changedAt),
        },
      ])
    },
    async homeOpened(channel, user) {
      const team = state.teams.get(channel.team)
      if (!team?.isInstalled || !hears('app_home_opened')) return []
      return await send(team, [
        { type: 'app_home_opened', user, channel: channel.id, tab: 'messages', event_ts: tsOf(state.time.now()) },
      ])
    },
    async uninstalled(team) {
      const events = [
        { type: 'tokens_revoked', tokens: { oauth: [], bot: [team.ids.botUser] } },
        { type: 'app_uninstalled' },
      ].filter(({ type }) => hears(type))
      return await send(
        team,
        events.map((event) => ({ ...event, event_ts: tsOf(state.time.now()) })),
      )
    },
  }
}

const subscriptionOf = ({ kind }: Channel): string =>
  ({ channel: 'message.channels', group: 'message.groups', im: 'message.im', mpim: 'message.mpim' })[kind]

const tsOf = (ms: number): string => (ms / 1000).toFixed(6)

function envelope(state: State, team: Team, event: Readonly<Record<string, unknown>>, eventId: string) {
  return {
    token: 'sandbox-verification-token',
    team_id: team.ids.team,
    context_team_id: team.ids.team,
    context_enterprise_id: null,
    api_app_id: state.appId,
    event,
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(state.time.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.ids.team,
        user_id: team.ids.botUser,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${eventId}`,
  }
}

/** A message as events carry it. */
function messageEvent(state: State, message: Message, channel: Channel): Record<string, unknown> {
  const root = message.threadTs === undefined ? undefined : state.find(message.channel, message.threadTs)
  const files = message.files.flatMap(({ id }) => state.files.get(id) ?? [])
  const team = state.teams.get(channel.team)
  return {
    type: 'message',
    ...(message.botId === undefined && files.length > 0 ? { subtype: 'file_share' } : {}),
    ...(message.botId === undefined
      ? { user: message.user, client_msg_id: `client-${message.ts}` }
      : {
          user: message.user,
          bot_id: message.botId,
          app_id: message.botId === team?.ids.bot ? state.appId : 'A0ANOTHERAPP',
        }),
    ts: message.ts,
    text: message.text,
    team: channel.team,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(root === undefined ? {} : { parent_user_id: root.user }),
    blocks: message.blocks.length > 0 ? message.blocks : [typedBlock(message)],
    ...(files.length === 0 ? {} : { files: files.map((file) => toFileObject(state, file)), upload: true }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    channel: message.channel,
    event_ts: message.ts,
    channel_type: channel.kind,
  }
}

/** What a person typed, as the rich text their client sends beside it. */
function typedBlock(message: Message) {
  const elements = message.text
    .split(/(<@[UW][A-Z0-9]+>)/)
    .flatMap((part): readonly Readonly<Record<string, unknown>>[] => {
      const user = /^<@([UW][A-Z0-9]+)>$/.exec(part)?.[1]
      if (user !== undefined) return [{ type: 'user', user_id: user }]
      return part === '' ? [] : [{ type: 'text', text: unescapeText(part) }]
    })
  return {
    type: 'rich_text',
    block_id: `typed-${message.ts}`,
    elements: [{ type: 'rich_text_section', elements }],
  }
}

/** Text as Slack carries it, back to what was typed. */
const unescapeText = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
