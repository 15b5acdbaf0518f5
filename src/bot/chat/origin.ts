import { z } from 'zod'
import type { IncomingMessage } from '../message.ts'
import { decodeThreadId } from '../thread.ts'
import { type Place, turnIdAt } from './place.ts'

/** `IncomingMessage.origin` of what comes from chat. The place of the reply is not here but in the thread's id. */
const Origin = z.object({
  /** Of the message the person wrote, or whose button they pressed. */
  channel: z.string(),
  id: z.string(),
})

/** As the text fields that a message carries. */
export function toOrigin({ channel, id }: Place): Record<string, string> {
  return { channel, id }
}

/** False when the question came from a button or a menu, and nobody wrote it. */
export function isWritten({ id, thread, origin }: IncomingMessage): boolean {
  const asked = Origin.safeParse(origin).data
  const { platform, tenant } = decodeThreadId(thread)
  if (!asked || (platform !== 'slack' && platform !== 'teams')) return true
  return id === turnIdAt({ platform, tenant, ...asked })
}
