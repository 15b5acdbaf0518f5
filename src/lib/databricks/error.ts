import { DeckhandError, type ErrorDetails } from '../errors.ts'

export type DatabricksErrorCode =
  | 'misconfigured'
  | 'unauthenticated'
  | 'no-access'
  | 'not-found'
  | 'bad-request'
  | 'conflict'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'bad-answer'

export interface DatabricksErrorDetails extends Partial<ErrorDetails> {
  readonly status?: number
  readonly errorCode?: string
  readonly retryAfterMs?: number
  readonly mayHaveHappened?: boolean
}

/** A call to the workspace failed. The vendor's own status and error code stand beside ours. */
export class DatabricksError extends DeckhandError {
  override readonly name = 'DatabricksError'
  readonly code: DatabricksErrorCode
  /** HTTP status; absent when no response came. */
  readonly status?: number
  /** The vendor's code as text, such as `RESOURCE_DOES_NOT_EXIST`, when it gave one. */
  readonly errorCode?: string
  /** How long the vendor asks us to wait: the longest of its hints. */
  readonly retryAfterMs?: number
  /** True when the work may have been done although the call failed: repeating it could do it twice. */
  readonly mayHaveHappened: boolean

  constructor(code: DatabricksErrorCode, message: string, details: DatabricksErrorDetails = {}) {
    super(message, { cause: details.cause, userMessage: details.userMessage ?? userMessages[code] })
    this.code = code
    this.mayHaveHappened = details.mayHaveHappened ?? false
    if (details.status !== undefined) this.status = details.status
    if (details.errorCode !== undefined) this.errorCode = details.errorCode
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
  }
}

const userMessages = {
  misconfigured: 'The connection to Databricks is not set up correctly. Please tell your administrator.',
  unauthenticated: 'Databricks did not accept our sign-in. Please ask your administrator to check the credentials.',
  'no-access': 'Databricks refused access to this. Please ask your administrator for permission.',
  'not-found': 'Databricks does not know this, or we may not see it. Please ask your administrator.',
  'bad-request': 'Databricks did not accept our request. Please try again in other words, or tell your administrator.',
  conflict: 'Databricks is busy with another change to the same thing. Please try again in a moment.',
  'rate-limited': 'Databricks is receiving too many requests right now. Please try again in a minute.',
  unavailable: 'Databricks cannot be reached right now. Please try again in a moment.',
  timeout: 'Databricks took too long to answer. Please try again.',
  'bad-answer': 'Databricks sent an answer that we cannot read. Please try again, or tell your administrator.',
} satisfies Record<DatabricksErrorCode, string>

/** A failure that may well be gone at the next try. */
export function isTransient(error: unknown): error is DatabricksError {
  return (
    error instanceof DatabricksError &&
    (error.code === 'unavailable' || error.code === 'timeout' || error.code === 'rate-limited')
  )
}
