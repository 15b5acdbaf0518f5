import { z } from 'zod'
import type { ThreadId } from '../thread.ts'

/** Sorted set: answers with opinions that others have to be told of, by the time (ms) of the next try. */
export const opinionsDue = 'deckhand:feedback-due'

/** An answer that people have opinions of. */
export interface Rated {
  readonly thread: ThreadId
  readonly turnId: string
}

const Due = z.tuple([z.string().transform((value) => value as ThreadId), z.string()])

/** As a member of the set. */
export function toDue({ thread, turnId }: Rated): string {
  return JSON.stringify([thread, turnId])
}

/** @throws ZodError or SyntaxError for what {@link toDue} has not made */
export function fromDue(member: string): Rated {
  const [thread, turnId] = Due.parse(JSON.parse(member))
  return { thread, turnId }
}
