import type { Message, People, Said } from './contract.ts'
import { addPersonFile } from './api/files.ts'
import { repliesTo, slackbot } from './api/message-object.ts'
import { install } from './api/oauth.ts'
import type { Events } from './deliveries/events.ts'
import { type State, toSharedFile } from './state.ts'
import { openDirect } from './teams.ts'
import { encodeTyped } from './typed-text.ts'

type Talk = Pick<People, 'say' | 'edit' | 'remove' | 'openDirectMessage' | 'openGroupMessage' | 'uninstall' | 'invite'>

/** What people write, and where; the app hears of it by events. */
export function createTalk({ state, events }: { readonly state: State; readonly events: Events }): Talk {
  const teamOfChannel = (id: string) => {
    const channel = state.channels.get(id)
    const team = channel && state.teams.get(channel.team)
    if (!channel || !team) throw new Error(`There is no channel "${id}"`)
    return { channel, team }
  }
  const find = (channel: string, ts: string): Message => {
    const message = state.find(channel, ts)
    if (!message) throw new Error(`There is no message "${ts}" in "${channel}"`)
    return message
  }
  const said = async ({ ts, channel }: Message, deliveries: Promise<Said['deliveries']>): Promise<Said> => ({
    ts,
    channel,
    deliveries: await deliveries,
  })

  return {
    async say({ user, channel: channelId, text, threadTs, files = [], asBot }) {
      const { channel, team } = teamOfChannel(channelId)
      if (!channel.members.has(user)) throw new Error(`"${user}" is not in channel "${channelId}"`)
      const stored = files.map((file) =>
        addPersonFile(state, {
          team: team.ids.team,
          user,
          name: file.name,
          bytes: file.bytes,
          contentType: file.mimetype,
        }),
      )
      const message = state.post({
        channel: channelId,
        user,
        text: encodeTyped(state, team.ids.team, text),
        files: stored.map(toSharedFile),
        ...(threadTs === undefined ? {} : { threadTs }),
        ...(asBot === undefined ? {} : { botId: asBot }),
      })
      for (const file of stored) {
        file.shares.push({ channel: channelId, ts: message.ts, ...(threadTs === undefined ? {} : { threadTs }) })
      }
      return await said(message, events.posted(message))
    },
    async edit({ channel, ts, text }) {
      const before = find(channel, ts)
      const { team } = teamOfChannel(channel)
      const message = state.change(before, { text: encodeTyped(state, team.ids.team, text), isEdited: true })
      return await said(message, events.changed(message, before))
    },
    async remove({ channel, ts }) {
      const message = find(channel, ts)
      if (repliesTo(state, message).length > 0) {
        const tombstone = state.change(message, {
          user: slackbot,
          text: 'This message was deleted.',
          blocks: [],
          files: [],
        })
        return await said(message, events.buried(tombstone, message))
      }
      state.change(message, { isDeleted: true })
      return await said(message, events.deleted(message))
    },
    async openDirectMessage(user) {
      const person = state.people.get(user)
      const team = person && state.teams.get(person.team)
      if (!team) throw new Error(`There is no person "${user}"`)
      const channel = openDirect(state, team.ids, [user])
      await events.homeOpened(channel, user)
      return channel.id
    },
    openGroupMessage(users) {
      const team = state.teams.get(state.people.get(users[0] ?? '')?.team ?? '')
      if (!team || users.length < 2) throw new Error('A group takes two people or more')
      return openDirect(state, team.ids, users).id
    },
    async uninstall(teamId) {
      const team = teamId === undefined ? [...state.teams.values()][0] : state.teams.get(teamId)
      if (!team) throw new Error(`There is no team "${teamId}"`)
      const deliveries = await events.uninstalled(team)
      team.isInstalled = false
      return { ts: '', channel: '', deliveries }
    },
    invite(channelId) {
      const { channel, team } = teamOfChannel(channelId)
      if (!team.isInstalled) install(state, team, state.manifest.scopes)
      channel.members.add(team.ids.botUser)
      state.notify({ kind: 'channels' })
    },
  }
}
