import type { AppManifest, Message, OpenView } from './contract.ts'

/** What the page for people is told, as JSON: everything one person may see, and nothing else. */
export interface Shown {
  readonly me: string
  /** Name of the workspace. */
  readonly team: string
  readonly people: readonly ShownPerson[]
  readonly channels: readonly ShownChannel[]
  readonly messages: readonly ShownMessage[]
  readonly views: readonly OpenView[]
  readonly statuses: readonly ShownStatus[]
  readonly commands: AppManifest['commands']
  /** Those that are offered on messages. */
  readonly shortcuts: AppManifest['shortcuts']
  readonly app: { readonly user: string }
}

/** A message without its past. */
export type ShownMessage = Omit<Message, 'earlier'>

export interface ShownPerson {
  readonly id: string
  /** As in a mention. */
  readonly name: string
  readonly realName: string
}

export interface ShownChannel {
  readonly id: string
  /** '' for direct messages. */
  readonly name: string
  readonly kind: 'channel' | 'group' | 'im' | 'mpim'
  readonly topic: string
  readonly members: readonly string[]
  readonly prompts: AppManifest['prompts']
}

/** What stands under a composer; `text` is '' when there is nothing. */
export interface ShownStatus {
  readonly channel: string
  readonly threadTs: string
  readonly text: string
}
