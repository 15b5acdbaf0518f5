import { DeckhandError, type ErrorDetails } from '../../lib/errors.ts'

export type RegistryErrorCode =
  /** We may not do this; the message names the grant. */
  | 'no-access'
  /** There is no such model or version. */
  | 'not-found'
  /** The version did not become ready. */
  | 'not-ready'
  /** Somebody else changed the same thing. */
  | 'conflict'
  /** No answer, or none that tells anything. */
  | 'unreachable'
  /** The registry will never take this. */
  | 'rejected'

/** The model registry could not do what was asked. */
export class RegistryError extends DeckhandError {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode

  constructor(code: RegistryErrorCode, message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

/** The request may have done its work all the same. */
export function isUnclear(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'unreachable'
}
