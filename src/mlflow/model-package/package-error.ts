import { DeckhandError, type ErrorDetails } from '../../lib/errors.ts'

/**
 * The model folder could not be written. `bad-folder`: it cannot be written there, or something else is there;
 * `bundle`: the agent cannot be bundled; `secret`: a file of the configuration holds a secret.
 */
export class PackageError extends DeckhandError {
  override readonly name = 'PackageError'
  readonly code: 'bad-folder' | 'bundle' | 'secret'

  constructor(code: PackageError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}
