import { z } from 'zod'
import { formats } from '../render/renderer.ts'
import type { ThreadId } from './thread.ts'

/** What a person wrote, wherever they wrote it: the mention removed, the platform's markup turned into plain text. */
export const IncomingMessage = z.object({
  /**
   * The turn's id. It derives from the delivery (Slack: team, channel, ts; Teams: conversation and activity), so that a
   * repeated delivery is the same turn. Letters, digits, `-`, `_` and `.`.
   */
  id: z.string().regex(/^[\w.-]{1,200}$/),
  thread: z.string().transform((value) => value as ThreadId),
  text: z.string(),
  user: z.object({ id: z.string(), name: z.string().optional() }),
  /** Milliseconds since the epoch. */
  sentAt: z.number(),
  spaceId: z.string().optional(),
  maxSlides: z.number().int().positive().optional(),
  formats: z.array(z.enum(formats)).optional(),
  /** Only the person sees the reply, until they publish it. */
  isPrivate: z.boolean().optional(),
  /** What the platform's port needs to answer, in its own words; opaque to everyone else. */
  origin: z.record(z.string(), z.string()),
})
export type IncomingMessage = z.infer<typeof IncomingMessage>
