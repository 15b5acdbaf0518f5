import { DeckhandError, type ErrorDetails } from '../lib/errors.ts'

export type MlflowErrorCode =
  /** No response, or one that asks to come back later (408, 429, 502, 503, 504). */
  | 'unreachable'
  /** 401, 403, or a redirect to a login page. */
  | 'no-access'
  /** 403 from the server's own Host check. */
  | 'host-refused'
  /** What answers is not an MLflow server we understand. */
  | 'not-mlflow'
  /** The experiment, run or trace does not exist (any more). */
  | 'not-found'
  | 'already-exists'
  /** The server failed on this request (500, integrity conflicts): it may work the next time. */
  | 'server-error'
  /** The server does not have this call. */
  | 'unsupported'
  /** The server will never take this request. */
  | 'rejected'

/** MLflow could not do what was asked. */
export class MlflowError extends DeckhandError {
  override readonly name = 'MlflowError'
  readonly code: MlflowErrorCode
  /** How long the server asked us to wait. */
  readonly retryAfterMs: number | undefined
  /** HTTP status; absent when no response came. */
  readonly status: number | undefined

  constructor(
    code: MlflowErrorCode,
    message: string,
    details: Partial<ErrorDetails> & {
      readonly retryAfterMs?: number | undefined
      readonly status?: number | undefined
    } = {},
  ) {
    super(message, { userMessage: 'The record of this answer could not be written to MLflow.', cause: details.cause })
    this.code = code
    this.retryAfterMs = details.retryAfterMs
    this.status = details.status
  }
}

/** MLflow will never do what was asked, however often it is asked again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof MlflowError && (error.code === 'rejected' || error.code === 'unsupported')
}

/** The folder where traces wait cannot be used. */
export class SpoolError extends DeckhandError {
  override readonly name = 'SpoolError'
  readonly code = 'no-spool'

  constructor(dir: string, cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not usable'
    super(`Cannot keep traces in ${dir}: ${why}, expected a folder to write in (DECKHAND_SPOOL_DIR)`, {
      userMessage: 'The record of this answer cannot be kept. Please tell your administrator.',
      cause,
    })
  }
}
