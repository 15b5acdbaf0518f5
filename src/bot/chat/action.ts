import { z } from 'zod'

/**
 * What the buttons and menus of our messages carry: which turn, and which of several. Never the question or any other
 * text: that is looked up in the stored reply, so that a forged or old value can name nothing but a turn of its thread.
 */

/** What a menu beside a slide can do. */
export const slideCommands = ['edit', 'chart', 'drop', 'why'] as const
export type SlideCommand = (typeof slideCommands)[number]

const turnId = z.string().regex(/^[\w.-]{1,200}$/)
const index = z.number().int().min(0).max(999)

const Action = z.discriminatedUnion('name', [
  z.object({ name: z.enum(['stop', 'retry', 'sql', 'publish']), turnId }),
  z.object({ name: z.literal('ask'), turnId, index }),
  z.object({ name: z.literal('slide'), turnId, index, command: z.enum(slideCommands) }),
  z.object({ name: z.literal('feedback'), turnId, rating: z.enum(['good', 'bad']) }),
])

/**
 * Something a person pressed or picked. `turnId` is the turn whose reply shows it.
 * - `stop` ends the running turn, `retry` asks the same question again, `sql` shows the queries, `publish` repeats a
 *   private answer where others see it
 * - `ask`: the suggestion with this place, from zero, in the reply's `result.suggestions`
 * - `slide`: `index` is the slide's place, from zero, in the reply's `slides`
 */
export type Action = z.infer<typeof Action>

/** Other data may stand beside it. */
const Carrier = z.object({ deckhand: Action })

/** What was pressed, of unknown data from the platform; undefined when it is none of ours, or altered. */
export function parseAction(data: unknown): Action | undefined {
  return Carrier.safeParse(data).data?.deckhand
}

/** An action as data of a button: JSON of a few dozen bytes. */
export function encodeAction(action: Action): z.infer<typeof Carrier> {
  return { deckhand: action }
}
