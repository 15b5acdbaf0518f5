import { DeckhandError } from '../../lib/errors.ts'

export type ReleaseErrorCode =
  /** mlflow.yaml has no such environment, or it has no endpoint. */
  | 'unknown-environment'
  | 'unknown-version'
  /** The version is there, but its files are not. */
  | 'version-not-ready'
  /** All is as it is wished already. */
  | 'nothing-to-do'
  /** Nothing is known that served before. */
  | 'nothing-before'
  /** The plan is not known, or older than it may be. */
  | 'expired'
  /** Something is no longer as it was planned. */
  | 'changed'
  | 'not-approved'
  | 'own-approval'
  /** Somebody changed the endpoint beside us. */
  | 'drift'
  | 'locked'
  /** Another release, or another change to the endpoint, is under way. */
  | 'busy'
  /** There is nothing to cancel or to unlock. */
  | 'nothing-there'
  | 'too-late'
  /** The served model did not pass its smoke test. */
  | 'smoke-failed'
  /** The canary was worse than it may be. */
  | 'canary-failed'
  | 'cancelled'
  /** A step took longer than it may. */
  | 'timeout'
  /** Another process has taken over. */
  | 'lease-lost'

/** A release was refused, or did not work out. */
export class ReleaseError extends DeckhandError {
  override readonly name = 'ReleaseError'
  readonly code: ReleaseErrorCode
  /** The end of what the model printed; '' where nothing is known. For operators. */
  readonly logTail: string

  /** One line for both readers unless `userMessage` says it in plainer words. */
  constructor(
    code: ReleaseErrorCode,
    message: string,
    details: { readonly userMessage?: string; readonly cause?: unknown; readonly logTail?: string } = {},
  ) {
    super(message, { userMessage: details.userMessage ?? `${message}.`, cause: details.cause })
    this.code = code
    this.logTail = details.logTail ?? ''
  }
}
