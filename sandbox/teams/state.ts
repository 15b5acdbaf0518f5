import { sandboxTeamsApp, type Content, type Message, type Person, type TeamsIds } from './contract.ts'

/** A conversation in the tenant, and who is in it. */
export interface Conversation {
  readonly id: string
  readonly type: 'personal' | 'groupChat' | 'channel'
  readonly people: readonly Person[]
  readonly team: string
  /** The app may write there. */
  hasApp: boolean
}

/** A message with what only the service knows. */
export interface StoredMessage extends Message {
  /** Without `;messageid=…`. */
  readonly place: string
}

/** Everything that is known. Changes go through it, so that whoever waits is told. */
export interface State {
  readonly ids: TeamsIds
  readonly conversations: ReadonlyMap<string, Conversation>
  readonly messages: readonly StoredMessage[]
  readonly now: () => number
  /** Milliseconds since the epoch as text, later and different each time, as Teams' own ids are. */
  nextId(): string
  find(place: string, id: string): StoredMessage | undefined
  add(message: Omit<StoredMessage, 'earlier' | 'isDeleted' | 'isEdited' | 'postedAt' | 'changedAt'>): StoredMessage
  change(message: StoredMessage, to: Partial<StoredMessage>): void
  onChange(listener: (message: StoredMessage) => void): () => void
}

const tenant = '72f988bf-0000-4000-8000-00000000d0ca'

export function createState(options: {
  readonly now: () => number
  readonly url: () => string
  readonly moreGroups: number
}): State {
  const { now, url } = options
  const moreGroups = Array.from({ length: options.moreGroups }, (_, index) => `19:sandboxgroup${index + 2}@thread.v2`)
  const ada = person('ada', 'Ada Lovelace')
  const grace = person('grace', 'Grace Hopper')
  const team = '19:sandboxteam@thread.tacv2'
  const ids: TeamsIds = {
    tenant,
    get serviceUrl() {
      return `${url()}/amer/${tenant}/`
    },
    bot: `28:${sandboxTeamsApp.appId}`,
    people: { ada, grace },
    team,
    conversations: {
      ada: 'a:1ada-with-the-bot',
      grace: 'a:1grace-with-the-bot',
      group: '19:sandboxgroup@thread.v2',
      sales: '19:sandboxsales@thread.tacv2',
      general: '19:sandboxgeneral@thread.tacv2',
      moreGroups,
    },
  }
  const places: readonly Conversation[] = [
    { id: ids.conversations.ada, type: 'personal', people: [ada], team: '', hasApp: true },
    { id: ids.conversations.grace, type: 'personal', people: [grace], team: '', hasApp: true },
    ...[ids.conversations.group, ...moreGroups].map((id): Conversation => ({
      id,
      type: 'groupChat',
      people: [ada, grace],
      team: '',
      hasApp: true,
    })),
    { id: ids.conversations.sales, type: 'channel', people: [ada, grace], team, hasApp: true },
    { id: ids.conversations.general, type: 'channel', people: [ada, grace], team, hasApp: true },
  ]
  const messages: StoredMessage[] = []
  const listeners = new Set<(message: StoredMessage) => void>()
  let lastId = 0
  const tell = (message: StoredMessage): void => {
    for (const listener of listeners) listener(message)
  }
  return {
    ids,
    conversations: new Map(places.map((place) => [place.id, place])),
    messages,
    now,
    nextId() {
      lastId = Math.max(lastId + 1, Math.round(now()))
      return String(lastId)
    },
    find: (place, id) => messages.find((message) => message.place === place && message.id === id),
    add(message) {
      const at = now()
      const added = { ...message, earlier: [], isDeleted: false, isEdited: false, postedAt: at, changedAt: at }
      messages.push(added)
      tell(added)
      return added
    },
    change(message, to) {
      const { text, summary, attachments, entities, channelData } = message
      const before: Content = { text, summary, attachments, entities, channelData }
      const isNews = to.text !== undefined || to.attachments !== undefined
      // What was handed out changes, too, as a message on a screen does.
      Object.assign(message, {
        ...to,
        changedAt: now(),
        ...(isNews ? { earlier: [...message.earlier, before] } : {}),
      })
      tell(message)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function person(id: string, name: string): Person {
  return { id: `29:1-${id}-sandbox`, aadObjectId: `00000000-0000-4000-8000-0000000${id.length}${id.length}adb`, name }
}

/** A full conversation id in its parts; `root` is '' outside reply chains. */
export function splitConversation(full: string): { readonly place: string; readonly root: string } {
  const [place = '', root = ''] = full.split(';messageid=')
  return { place, root }
}

export function joinConversation(place: string, root: string): string {
  return root === '' ? place : `${place};messageid=${root}`
}
