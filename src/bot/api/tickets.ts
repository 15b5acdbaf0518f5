import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import type { ThreadId } from '../thread.ts'

/** Whose a turn is, and of which thread. */
export const Ticket = z.object({
  caller: z.string(),
  thread: z.string().transform((value) => value as ThreadId),
  /** The thread as the caller calls it. */
  threadName: z.string(),
  /** Tells whether a repeated request is the same one. */
  fingerprint: z.string(),
})
export type Ticket = z.infer<typeof Ticket>

/** Turns that were asked for over HTTP, for as long as their thread is remembered. */
export interface Tickets {
  /** Writes the ticket, unless there is one of that id: then that one stays, and is given back. */
  claim(turnId: string, ticket: Ticket): Promise<Ticket>
  find(turnId: string): Promise<Ticket | undefined>
  drop(turnId: string): Promise<void>
}

export function createTickets(deps: { readonly redis: Redis; readonly ttlMs: number }): Tickets {
  const { redis } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (turnId: string): string => `deckhand:api:ticket:${turnId}`

  async function find(turnId: string): Promise<Ticket | undefined> {
    const text = await redis.get(keyOf(turnId))
    return text === null ? undefined : Ticket.safeParse(parseJson(text)).data
  }

  return {
    find,
    async claim(turnId, ticket) {
      const written = await redis.set(keyOf(turnId), JSON.stringify(ticket), 'PX', ttlMs, 'NX')
      return written === null ? ((await find(turnId)) ?? ticket) : ticket
    },
    async drop(turnId) {
      await redis.unlink(keyOf(turnId))
    },
  }
}

/** The same for the same content, whatever the order it came in; tells nothing about it. */
export function fingerprintOf(secret: string, values: readonly (string | number | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([secret, ...values]))
    .digest('base64url')
}
