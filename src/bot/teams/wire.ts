import { z } from 'zod'

/** A conversation in Teams, with all that it takes to write there. Kept in Redis; nothing in it is secret. */
export const ConversationRef = z.object({
  /** Where its Bot Connector service is. Only ever taken from a verified activity. */
  serviceUrl: z.url(),
  /** Entra tenant of the customer. */
  tenantId: z.string(),
  /** As Teams says it: in a channel with the reply chain, `19:…@thread.tacv2;messageid=1700000000000`. */
  conversationId: z.string().min(1),
  conversationType: z.enum(['personal', 'groupChat', 'channel']),
  /** Our own account there, such as `28:app-id`. */
  botId: z.string(),
  botName: z.string(),
  /** Who wrote last, in Teams' own ids (`29:…`); '' when nobody did. */
  userId: z.string(),
  /** The same person's Entra object id; '' when unknown. */
  userAadId: z.string(),
})
export type ConversationRef = z.infer<typeof ConversationRef>

const Account = z.looseObject({
  id: z.string().default(''),
  name: z.string().nullish(),
  aadObjectId: z.string().nullish(),
  role: z.string().nullish(),
})

/** What Teams delivers, as far as any part of ours looks at it; the rest is kept as it came. */
export const Activity = z.looseObject({
  type: z.string(),
  id: z.string().nullish(),
  name: z.string().nullish(),
  /** ISO 8601. */
  timestamp: z.string().nullish(),
  channelId: z.string(),
  serviceUrl: z.url(),
  from: Account,
  recipient: Account,
  conversation: z.looseObject({
    id: z.string().min(1),
    conversationType: z.string().nullish(),
    tenantId: z.string().nullish(),
    isGroup: z.boolean().nullish(),
    name: z.string().nullish(),
  }),
  text: z.string().nullish(),
  textFormat: z.string().nullish(),
  locale: z.string().nullish(),
  replyToId: z.string().nullish(),
  entities: z.array(z.looseObject({ type: z.string().nullish() })).nullish(),
  attachments: z.array(z.looseObject({ contentType: z.string().nullish() })).nullish(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: z.string().nullish() }).nullish() }).nullish(),
  value: z.unknown().optional(),
  /** Of `installationUpdate`: `add`, `remove` …. */
  action: z.string().nullish(),
  membersAdded: z.array(Account).nullish(),
  membersRemoved: z.array(Account).nullish(),
})
export type Activity = z.infer<typeof Activity>

/** An activity whose sender is proven, from a tenant that may use the bot. */
export interface VerifiedActivity {
  readonly activity: Activity
  /** Where an answer goes. It is stored already. */
  readonly ref: ConversationRef
}

/** What an invoke is answered with; the shape of `body` is up to the invoke's name. */
export interface InvokeAnswer {
  readonly status: number
  readonly body?: unknown
}

/**
 * Handles a delivery. Teams gets its answer as soon as this resolves: once a message is safe, long before its turn ends.
 * Undefined for what is no invoke. What it throws makes Teams deliver again.
 */
export type OnActivity = (verified: VerifiedActivity) => Promise<InvokeAnswer | undefined>

/** A card, a picture or a file of a message. */
export interface Attachment {
  readonly contentType: string
  readonly content?: unknown
  readonly contentUrl?: string
  readonly name?: string
}

/** A message as Teams takes it. Who sends it, and where, is added by the wire. */
export interface OutgoingActivity {
  readonly type: 'message' | 'typing'
  readonly text?: string
  readonly textFormat?: 'plain' | 'markdown' | 'xml'
  readonly attachments?: readonly Attachment[]
  readonly attachmentLayout?: 'list' | 'carousel'
  readonly entities?: readonly Readonly<Record<string, unknown>>[]
  readonly channelData?: Readonly<Record<string, unknown>>
  /** What notifications show of a card. */
  readonly summary?: string
}

/** Sending to Teams. One call is one message; tries and pace are the wire's business. */
export interface TeamsWire {
  /** → id of the message. @throws PortError, or the signal's reason */
  send(ref: ConversationRef, activity: OutgoingActivity, signal: AbortSignal): Promise<{ readonly id: string }>
  /** @throws PortError (`gone` when it was deleted), or the signal's reason */
  update(ref: ConversationRef, id: string, activity: OutgoingActivity, signal: AbortSignal): Promise<void>
  /** @throws PortError, or the signal's reason */
  remove(ref: ConversationRef, id: string, signal: AbortSignal): Promise<void>
  /**
   * The personal chat of the bot with a person (Teams' or Entra's id), who need not have written before; the app has to
   * be installed for them. `near` is any conversation of the same tenant.
   * @throws PortError, or the signal's reason
   */
  openPersonal(near: ConversationRef, userId: string, signal: AbortSignal): Promise<ConversationRef>
}
