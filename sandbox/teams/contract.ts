import type { Clock } from '../../src/lib/clock.ts'

/** Settings of `createTeamsService` in `service.ts`; all have a default. */
export interface TeamsServiceOptions {
  /** Rules message ids, stream lifetimes and rate limits (default: the system's). */
  readonly clock?: Clock
  /** Port on 127.0.0.1 (default 0: any free one). */
  readonly port?: number
  /** Refuse what is beyond the documented rates of a conversation with 429 (default false; faults refuse single calls). */
  readonly enforceRates?: boolean
  /** Deliver what nobody mentioned the bot in, in groups and channels: the app has that consent (default false). */
  readonly hearsAll?: boolean
  /** Group chats beside the one there always is, each with Ada and Grace (default 0). */
  readonly moreGroups?: number
}

/** Made up for the sandbox; none of it is secret. */
export const sandboxTeamsApp = {
  appId: '00000000-0000-0000-0000-0000000000aa',
  appPassword: 'sandbox-app-password',
  botName: 'Deckhand',
} as const

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/** A person, in Teams' own id and in Entra's. */
export interface Person {
  /** `29:…` */
  readonly id: string
  readonly aadObjectId: string
  readonly name: string
}

/** Where people write, in the customer's tenant that has the app. */
export interface TeamsIds {
  readonly tenant: string
  /** Ends with a slash; the tenant is part of it. */
  readonly serviceUrl: string
  /** `28:APP-ID` */
  readonly bot: string
  readonly people: { readonly ada: Person; readonly grace: Person }
  readonly team: string
  /** Conversation ids; a channel's without `;messageid=…`. */
  readonly conversations: {
    /** Ada with the bot, and Grace with the bot. */
    readonly ada: string
    readonly grace: string
    readonly group: string
    /** Two channels of one team. */
    readonly sales: string
    readonly general: string
    readonly moreGroups: readonly string[]
  }
}

/** A card, picture or file of a message as the app sent it. */
export interface Attachment {
  readonly contentType: string
  readonly content?: Readonly<Record<string, unknown>>
  readonly contentUrl?: string
  readonly name?: string
}

/** What a message shows. */
export interface Content {
  readonly text: string
  readonly summary: string
  readonly attachments: readonly Attachment[]
  readonly entities: readonly Readonly<Record<string, unknown>>[]
  readonly channelData: Readonly<Record<string, unknown>>
}

/** A message as people see it now. */
export interface Message extends Content {
  readonly id: string
  /** Full: in channels with `;messageid=…`. */
  readonly conversation: string
  /** Id of the author; the bot's for the app's own. */
  readonly from: string
  readonly isEdited: boolean
  readonly isDeleted: boolean
  /** While it is being streamed `informative` or `streaming`; '' otherwise. */
  readonly streamType: string
  /** What it showed before each edit or stream update, oldest first. */
  readonly earlier: readonly Content[]
  /** Milliseconds since the epoch: posted, and last changed. */
  readonly postedAt: number
  readonly changedAt: number
  /** The body of the last call that made it what it is, byte for byte; '' for people's messages. */
  readonly sent: string
}

/** Something the app was told, and what it said. */
export interface Delivery {
  /** `message`, `invoke`, `installationUpdate` … */
  readonly type: string
  /** Of invokes, such as `adaptiveCard/action`. */
  readonly name: string
  readonly activity: Readonly<Record<string, unknown>>
  readonly at: number
  /** 0 when there was no answer in time. */
  readonly status: number
  /** Wall-clock time until the answer, in milliseconds. */
  readonly latencyMs: number
  /** The answer's body: JSON where it is any, else text. */
  readonly answer: unknown
}

export type Method = 'create' | 'send' | 'update' | 'delete' | 'members' | 'upload' | 'token' | 'keys'

/** A call of the app to the Bot Connector service, to Entra, or to the place where files are uploaded. */
export interface ApiCall {
  readonly method: Method
  readonly path: string
  /** The body as JSON, without secrets. */
  readonly body: unknown
  /** '' where none is meant. */
  readonly conversation: string
  readonly at: number
  /** HTTP status; 0 when the connection was broken on purpose. */
  readonly status: number
}

/** What goes wrong on purpose. Each entry counts calls of its method and is then used up. */
export interface TeamsFaults {
  /** 429, with Retry-After in seconds unless undefined. */
  rateLimit(method: Method, retryAfterSeconds: number | undefined, times?: number): void
  /** An error as Teams words it, `{error: {code, message}}`, without doing anything. */
  fail(method: Method, status: number, code: string, message: string, times?: number): void
  /** A bare HTTP status with an HTML body, as a proxy or an outage gives. */
  failHttp(method: Method, status: number, times?: number): void
  /** Does the work, then breaks the connection instead of answering. */
  loseReply(method: Method, times?: number): void
  /** Answers this much later, on the wall clock, after doing the work. */
  slow(method: Method, delayMs: number, times?: number): void
  clear(): void
}

/** How a raw delivery is signed. What is left out is right. */
export interface Signing {
  readonly audience?: string
  readonly issuer?: string
  /** Claim `serviceurl`; the body's own unless given. */
  readonly serviceUrl?: string
  /** Seconds from now until it ends; negative: it has ended. */
  readonly expiresInSeconds?: number
  /** `other-key`: signed by a key that nobody published. `none`: no signature. `HS256`: the public key as the secret. */
  readonly algorithm?: 'RS256' | 'none' | 'HS256' | 'other-key'
  /** The whole header instead, null for none. */
  readonly authorization?: string | null
}

export interface Said {
  /** Of the message. */
  readonly id: string
  /** Full: in channels with `;messageid=…`. */
  readonly conversation: string
  readonly delivery: Delivery | undefined
}

/** A message that something is done to. */
export interface At {
  readonly user: Person
  /** Full: as in {@link Message}. */
  readonly conversation: string
  readonly id: string
}

/** What people do; all of it reaches the app as Teams would send it. */
export interface TeamsPeople {
  /**
   * Writes a message; `@Deckhand` in the text becomes a mention. In groups and channels only mentions are delivered,
   * unless the app hears all. In a channel it begins a reply chain, or goes into that of `root`.
   */
  say(message: {
    readonly user: Person
    readonly conversation: string
    readonly text: string
    /** Id of a chain's first message. */
    readonly root?: string
    readonly attachments?: readonly Attachment[]
    /** Others it names, beside the bot. */
    readonly names?: readonly Person[]
  }): Promise<Said>
  /** Changes, or takes back, what a person wrote. */
  edit(message: At & { readonly text: string }): Promise<Delivery | undefined>
  unsend(message: At): Promise<Delivery | undefined>
  /**
   * Presses a button of a card (`Action.Execute`): by its data, as the card has it, and what inputs hold. The card that
   * comes back takes the place of the message's own.
   */
  press(target: At & { readonly verb?: string; readonly data?: unknown }): Promise<Delivery>
  /** `Action.Submit`: arrives as a message; with `msteams.type` `task/fetch` in the data it opens a dialog. */
  submit(target: At & { readonly data: Readonly<Record<string, unknown>> }): Promise<Delivery>
  /** Sends an open dialog. */
  submitDialog(target: {
    readonly user: Person
    readonly conversation: string
    readonly data: unknown
  }): Promise<Delivery>
  feedback(target: At & { readonly reaction: 'like' | 'dislike'; readonly text?: string }): Promise<Delivery>
  /** Answers the consent card of a message. Accepting gives the app an address to send the bytes to. */
  consent(target: At & { readonly isAccepted: boolean }): Promise<Delivery>
  /** Presses Stop while the bot streams: its next update gets 403. */
  stopStream(conversation: string): void
  /** Brings the app into a conversation, or a person's own chat. */
  install(target: { readonly user: Person; readonly conversation: string }): Promise<Delivery>
  /** Takes it out: from then on calls there get 403. */
  uninstall(target: { readonly user: Person; readonly conversation: string }): Promise<Delivery>
}

/** A running stand-in. Disposing it closes every connection and frees the port. */
export interface TeamsService extends AsyncDisposable, TeamsPeople {
  /** No slash at the end. */
  readonly url: string
  readonly ids: TeamsIds
  /** What points the app's settings here, beside its own credentials. */
  readonly openIdMetadataUrl: string
  readonly tokenIssuer: string
  /** Answers client-credentials requests, as Entra does. */
  readonly tokenUrl: string
  /** Where deliveries go, such as `http://127.0.0.1:3000/api/messages`. Nothing is sent before. */
  connect(messagesUrl: string): void
  /** A request with any body; `how` makes it forged, old or unsigned. Strings go out as they are. */
  deliver(body: unknown, how?: Signing): Promise<Response>
  /** The activity of a message, to be sent (again) with {@link TeamsService.deliver}. */
  activityOf(message: {
    readonly user: Person
    readonly conversation: string
    readonly text: string
  }): Record<string, unknown>
  /** What a conversation shows, oldest first; of a channel with `;messageid=…` that chain. Deleted ones are left out. */
  messages(conversation: string): readonly Message[]
  /** Oldest first. */
  readonly calls: readonly ApiCall[]
  readonly deliveries: readonly Delivery[]
  /** Files that were uploaded with consent, by name. */
  readonly uploads: ReadonlyMap<string, Uint8Array>
  readonly faults: TeamsFaults
  /** The first message that fits, now or as soon as there is one. @throws Error after `timeoutMs`, 10 s by default */
  waitFor(fits: (message: Message) => boolean, timeoutMs?: number): Promise<Message>
}
