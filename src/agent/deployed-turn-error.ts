import { DeckhandError } from '../lib/errors.ts'
import type { RowAnswer } from '../served-agent/row.ts'
import { traceOf } from './endpoint-outcome.ts'

/** The deployed agent answered that the turn failed, in its own words for the person. */
export class DeployedTurnError extends DeckhandError {
  override readonly name = 'DeployedTurnError'
  readonly code = 'deployed-turn-failed'
  readonly trace: ReturnType<typeof traceOf>

  constructor(endpoint: string, answer: RowAnswer) {
    super(`The turn failed at endpoint ${endpoint}: ${answer.error}`, { userMessage: answer.error })
    this.trace = traceOf(answer)
  }
}
