import { DeckhandError, type ErrorDetails } from '../../lib/errors.ts'
import type { Table } from '../../render/table.ts'

/** The contract with a Genie space: a question in words, governed rows back. */
export interface Genie {
  /**
   * Asks in the given conversation, or starts one, and waits for the final answer.
   * Never asks twice: an unclear failure of the asking POST is resolved by looking for the question in the conversation.
   * @throws GenieError
   */
  ask(question: GenieQuestion, signal: AbortSignal): Promise<GenieAnswer>
  /**
   * A space the caller may use: its title.
   * @throws GenieError `not-found` when there is none or the caller may not see it
   */
  getSpace(spaceId: string, signal: AbortSignal): Promise<{ readonly spaceId: string; readonly title: string }>
}

export interface GenieQuestion {
  readonly spaceId: string
  readonly conversationId?: string
  readonly question: string
  /**
   * Called on each new status, in Genie's words (`ASKING_AI`, `EXECUTING_QUERY` …), unknown ones included. While a rate
   * limit holds the question back the status is `WAITING_FOR_RATE_LIMIT` and `waitMs` says how long.
   */
  readonly onStatus?: (status: string, waitMs?: number) => void
  /** What this question became when it was asked before: that is waited for, nothing is asked again. */
  readonly asked?: GenieMessage
  /**
   * Somebody began to ask it then (ms since the epoch), and nobody knows whether it arrived: a follow-up is looked for in
   * its conversation first. (A first question is not: an equal one of another thread could be taken for it.)
   */
  readonly mayBeAskedSince?: number
  /** Called before the question is sent, and awaited: its rejection keeps it from being asked. */
  readonly onAsking?: () => Promise<void>
  /** Called as soon as Genie has taken the question, and awaited: its rejection ends the waiting. */
  readonly onAsked?: (message: GenieMessage) => Promise<void>
}

/** A question that Genie has taken. */
export interface GenieMessage {
  readonly conversationId: string
  readonly messageId: string
}

interface AnswerBase extends GenieMessage {
  /** Follow-up questions that Genie suggests; may be empty. */
  readonly suggestions: readonly string[]
}

/** What Genie said. `text` of a `table` answer is its summary, possibly empty. */
export type GenieAnswer =
  /** `table.id` is empty here: the caller numbers its tables. Zero rows is an answer too. */
  | (AnswerBase & { readonly kind: 'table'; readonly table: Table; readonly text: string })
  /** No query: a question back (`asksBack`), or an answer in words. */
  | (AnswerBase & { readonly kind: 'text'; readonly text: string; readonly asksBack: boolean })

/** Genie could not answer. `vendorType` keeps Genie's own error type when it gave one. */
export class GenieError extends DeckhandError {
  override readonly name = 'GenieError'
  readonly code: 'failed' | 'no-access' | 'not-found' | 'rate-limited' | 'timeout' | 'unavailable' | 'cancelled'
  readonly vendorType?: string
  /** How long Genie asks us to wait before the next question, when it said so. */
  readonly retryAfterMs?: number
  /** From the failing message, so that a person can go on from there. */
  readonly suggestions: readonly string[]

  constructor(
    code: GenieError['code'],
    message: string,
    details: ErrorDetails & {
      readonly vendorType?: string
      readonly retryAfterMs?: number
      readonly suggestions?: readonly string[]
    },
  ) {
    super(message, details)
    this.code = code
    if (details.vendorType !== undefined) this.vendorType = details.vendorType
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    this.suggestions = details.suggestions ?? []
  }
}
