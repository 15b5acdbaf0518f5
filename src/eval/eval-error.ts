import { DeckhandError } from '../lib/errors.ts'

/** An evaluation cannot be run, or its words cannot be read. */
export class EvalError extends DeckhandError {
  override readonly name = 'EvalError'
  /** `usage`: what was asked for has to be put right. `no-truth`: expected values cannot be computed. */
  readonly code: 'usage' | 'no-truth'

  constructor(code: EvalError['code'], message: string, cause?: unknown) {
    super(message, { userMessage: `${message}.`, cause })
    this.code = code
  }
}
