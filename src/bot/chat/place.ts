import { createHash } from 'node:crypto'
import { z } from 'zod'
import { encodeThreadId, type ThreadId } from '../thread.ts'

/** Platforms on which people write in threads, among others. */
export type ChatPlatform = 'slack' | 'teams'

/** Where a message stands. */
export const Place = z.object({
  platform: z.enum(['slack', 'teams']),
  /** Slack's workspace, the Entra tenant. */
  tenant: z.string(),
  /** Slack's channel; Teams' conversation, without its reply chain. */
  channel: z.string(),
  /** Of the message. As the root of a thread: Slack's `ts`; Teams' reply chain, or the running topic of a chat. */
  id: z.string(),
  /** Nobody but one person and us reads there. */
  isDirect: z.boolean(),
})
export type Place = z.infer<typeof Place>

/** Somewhere to say something: a channel itself, or a thread in it. */
export interface Spot extends Omit<Place, 'id'> {
  /** `id` of the thread's root. */
  readonly threadId?: string
}

/**
 * The thread whose first message is at `root`. Replies go into exactly that channel and thread, also where the question
 * was asked elsewhere: an answer that is private has a thread in the person's direct message.
 */
export function threadAt({ platform, tenant, channel, id }: Omit<Place, 'isDirect'>): ThreadId {
  return encodeThreadId({ platform, tenant, channel, root: id })
}

/** The thread under a first message. */
export function spotIn({ platform, tenant, channel, id, isDirect }: Place): Spot {
  return { platform, tenant, channel, threadId: id, isDirect }
}

/**
 * A turn's id, the same for every copy and repetition of a delivery about the message at `place`. Slack's can be read;
 * those of Teams have characters and lengths that a turn's id may not have, and become a hash.
 */
export function turnIdAt({ platform, tenant, channel, id }: Omit<Place, 'isDirect'>): string {
  if (platform === 'slack') return `slack-${tenant}-${channel}-${id}`
  const hash = createHash('sha256').update(JSON.stringify([tenant, channel, id]))
  return `${platform}-${hash.digest('base64url').slice(0, 32)}`
}
