import type { Place, Spot } from '../chat/place.ts'
import { channelOf } from './references.ts'
import type { Activity, ConversationRef, VerifiedActivity } from './wire.ts'

/** The first message of the reply chain that a conversation id of a channel names; undefined for chats, which have none. */
function chainOf(conversationId: string): string | undefined {
  return /;messageid=(.+)$/.exec(conversationId)?.[1]
}

/** The place with this id in a conversation: of a message, or of a thread's root. */
export function placeIn({ tenantId, conversationId, conversationType }: ConversationRef, id: string): Place {
  const channel = channelOf(conversationId)
  return { platform: 'teams', tenant: tenantId, channel, id, isDirect: conversationType === 'personal' }
}

/** In Entra's id where there is one: it is the same in every conversation, and what traces are searched by. */
export function userOf({ from }: Activity): string {
  return from.aadObjectId || from.id
}

/**
 * Whether somebody of another company wrote, in a conversation that companies share. Teams tells the tenant of a person
 * beside that of the conversation, not always in the same place.
 */
export function isStranger({ from, channelData }: Activity, { tenantId }: ConversationRef): boolean {
  const theirs = [from['tenantId'], channelData?.tenant?.id]
  return theirs.some((tenant) => typeof tenant === 'string' && tenant !== '' && tenant !== tenantId)
}

/** The first message of the reply chain of a channel that an activity is in; undefined in chats. */
export function rootInChannel({ activity, ref }: VerifiedActivity): string | undefined {
  if (ref.conversationType !== 'channel') return undefined
  return chainOf(activity.conversation.id) ?? activity.replyToId ?? activity.id ?? ''
}

/** Where a short answer to an activity goes: its reply chain, or the chat. */
export function spotOf(verified: VerifiedActivity): Spot {
  const { id: _, ...conversation } = placeIn(verified.ref, '')
  const chain = rootInChannel(verified)
  return chain === undefined ? conversation : { ...conversation, threadId: chain }
}
