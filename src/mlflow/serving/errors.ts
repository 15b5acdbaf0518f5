import { DatabricksError } from '../../lib/databricks/error.ts'
import { ServingError, type ServingErrorCode } from './serving-error.ts'

/** A workspace's failure in the words of serving. `to`: what we wanted, after "cannot". Others come back as they are. */
export function toServingError(error: unknown, to: string): unknown {
  if (!(error instanceof DatabricksError)) return error
  const failed = (code: ServingErrorCode, userMessage: string): ServingError =>
    new ServingError(code, `Cannot ${to}: ${error.message}`, { userMessage, cause: error })
  switch (error.code) {
    case 'unauthenticated':
    case 'misconfigured':
      return failed(
        'no-access',
        `We may not ${to}: Databricks does not accept our sign-in. Please check the credentials.`,
      )
    case 'no-access':
      return failed(
        'no-access',
        `We may not ${to}. Please ask an administrator for CAN MANAGE on the endpoint and EXECUTE on the model. The endpoint’s creator needs EXECUTE, too.`,
      )
    case 'not-found':
      return failed('not-found', `Cannot ${to}: there is no such endpoint, or we may not see it (CAN VIEW).`)
    case 'conflict':
      return error.errorCode?.endsWith('ALREADY_EXISTS') === true
        ? failed('conflict', `Cannot ${to}: there is one of this name already.`)
        : failed('busy', `Cannot ${to}: another change of the endpoint is under way. Please wait for its end.`)
    case 'bad-request':
      // Which status refuses a change during another one is not documented; the words are.
      return /another update|being updated|update .*in progress/i.test(error.message)
        ? failed('busy', `Cannot ${to}: another change of the endpoint is under way. Please wait for its end.`)
        : failed('rejected', `Cannot ${to}: Databricks does not accept it. The log says why.`)
    case 'rate-limited':
    case 'unavailable':
    case 'timeout':
    case 'bad-answer':
      return failed('unreachable', `Cannot ${to}: Databricks does not answer. Please try again in a moment.`)
  }
}

/** The request may have done its work all the same. */
export function mayHaveHappened(error: unknown): boolean {
  const cause = error instanceof ServingError ? error.cause : error
  return cause instanceof DatabricksError && cause.mayHaveHappened
}
