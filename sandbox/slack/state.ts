import type { AppManifest, Message, OpenView, SharedFile, TeamIds } from './contract.ts'
import type { Ids } from './ids.ts'
import type { SlackTime } from './time.ts'

/** A workspace of people, and whether the app is in it. */
export interface Team {
  readonly ids: TeamIds
  readonly name: string
  readonly domain: string
  readonly scopes: Set<string>
  isInstalled: boolean
}

export interface Person {
  readonly id: string
  readonly team: string
  /** As in a mention. */
  readonly name: string
  readonly realName: string
  readonly isBot: boolean
}

export interface Channel {
  readonly id: string
  readonly team: string
  /** '' for direct messages. */
  readonly name: string
  readonly kind: 'channel' | 'group' | 'im' | 'mpim'
  readonly topic: string
  readonly members: Set<string>
}

export interface StoredFile {
  readonly id: string
  readonly team: string
  readonly user: string
  readonly name: string
  readonly title: string
  readonly altText: string
  readonly size: number
  /** Of the bytes, whatever the app said. */
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly createdAt: number
  isReady: boolean
  /** Where it hangs. */
  readonly shares: { readonly channel: string; readonly ts: string; readonly threadTs?: string }[]
}

export type Change =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'views' }
  | { readonly kind: 'channels' }
  | { readonly kind: 'status'; readonly channel: string; readonly threadTs: string }

/** Everything the stand-in knows. Whoever changes it through these functions is heard by all listeners. */
export interface State {
  readonly time: SlackTime
  readonly ids: Ids
  readonly appId: string
  readonly manifest: AppManifest
  /** The stand-in's own address. */
  readonly url: () => string
  readonly teams: Map<string, Team>
  readonly people: Map<string, Person>
  readonly channels: Map<string, Channel>
  readonly files: Map<string, StoredFile>
  readonly views: Map<string, OpenView>
  readonly statuses: Map<string, { readonly text: string; readonly until: number }>
  /** Prompts offered in a direct message, by channel. */
  readonly prompts: Map<string, readonly { readonly title: string; readonly message: string }[]>
  /** Oldest first, deleted ones included. */
  messagesOf(channel: string): readonly Message[]
  find(channel: string, ts: string): Message | undefined
  post(message: NewMessage): Message
  change(message: Message, changes: Partial<Message>): Message
  notify(change: Change): void
  onChange(listener: (change: Change) => void): () => void
}

export type NewMessage = Pick<Message, 'channel' | 'user' | 'text'> &
  Partial<Pick<Message, 'botId' | 'threadTs' | 'blocks' | 'files' | 'metadata' | 'visibleTo' | 'isStreaming'>>

export function createState(options: {
  readonly time: SlackTime
  readonly ids: Ids
  readonly appId: string
  readonly manifest: AppManifest
  readonly url: () => string
}): State {
  const { time, ids } = options
  const messages = new Map<string, Message[]>()
  const listeners = new Set<(change: Change) => void>()
  const notify = (change: Change): void => {
    for (const listener of listeners) listener(change)
  }
  return {
    ...options,
    teams: new Map(),
    people: new Map(),
    channels: new Map(),
    files: new Map(),
    views: new Map(),
    statuses: new Map(),
    prompts: new Map(),
    messagesOf: (channel) => messages.get(channel) ?? [],
    find: (channel, ts) => messages.get(channel)?.find((message) => message.ts === ts && !message.isDeleted),
    post(message) {
      const now = time.now()
      const posted: Message = {
        blocks: [],
        files: [],
        isStreaming: false,
        ...message,
        ts: ids.ts(now),
        isEdited: false,
        isDeleted: false,
        earlier: [],
        postedAt: now,
        changedAt: now,
      }
      const list = messages.get(message.channel)
      if (list) list.push(posted)
      else messages.set(message.channel, [posted])
      notify({ kind: 'message', message: posted })
      return posted
    },
    change(message, changes) {
      const list = messages.get(message.channel) ?? []
      const index = list.findIndex((each) => each.ts === message.ts)
      const before = list[index] ?? message
      const changed: Message = {
        ...before,
        earlier: [...before.earlier, { at: before.changedAt, text: before.text, blocks: before.blocks }],
        ...changes,
        changedAt: time.now(),
      }
      list[index] = changed
      notify({ kind: 'message', message: changed })
      return changed
    },
    notify,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** What hangs on a message; the mimetype is empty until the file is processed. */
export const toSharedFile = (file: StoredFile): SharedFile => ({
  id: file.id,
  name: file.name,
  title: file.title,
  mimetype: file.isReady ? file.contentType : '',
  size: file.size,
  pageUrl: `/page/files/${file.id}/${encodeURIComponent(file.name)}`,
})

/** The status under a thread's composer, while it lasts. */
export function statusOf(state: State, channel: string, threadTs: string): string {
  const status = state.statuses.get(`${channel} ${threadTs}`)
  return status && status.until > state.time.now() ? status.text : ''
}
