import { DeckhandError, type ErrorDetails } from '../../lib/errors.ts'

export type ServingErrorCode =
  /** We may not do this. */
  | 'no-access'
  /** There is no such endpoint. */
  | 'not-found'
  /** Another change to the endpoint is under way. */
  | 'busy'
  /** There is another endpoint of this name. */
  | 'conflict'
  | 'update-failed'
  | 'update-cancelled'
  /** The endpoint settled on something that was not asked for. */
  | 'replaced'
  | 'timeout'
  /** The endpoint is stopped, or its model is not up. */
  | 'not-ready'
  /** The model failed on the request. */
  | 'model-failed'
  /** No answer, or none that tells anything. */
  | 'unreachable'
  /** The workspace will never take this. */
  | 'rejected'

/** A serving endpoint could not do what was asked. */
export class ServingError extends DeckhandError {
  override readonly name = 'ServingError'
  readonly code: ServingErrorCode
  /** The end of what the model's build, or the model, printed; '' where nothing is known. For operators. */
  readonly logTail: string

  constructor(code: ServingErrorCode, message: string, details: ErrorDetails & { readonly logTail?: string }) {
    super(message, details)
    this.code = code
    this.logTail = details.logTail ?? ''
  }
}
