import type { ThreadId } from '../../src/bot/thread.ts'

/** A question that has to be in the mailbox when all is over. */
export interface Asked {
  readonly turnId: string
  readonly thread: ThreadId
}

/** People of a platform who write to the bot. */
export interface Crowd {
  /** What they do, again and again, each with the number of deliveries that come of it. */
  readonly round: readonly (readonly [deliveries: number, act: () => Promise<unknown>])[]
  /** Waits until all is answered, and tells what has happened since it was asked last. */
  take(): Promise<{
    /** Until each delivery was acknowledged; Infinity where it was not. */
    readonly latenciesMs: readonly number[]
    readonly asked: readonly Asked[]
  }>
  /** How it was for all deliveries together, in words. */
  summary(): string
}

export const question = '@Deckhand What were Q4 2023 sales by region?'
/** A thread is followed up when this many others have begun after it: by then the bot has joined it, slow as it may be. */
export const followUpAfter = 40
