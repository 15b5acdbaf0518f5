import { isRecord, string } from '../local/json.ts'
import type { At, Attachment, Delivery, Person, TeamsPeople } from './contract.ts'
import { sandboxTeamsApp } from './contract.ts'
import type { Deliveries } from './deliveries.ts'
import { joinConversation, type State } from './state.ts'
import type { Streams } from './streams.ts'

export interface PeopleDeps {
  readonly state: State
  readonly deliveries: Deliveries
  readonly streams: Streams
  readonly hearsAll: boolean
  readonly url: () => string
  /** Names of the files that a person has agreed to, by the path they are sent to. */
  readonly consents: Map<string, string>
}

/** What Teams' clients do when people write and press. */
export interface People extends TeamsPeople {
  activityOf(message: {
    readonly user: Person
    readonly conversation: string
    readonly text: string
    readonly names?: readonly Person[]
    readonly attachments?: readonly Attachment[]
  }): Record<string, unknown>
}

export function createPeople(deps: PeopleDeps): People {
  const { state, deliveries, streams, hearsAll, consents } = deps

  async function deliver(activity: Record<string, unknown>): Promise<Delivery> {
    const delivery = await deliveries.send(activity)
    if (!delivery) throw new Error('Nobody listens: call connect() with the address of the app first')
    return delivery
  }

  function invoke(user: Person, conversation: string, name: string, value: unknown, more = {}): Promise<Delivery> {
    return deliver({ ...deliveries.envelope(user, conversation), type: 'invoke', name, value, ...more })
  }

  function activityOf(message: Parameters<People['activityOf']>[0]): Record<string, unknown> {
    const { user, conversation, names = [], attachments = [] } = message
    const mentions: Record<string, unknown>[] = []
    let { text } = message
    const mention = (name: string, id: string): void => {
      if (!text.includes(`@${name}`)) return
      text = text.replaceAll(`@${name}`, `<at>${name}</at>`)
      mentions.push({ type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } })
    }
    mention(sandboxTeamsApp.botName, state.ids.bot)
    for (const person of names) mention(person.name, person.id)
    const client = { type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/London' }
    const html = { contentType: 'text/html', content: `<p>${text}</p>` }
    return {
      ...deliveries.envelope(user, conversation),
      type: 'message',
      text,
      textFormat: 'plain',
      entities: [...mentions, client],
      attachments: [...attachments, ...(mentions.length > 0 ? [html] : [])],
    }
  }

  function placeOf(conversation: string): string {
    return conversation.split(';')[0] ?? ''
  }

  function messageAt({ conversation, id }: At) {
    const message = state.find(placeOf(conversation), id)
    if (!message || message.isDeleted) throw new Error(`There is no message "${id}" in "${conversation}"`)
    return message
  }

  return {
    activityOf,

    async say(said) {
      const { user, root } = said
      const place = state.conversations.get(placeOf(said.conversation))
      if (!place) throw new Error(`There is no conversation "${said.conversation}"`)
      const draft = activityOf({ ...said, conversation: place.id })
      const id = string(draft['id'])
      const full = joinConversation(place.id, place.type === 'channel' ? (root ?? id) : '')
      const activity = { ...draft, conversation: { ...(draft['conversation'] as object), id: full } }
      const text = string(draft['text'])
      state.add({
        id,
        place: place.id,
        conversation: full,
        from: user.id,
        text,
        summary: '',
        attachments: said.attachments ?? [],
        entities: [],
        channelData: {},
        streamType: '',
        sent: '',
      })
      const isHeard = place.type === 'personal' || hearsAll || text.includes(`<at>${sandboxTeamsApp.botName}</at>`)
      const delivery = isHeard && place.hasApp ? await deliveries.send(activity) : undefined
      return { id, conversation: full, delivery }
    },

    async edit(at) {
      const message = messageAt(at)
      state.change(message, { text: at.text, isEdited: true })
      const activity = activityOf({ user: at.user, conversation: at.conversation, text: at.text })
      const channelData = { ...(activity['channelData'] as object), eventType: 'editMessage' }
      return await deliveries.send({ ...activity, id: at.id, type: 'messageUpdate', channelData })
    },

    async unsend(at) {
      const message = messageAt(at)
      state.change(message, { isDeleted: true })
      const envelope = deliveries.envelope(at.user, at.conversation)
      const channelData = { ...(envelope['channelData'] as object), eventType: 'softDeleteMessage' }
      return await deliveries.send({ ...envelope, id: at.id, type: 'messageDelete', channelData })
    },

    async press(at) {
      const message = messageAt(at)
      const action = { type: 'Action.Execute', verb: at.verb ?? '', data: at.data ?? {} }
      const value = { action, trigger: 'manual' }
      const delivery = await invoke(at.user, at.conversation, 'adaptiveCard/action', value, { replyToId: at.id })
      const { answer } = delivery
      if (
        isRecord(answer) &&
        answer['type'] === 'application/vnd.microsoft.card.adaptive' &&
        isRecord(answer['value'])
      ) {
        const card = { contentType: 'application/vnd.microsoft.card.adaptive', content: answer['value'] }
        state.change(message, { attachments: [card] })
      }
      return delivery
    },

    submit(at) {
      messageAt(at)
      const { msteams } = at.data
      if (isRecord(msteams) && msteams['type'] === 'task/fetch') {
        const value = { data: at.data, context: { theme: 'default' } }
        return invoke(at.user, at.conversation, 'task/fetch', value, { replyToId: at.id })
      }
      const envelope = deliveries.envelope(at.user, at.conversation)
      return deliver({ ...envelope, type: 'message', value: at.data, replyToId: at.id })
    },

    submitDialog({ user, conversation, data }) {
      return invoke(user, conversation, 'task/submit', { data, context: { theme: 'default' } })
    },

    feedback(at) {
      messageAt(at)
      const actionValue = { reaction: at.reaction, feedback: JSON.stringify({ feedbackText: at.text ?? '' }) }
      const value = { actionName: 'feedback', actionValue }
      return invoke(at.user, at.conversation, 'message/submitAction', value, { replyToId: at.id })
    },

    consent(at) {
      const card = messageAt(at).attachments.find(
        ({ contentType }) => contentType === 'application/vnd.microsoft.teams.card.file.consent',
      )
      if (!card) throw new Error(`The message "${at.id}" asks for no consent`)
      const content = card.content ?? {}
      const context = at.isAccepted ? content['acceptContext'] : content['declineContext']
      if (!at.isAccepted) {
        const value = { type: 'fileUpload', action: 'decline', context }
        return invoke(at.user, at.conversation, 'fileConsent/invoke', value, { replyToId: at.id })
      }
      const name = card.name ?? ''
      const path = `/upload/${state.nextId()}`
      consents.set(path, name)
      const uploadInfo = {
        contentUrl: `${deps.url()}/files/${encodeURIComponent(name)}`,
        name,
        uploadUrl: `${deps.url()}${path}`,
        uniqueId: `file-${consents.size}`,
        fileType: name.split('.').at(-1) ?? '',
      }
      const value = { type: 'fileUpload', action: 'accept', context, uploadInfo }
      return invoke(at.user, at.conversation, 'fileConsent/invoke', value, { replyToId: at.id })
    },

    stopStream: (conversation) => streams.stop(placeOf(conversation)),

    install({ user, conversation }) {
      setApp(conversation, true)
      return deliver({ ...deliveries.envelope(user, conversation), type: 'installationUpdate', action: 'add' })
    },

    uninstall({ user, conversation }) {
      setApp(conversation, false)
      return deliver({ ...deliveries.envelope(user, conversation), type: 'installationUpdate', action: 'remove' })
    },
  }

  function setApp(conversation: string, hasApp: boolean): void {
    const place = state.conversations.get(placeOf(conversation))
    if (!place) throw new Error(`There is no conversation "${conversation}"`)
    // The app is in a team as a whole, with all its channels.
    for (const each of state.conversations.values()) {
      if (each === place || (place.team !== '' && each.team === place.team)) each.hasApp = hasApp
    }
  }
}
