import type { Journal } from '../agent/journal.ts'
import { DeckhandError, type ErrorDetails } from '../lib/errors.ts'
import type { IncomingMessage } from './message.ts'
import type { ThreadId } from './thread.ts'

/**
 * Durable turns: messages wait per thread, in order, in Redis; any worker process takes up any thread, one turn of it at a
 * time; a message leaves only together with its outcome. The engine behind it can be replaced.
 */
export interface Mailbox extends AsyncDisposable {
  /**
   * Resolves once the message is safe. The same id again changes nothing.
   * @throws MailboxError `full` when too many wait in the thread, `unavailable` when Redis does not take it in time
   */
  accept(message: IncomingMessage): Promise<Accepted>
  /**
   * Cancels a turn, or the one that runs in the thread. A turn that has not begun ends as stopped when it comes up.
   * @throws MailboxError
   */
  stop(thread: ThreadId, turnId?: string): Promise<'stopping' | 'nothing-to-stop'>
  /** Takes up turns until disposed, `turnsPerWorker` of them side by side. Call it once a process. */
  work(handler: TurnHandler): void
}

export interface Accepted {
  /** False when this delivery was seen before. */
  readonly isNew: boolean
  /** Messages of the thread that are answered before this one, the running one included. */
  readonly ahead: number
}

/** A worker's hold on one turn. All writes are refused once another worker has taken it over. */
export interface Lease {
  /** Counts from 1; more after a worker died over this turn, or gave it back. */
  readonly attempt: number
  readonly journal: Journal
  /**
   * Aborts when the turn is to stop. The reason tells why: `StoppedByPerson`, or `LeaseLost` when it is no longer ours
   * or the process is shutting down: then nothing is to be said to the person, another worker does.
   */
  readonly signal: AbortSignal
  /** Writes right now, if the turn is still ours and has not ended; else nothing is written. Rejects when Redis is away. */
  write(writes: readonly Write[]): Promise<void>
}

/** A key of Redis that changes under the lease of a turn, mostly together with its end. */
export interface Write {
  readonly key: string
  /** A field of the hash at `key`; left out: the whole key. */
  readonly field?: string
  /** Null removes it. */
  readonly value: string | Buffer | null
  /** The key's life from then on; a removal leaves it as it is. */
  readonly ttlMs: number
}

/** A counter that grows together with the end of a turn, once for each turn whoever runs it. */
export interface Addition {
  /** A hash. */
  readonly key: string
  readonly field: string
  /** A whole number. */
  readonly add: number
  /** The key's life from then on. */
  readonly ttlMs: number
}

export interface TurnHandler {
  /** Runs the turn. What it gives back is stored with the removal of the message, in one step. */
  run(message: IncomingMessage, lease: Lease): Promise<TurnEnd>
  /**
   * The turn took down so many processes that it is given up after `attempts` of them: what the person is to be told.
   */
  giveUp(message: IncomingMessage, attempts: number): Promise<TurnEnd>
  /** Delivers the end to the person. Called until it succeeds, perhaps by another process; must bear repetition. */
  deliver(message: IncomingMessage, reply: string, signal: AbortSignal): Promise<void>
}

export interface TurnEnd {
  /** The terminal reply, as JSON. */
  readonly reply: string
  readonly writes: readonly Write[]
  readonly additions?: readonly Addition[]
}

/** The mailbox did not take a message. `unavailable`: nothing is kept; the same delivery may come again. */
export class MailboxError extends DeckhandError {
  override readonly name = 'MailboxError'
  readonly code: 'full' | 'unavailable'

  constructor(code: MailboxError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

/** Reason of an abort: a person stopped the turn. It ends with a word to them. */
export class StoppedByPerson extends Error {
  override readonly name = 'AbortError'
  constructor() {
    super('Stopped by the person')
  }
}

/** Reason of an abort: the turn is another process's now, or waits for one. It ends here without a word. */
export class LeaseLost extends Error {
  override readonly name = 'AbortError'
  constructor(why: string) {
    super(`The turn is no longer ours: ${why}`)
  }
}
