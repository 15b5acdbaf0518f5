import type { Channel, State, Team } from '../state.ts'
import { openDirect } from '../teams.ts'
import { SlackError } from './error.ts'

/** The channel a call names, when the app may know of it. A person's id means their direct message. @throws SlackError */
export function channelOf(state: State, team: Team, id: string): Channel {
  const person = state.people.get(id)
  if (person && person.team === team.ids.team && !person.isBot) return openDirect(state, team.ids, [id])
  const channel = state.channels.get(id)
  if (!channel || channel.team !== team.ids.team) throw new SlackError('channel_not_found')
  if (channel.kind !== 'channel' && !channel.members.has(team.ids.botUser)) throw new SlackError('channel_not_found')
  return channel
}

/** The channel a call names, when the app is in it. @throws SlackError */
export function joinedChannelOf(state: State, team: Team, id: string): Channel {
  const channel = channelOf(state, team, id)
  if (!channel.members.has(team.ids.botUser)) throw new SlackError('not_in_channel')
  return channel
}

/** The scope that reading in this kind of place takes, such as `im:history`. */
export function placeScope(state: State, id: string, right: 'history' | 'read' | 'write'): string {
  const kind = state.channels.get(id)?.kind ?? 'channel'
  return `${{ channel: 'channels', group: 'groups', im: 'im', mpim: 'mpim' }[kind]}:${right}`
}
