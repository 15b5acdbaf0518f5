import type { TeamIds } from './contract.ts'
import type { Channel, Person, State } from './state.ts'

/** Adds a workspace with two people, three channels and the app's bot user. */
export function addTeam(
  state: State,
  options: {
    readonly name: string
    readonly token: string
    readonly isInstalled: boolean
    readonly scopes: readonly string[]
  },
): TeamIds {
  const id = (prefix: string): string => state.ids.next(prefix)
  const team = id('T')
  const ids: TeamIds = {
    team,
    bot: id('B'),
    botUser: id('U'),
    token: options.token,
    people: { ada: id('U'), grace: id('U') },
    channels: { sales: id('C'), general: id('C'), finance: id('C') },
  }
  state.teams.set(team, {
    ids,
    name: options.name,
    domain: options.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    scopes: new Set(options.scopes),
    isInstalled: options.isInstalled,
  })
  const people: readonly Person[] = [
    { id: ids.botUser, team, name: 'Deckhand', realName: 'Deckhand', isBot: true },
    { id: ids.people.ada, team, name: 'Ada', realName: 'Ada Lovelace', isBot: false },
    { id: ids.people.grace, team, name: 'Grace', realName: 'Grace Hopper', isBot: false },
  ]
  for (const person of people) state.people.set(person.id, person)
  const everyone = [ids.people.ada, ids.people.grace]
  const withApp = options.isInstalled ? [...everyone, ids.botUser] : everyone
  const channels: readonly Channel[] = [
    channel(ids.channels.sales, 'sales', 'What we sell, where and to whom', withApp),
    channel(ids.channels.general, 'general', 'Everything for everyone', withApp),
    channel(ids.channels.finance, 'finance', 'Deckhand is not a member here', everyone),
  ]
  for (const each of channels) state.channels.set(each.id, each)
  return ids

  function channel(channelId: string, name: string, topic: string, members: readonly string[]): Channel {
    return { id: channelId, team, name, kind: 'channel', topic, members: new Set(members) }
  }
}

/** The direct message between the app and one person, or a group with several; made when there is none yet. */
export function openDirect(state: State, team: TeamIds, users: readonly string[]): Channel {
  const members = new Set([...users, team.botUser])
  const kind = users.length === 1 ? 'im' : 'mpim'
  for (const known of state.channels.values()) {
    if (known.kind === kind && known.members.size === members.size && [...members].every((id) => known.members.has(id)))
      return known
  }
  const opened: Channel = {
    id: state.ids.next(kind === 'im' ? 'D' : 'G'),
    team: team.team,
    name: '',
    kind,
    topic: '',
    members,
  }
  state.channels.set(opened.id, opened)
  state.notify({ kind: 'channels' })
  return opened
}
