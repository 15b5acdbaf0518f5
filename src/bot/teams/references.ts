import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { ConversationRef, type Activity } from './wire.ts'

/**
 * Where conversations are, so that turns can go on there long after a delivery was answered. Only verified deliveries fill
 * it, and each refreshes its own conversation.
 */
export interface References {
  /** Of a conversation without its reply chain; undefined when the app was taken out, or nobody has written for long. */
  find(tenantId: string, channel: string): Promise<ConversationRef | undefined>
  put(ref: ConversationRef): Promise<void>
  drop(ref: ConversationRef): Promise<void>
  /**
   * Teams has refused us there without telling why. A refusal that lasts ends the reference.
   */
  noteRefusal(ref: ConversationRef): Promise<void>
}

/** Refused once and again this much later, with nothing heard from there in between, is refused for good. */
const lastingMs = 600_000

export function createReferences(deps: {
  readonly redis: Redis
  readonly ttlMs: number
  readonly clock: Clock
}): References {
  const { redis, clock } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const idOf = (tenantId: string, channel: string): string =>
    `${encodeURIComponent(tenantId)}:${encodeURIComponent(channel)}`
  const placeOf = ({ tenantId, conversationId }: ConversationRef): string => idOf(tenantId, channelOf(conversationId))
  const keyOf = (id: string): string => `deckhand:teams:ref:${id}`
  const refusalOf = (id: string): string => `deckhand:teams:refused:${id}`

  async function drop(ref: ConversationRef): Promise<void> {
    await redis.unlink(keyOf(placeOf(ref)), refusalOf(placeOf(ref)))
  }

  return {
    async find(tenantId, channel) {
      const stored = await redis.getex(keyOf(idOf(tenantId, channel)), 'PX', ttlMs)
      return stored === null ? undefined : ConversationRef.parse(JSON.parse(stored))
    },
    async put(ref) {
      const stored: ConversationRef = { ...ref, conversationId: channelOf(ref.conversationId) }
      await redis
        .multi()
        .set(keyOf(placeOf(ref)), JSON.stringify(stored), 'PX', ttlMs)
        .unlink(refusalOf(placeOf(ref)))
        .exec()
    },
    drop,
    async noteRefusal(ref) {
      const key = refusalOf(placeOf(ref))
      const since = await redis.set(key, Math.round(clock.now()), 'PX', 10 * lastingMs, 'NX', 'GET')
      if (since !== null && clock.now() - Number(since) >= lastingMs) await drop(ref)
    },
  }
}

/** A conversation's id without its reply chain. */
export function channelOf(conversationId: string): string {
  return conversationId.split(';')[0] ?? conversationId
}

/** The reply chain that `root` begins; only channels have such. */
export function inChain(ref: ConversationRef, root: string): ConversationRef {
  const channel = channelOf(ref.conversationId)
  return { ...ref, conversationId: ref.conversationType === 'channel' ? `${channel};messageid=${root}` : channel }
}

/** What an activity says about where it is from; `tenantId` where it names none itself. */
export function refOf(activity: Activity, tenantId: string): ConversationRef {
  const { conversation, recipient, from, serviceUrl } = activity
  return {
    serviceUrl,
    tenantId,
    conversationId: conversation.id,
    conversationType: typeOf(conversation),
    botId: recipient.id,
    botName: recipient.name ?? '',
    userId: from.id,
    userAadId: from.aadObjectId ?? '',
  }
}

export function tenantOf({ conversation, channelData }: Activity): string | undefined {
  return conversation.tenantId ?? channelData?.tenant?.id ?? undefined
}

function typeOf({ conversationType, id, isGroup }: Activity['conversation']): ConversationRef['conversationType'] {
  if (conversationType === 'personal' || conversationType === 'groupChat' || conversationType === 'channel') {
    return conversationType
  }
  return id.includes('@thread.tacv2') || id.includes('@thread.skype') ? 'channel' : isGroup ? 'groupChat' : 'personal'
}
