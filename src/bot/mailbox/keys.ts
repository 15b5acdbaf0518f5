import type { ThreadId } from '../thread.ts'

/**
 * What the mailbox keeps in Redis. Everything of a thread goes as soon as its last end is delivered, but for the marks of
 * deliveries seen, which go by themselves.
 */
export interface ThreadKeys {
  /** List of turn ids that wait for their end, the running one first. */
  readonly inbox: string
  /** Hash: turn id → message, until its end is delivered. */
  readonly messages: string
  /** List of turn ids whose end is to be delivered. */
  readonly outbox: string
  /** Hash: turn id → end. */
  readonly ends: string
  /** Hash: `token` of the worker that may write; `turn` it runs, with how often that was claimed and survived. */
  readonly lease: string
  /** Set of turn ids that a person wants stopped. */
  readonly stops: string
  readonly seen: (turnId: string) => string
  /** Hash: step → what it came to. */
  readonly journal: (turnId: string) => string
}

export function keysOf(thread: ThreadId): ThreadKeys {
  const root = `deckhand:mail:{${thread}}`
  return {
    inbox: `${root}:inbox`,
    messages: `${root}:messages`,
    outbox: `${root}:outbox`,
    ends: `${root}:ends`,
    lease: `${root}:lease`,
    stops: `${root}:stops`,
    seen: (turnId) => `${root}:seen:${turnId}`,
    journal: (turnId) => `${root}:journal:${turnId}`,
  }
}

/** Sorted set: threads with something in inbox or outbox, by the time (ms) of the last step forward. */
export const busyThreads = 'deckhand:mail:busy'
/** List of turns given up, newest first. */
export const deadLetters = 'deckhand:mail:dead'
/** Held by the process that looks for lost wake-ups next. */
export const sweepLock = 'deckhand:mail:sweeping'
/** Channel on which turn ids to be stopped are called out. */
export const stopChannel = 'deckhand:mail:stop'
