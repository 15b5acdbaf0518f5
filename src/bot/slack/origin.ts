import { z } from 'zod'
import type { IncomingMessage } from '../message.ts'
import { decodeThreadId, encodeThreadId, type ThreadId } from '../thread.ts'

/** Where something stands in Slack: its team (workspace), its channel, and the `ts` of a message there. */
export interface Place {
  readonly team: string
  readonly channel: string
  readonly ts: string
}

/**
 * The thread whose first message is at `root`. Replies go into exactly that channel and thread, also where the question
 * was asked elsewhere: an answer that is private has a thread in the person's direct message.
 */
export function threadAt(root: Place): ThreadId {
  return encodeThreadId({ platform: 'slack', tenant: root.team, channel: root.channel, root: root.ts })
}

/** A turn's id, the same for every copy and repetition of a delivery about the message at `place`. */
export function turnIdAt({ team, channel, ts }: Place): string {
  return `slack-${team}-${channel}-${ts}`
}

/** `IncomingMessage.origin` of messages from Slack. The place of the reply is not here but in the thread's id. */
const SlackOrigin = z.object({
  /** Of the message the person wrote, or whose button they pressed. */
  channel: z.string(),
  ts: z.string(),
})
export type SlackOrigin = z.infer<typeof SlackOrigin>

/** As the text fields that a message carries. */
export function toOrigin(origin: SlackOrigin): Record<string, string> {
  return { ...origin }
}

/** False when the question came from a button or a menu, and nobody wrote it. */
export function isWritten({ id, thread, origin }: IncomingMessage): boolean {
  const place = SlackOrigin.safeParse(origin).data
  return !place || id === turnIdAt({ team: decodeThreadId(thread).tenant, ...place })
}
